import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import type { ClientBundle } from '../../../src/client/index.ts';
import { temporaryFolder } from '../../server/index.ts';

/** The question of each client: who it is and where, so that a name that a client reads differently is seen. */
export const query = "select current_user::text || ' @ ' || current_database()::text as name";

/** The parts of a connection that a view may have no place for. */
export interface Parts {
  readonly database: string;
  readonly directory: string;
  readonly passphrase: string;
}

/** A client that connects with a view of this library, and with nothing by hand. */
export interface MatrixClient {
  /** The client and the view. */
  readonly name: string;
  /** Why the client cannot run here, or `false`. */
  readonly skip: string | false;
  /** Whether the client opens an encrypted key with this view. */
  readonly encrypted: boolean;
  /** The characters of each part that the view refuses, because the client would read them differently. */
  readonly refused?: Readonly<Partial<Record<keyof Parts, RegExp>>>;
  /** The characters of a database that the client does not read as they stand in the view. */
  readonly misread?: RegExp;
  /** Connects by the files in the directory or by their contents, and returns the answer to `query`. */
  readonly ask: (bundle: ClientBundle, directory: string) => Promise<string>;
}

/** Why a client cannot run here: one of its files is missing. */
export function missing(name: string, ...paths: readonly string[]): string | false {
  return paths.every((path) => existsSync(path)) ? false : `${name} is not installed`;
}

/** What a program prints, without the last line end. It gets little more than the character set from its environment. */
export async function printed(
  [program, ...parameters]: readonly [string, ...string[]],
  { input = '', env = {} }: { readonly input?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<string> {
  const running = promisify(execFile)(program, parameters, {
    env: { PATH: process.env.PATH, LC_ALL: 'C.UTF-8', HOME: temporaryFolder(), ...env },
    timeout: 180_000,
  });
  running.child.stdin!.end(input);
  return (await running).stdout.replace(/\n$/, '');
}
