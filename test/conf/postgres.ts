import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type PgMajor, pgMajors } from '../../src/version.ts';

const servers = fileURLToPath(new URL('../../../test/server/npm/node_modules', import.meta.url));

/** The majors whose real servers are installed here. */
export const installedMajors: readonly PgMajor[] = pgMajors.filter((major) => existsSync(nativePath(major)));

/** A path inside a major's installation. */
export function nativePath(major: PgMajor, ...path: readonly string[]): string {
  return join(servers, `pg${major}-${process.platform}-${process.arch}`, 'native', ...path);
}

/** The bytes of the postgresql.conf.sample that a major comes with. */
export function sampleBytes(major: PgMajor): Uint8Array {
  return readFileSync(nativePath(major, 'share', 'postgresql', 'postgresql.conf.sample'));
}

/** What `postgres -C name` says of a data directory's files: it loads them as a start of the server does. */
export interface Loaded {
  /** Whether the server would start with these files. */
  readonly accepted: boolean;
  /** The value of the asked setting, where accepted. */
  readonly value: string;
  /** The messages without time and process. */
  readonly messages: readonly string[];
}

/** Has the real server of a major load these files, named by their paths in the data directory, and show a setting. */
export function loadConf(
  major: PgMajor,
  files: Readonly<Record<string, string | Uint8Array>>,
  name = 'config_file',
): Loaded {
  const folder = mkdtempSync(join(tmpdir(), 'conf-'));
  try {
    for (const [path, content] of Object.entries(files)) {
      writeFileSync(join(folder, path), content);
      chmodSync(join(folder, path), 0o644);
    }
    const asRoot = process.getuid?.() === 0;
    if (asRoot) chownSync(folder, 65534, 65534);
    const { status, stdout, stderr } = spawnSync(nativePath(major, 'bin', 'postgres'), ['-D', folder, '-C', name], {
      encoding: 'utf8',
      env: { LC_ALL: 'C', PATH: process.env.PATH },
      ...(asRoot ? { uid: 65534, gid: 65534 } : {}),
    });
    const messages = stderr.split('\n').flatMap((line) => /(?:LOG|FATAL): {2}(?!skipping missing).*/.exec(line) ?? []);
    return { accepted: status === 0, value: stdout.replace(/\n$/, ''), messages };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
