import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { repositoryRoot } from '../repository.ts';

/** The C functions that judge.c can call. */
export type CFunction =
  | 'strtol0'
  | 'strtol10'
  | 'strtoul0'
  | 'strtod'
  | 'atoi'
  | 'isspace'
  | 'tolower'
  | 'toupper'
  | 'compare'
  | 'address';

const compiler = ['cc', 'gcc', 'clang'].find((name) => spawnSync(name, ['--version']).status === 0);

/** The reason why no C compiler can be used on this machine, or undefined. */
export const withoutCompiler: string | undefined =
  compiler === undefined
    ? 'there is no C compiler (cc, gcc, clang) on this machine'
    : process.platform === 'linux'
      ? undefined
      : 'the functions are those of glibc';

/** Returns the result of the C library for each text: the lines that judge.c prints. */
export function askC(name: CFunction, texts: readonly (string | Uint8Array)[]): readonly string[] {
  const folder = mkdtempSync(join(tmpdir(), 'pg-hostssl-judge-'));
  try {
    const program = join(folder, 'judge');
    const source = join(repositoryRoot, 'test/c/judge.c');
    const built = spawnSync(compiler!, ['-std=gnu11', '-Wall', '-o', program, source], { encoding: 'utf8' });
    if (built.status !== 0) throw new Error(built.stderr);
    const input = Buffer.concat(
      texts.flatMap((text) => [Buffer.from(`${name}\0`), Buffer.from(text as string), Buffer.of(0)]),
    );
    const env = { ...process.env, LC_ALL: 'C' };
    const { status, stdout, error } = spawnSync(program, [], { input, env, maxBuffer: 2 ** 30, encoding: 'utf8' });
    if (status !== 0) throw error ?? new Error(`judge ended with ${status}`);
    return stdout.split('\n').slice(0, -1);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
