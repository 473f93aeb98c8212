import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import type { ClientBundle } from '../../../src/client/index.ts';
import { temporaryFolder } from '../../server/temporary.ts';

/**
 * The query that each client program sends. Its answer contains the user and the database, so that a misread name is
 * noticed.
 */
export const query = "select current_user::text || ' @ ' || current_database()::text as name";

/** The parts of a connection that some views cannot express. */
export interface Parts {
  readonly database: string;
  readonly directory: string;
  readonly passphrase: string;
}

/** A client program that connects with the result of a view of this library, without manual changes. */
export interface MatrixClient {
  /** The name of the client program and of the view. */
  readonly name: string;
  /** The reason why the client program cannot run on this machine, or `false`. */
  readonly skip: string | false;
  /** Whether the client program can use an encrypted key with this view. */
  readonly encrypted: boolean;
  /**
   * For each part of a connection, the characters that the view rejects, because the client program would read them
   * differently.
   */
  readonly refused?: Readonly<Partial<Record<keyof Parts, RegExp>>>;
  /** The characters in a database name that the client program misreads. */
  readonly misread?: RegExp;
  /** Connects with the bundle or with its files in the directory, and returns the answer to {@link query}. */
  readonly ask: (bundle: ClientBundle, directory: string) => Promise<string>;
}

/** Returns the reason why a client program cannot run, if one of these paths is missing; otherwise `false`. */
export function missing(name: string, ...paths: readonly string[]): string | false {
  return paths.every((path) => existsSync(path)) ? false : `${name} is not installed`;
}

/** Runs a program with almost no environment variables, and returns its output without the last line end. */
export async function printed(
  [program, ...parameters]: readonly [string, ...string[]],
  { input = '', env = {} }: { readonly input?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<string> {
  const running = promisify(execFile)(program, parameters, {
    env: { PATH: process.env.PATH, LC_ALL: 'C.UTF-8', HOME: temporaryFolder(), ...env },
    timeout: 180_000,
  });
  // A program that reads no input can end before the pipe is closed. Its exit status says whether it failed.
  running.child.stdin!.on('error', () => undefined);
  running.child.stdin!.end(input);
  return (await running).stdout.replace(/\n$/, '');
}
