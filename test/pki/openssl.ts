import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Why the tests that have OpenSSL for a judge cannot run here, or `false`. */
export const withoutOpenssl: string | false =
  spawnSync('openssl', ['version']).status === 0 ? false : 'the openssl command is not installed';

/** What a run of the openssl command gave. */
export interface OpensslResult {
  readonly ok: boolean;
  readonly output: string;
}

/** Runs openssl in a fresh folder that holds the given files, and returns all it printed. */
export function openssl(
  args: readonly string[],
  files: Readonly<Record<string, string | Uint8Array>> = {},
): OpensslResult {
  const folder = mkdtempSync(join(tmpdir(), 'pg-hostssl-openssl-'));
  try {
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
    const { status, stdout, stderr } = spawnSync('openssl', args, { cwd: folder, encoding: 'utf8' });
    return { ok: status === 0, output: stdout + stderr };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
