import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import type { PgMajor } from '../../src/version.ts';
import { serverSpawnOptions } from './account.ts';
import { serverBinary } from './binaries.ts';
import { type ServerFiles, writeServerFiles } from './files.ts';
import { temporaryFolder } from './temporary.ts';

/** What `postgres -C` said. */
export type PostgresCResult =
  | { readonly accepted: true; readonly value: string }
  | { readonly accepted: false; readonly message: string };

/**
 * Asks `postgres -D … -C name` for the value that a server would start with, or why it would not; some 20 ms. The
 * configuration is a data directory, or the files of one that is made for the question.
 */
export async function runPostgresC(
  major: PgMajor,
  configuration: string | ServerFiles,
  name: string,
): Promise<PostgresCResult> {
  if (typeof configuration === 'string') return ask(major, configuration, name);
  const folder = temporaryFolder();
  try {
    writeServerFiles(folder, configuration);
    return await ask(major, folder, name);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function ask(major: PgMajor, folder: string, name: string): Promise<PostgresCResult> {
  return new Promise((resolve, reject) => {
    const program = serverBinary(major, 'postgres');
    execFile(program, ['-D', folder, '-C', name], serverSpawnOptions(), (error, stdout, stderr) => {
      if (error === null) resolve({ accepted: true, value: String(stdout).replace(/\n$/, '') });
      else if (typeof error.code === 'number') resolve({ accepted: false, message: String(stderr) });
      else reject(error);
    });
  });
}
