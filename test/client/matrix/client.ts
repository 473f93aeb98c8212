import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import type { ClientBundle } from '../../../src/client/index.ts';
import { temporaryFolder } from '../../server/index.ts';

/** The query of each client: user, database and text, so that a misread name shows. */
export const query = "select current_user::text || ' @ ' || current_database()::text as name";

/** The parts of a connection that a view may be unable to express. */
export interface Parts {
  readonly database: string;
  readonly directory: string;
  readonly passphrase: string;
}

/** A client that connects with a view of this library, without manual changes. */
export interface MatrixClient {
  /** The client and the view. */
  readonly name: string;
  /** The reason why the client cannot run on this machine, or `false`. */
  readonly skip: string | false;
  /** True if the client opens an encrypted key with this view. */
  readonly encrypted: boolean;
  /** The characters of each part that the view rejects, because the client would read them differently. */
  readonly refused?: Readonly<Partial<Record<keyof Parts, RegExp>>>;
  /** The characters of a database name that the client misreads. */
  readonly misread?: RegExp;
  /** Connects with the files in the directory, or with their contents, and returns the answer to `query`. */
  readonly ask: (bundle: ClientBundle, directory: string) => Promise<string>;
}

/** Returns the reason why a client cannot run: one of its files is missing. Otherwise returns `false`. */
export function missing(name: string, ...paths: readonly string[]): string | false {
  return paths.every((path) => existsSync(path)) ? false : `${name} is not installed`;
}

/** Returns the output of a program without its last line end. The program gets little more than the character set in its environment. */
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
