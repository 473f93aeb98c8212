import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { repositoryRoot } from '../repository.ts';
import { serverBinary } from '../server/index.ts';
import type { OpensslResult } from './openssl.ts';

const compiler = ['cc', 'gcc', 'clang'].find((name) => spawnSync(name, ['--version']).status === 0);
// The package of 10 has 1.1.1s. The others have the first release, which decides differently from all later ones.
const libraries = join(dirname(serverBinary(10, 'postgres')), '..', 'lib');
const library = join(libraries, 'libcrypto.so.1.1');

/** The reason why the tests cannot use OpenSSL 1.1.1 of the npm server packages on this machine, or `false`. */
export const withoutOldOpenssl: string | false =
  compiler === undefined
    ? 'there is no C compiler (cc, gcc, clang)'
    : !existsSync(library) && 'the packaged server has no OpenSSL 1.1.1';

/** Compiles the program that {@link verifyByOldOpenssl} runs. */
export function buildOldOpenssl(): { readonly program: string; readonly remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'pg-hostssl-openssl-'));
  const program = join(folder, 'judge');
  const source = join(repositoryRoot, 'test/pki/openssl-1.1.1.c');
  const { status, stderr } = spawnSync(compiler!, ['-o', program, source, library, `-Wl,-rpath,${libraries}`], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  return { program, remove: () => rmSync(folder, { recursive: true }) };
}

/**
 * Returns the verdict of OpenSSL 1.1.1 on a client's chain. `files` holds the contents of the files that the arguments
 * name, as for `openssl verify`.
 */
export function verifyByOldOpenssl(
  program: string,
  files: { readonly roots: string; readonly u: string; readonly sent?: string; readonly crls?: string },
): OpensslResult {
  const folder = mkdtempSync(join(tmpdir(), 'pg-hostssl-openssl-'));
  try {
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
    const args = ['roots', 'u', ...(['sent', 'crls'] as const).map((name) => (files[name] === undefined ? '-' : name))];
    const { status, stdout, signal } = spawnSync(program, args, { cwd: folder, encoding: 'utf8' });
    if (signal !== null || stdout === '') throw new Error(`The judge ended with ${status ?? signal}`);
    return { ok: status === 0, output: stdout };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
