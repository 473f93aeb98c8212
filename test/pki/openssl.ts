import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OpensslProfile } from '../../src/pki/index.ts';

const version = /^OpenSSL (\d+)\.(\d+)/.exec(spawnSync('openssl', ['version'], { encoding: 'utf8' }).stdout ?? '');

/** The reason why the tests that compare with the openssl command cannot run on this machine, or `false`. */
export const withoutOpenssl: string | false = version === null ? 'the openssl command is not installed' : false;

/** The reason why `openssl x509 -req` does not make certificates without extensions, as in the how-to, or `false`. */
export const withoutBareCertificates: string | false =
  version === null || Number(`${version[1]}.${version[2]}`) < 3.5
    ? withoutOpenssl
    : 'openssl x509 -req adds key identifiers';

/** The profile of `verifyChain` for the openssl command of this machine. */
export const profile: OpensslProfile = profileOf(Number(version?.[1] ?? 3), Number(version?.[2] ?? 0));

function profileOf(major: number, minor: number): OpensslProfile {
  if (major !== 3) return major < 3 ? '1.1.1' : '4';
  return minor < 5 ? '3' : minor === 5 ? '3.5' : '3.6';
}

/** The result of an openssl command. */
export interface OpensslResult {
  readonly ok: boolean;
  readonly output: string;
}

/** Runs openssl in a new folder that holds the given files, and returns all output of the command. */
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

/**
 * Returns the names of the certificates that OpenSSL can load, whether they verify or not. One run of openssl loads all
 * of them.
 */
export function loadedByOpenssl(pems: Readonly<Record<string, string>>): ReadonlySet<string> {
  const names = Object.keys(pems);
  const { output } = openssl(['verify', ...names], pems);
  const refused = new Set(
    Array.from(output.matchAll(/^Could not (?:read|find|find or decode) .* from (.*)$/gm), ([, name]) => name),
  );
  return new Set(names.filter((name) => !refused.has(name)));
}

/**
 * Runs several openssl commands in one new folder, and returns the texts of the named files. All commands must succeed.
 */
export function opensslFiles(
  commands: readonly (readonly string[])[],
  names: readonly string[],
  files: Readonly<Record<string, string | Uint8Array>> = {},
): Readonly<Record<string, string>> {
  const made = opensslBytes(commands, names, files);
  return Object.fromEntries(Object.entries(made).map(([name, content]) => [name, content.toString('utf8')]));
}

/** Does the same as {@link opensslFiles}, but returns the bytes of the named files. */
export function opensslBytes(
  commands: readonly (readonly string[])[],
  names: readonly string[],
  files: Readonly<Record<string, string | Uint8Array>> = {},
): Readonly<Record<string, Buffer>> {
  const folder = mkdtempSync(join(tmpdir(), 'pg-hostssl-openssl-'));
  try {
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
    for (const command of commands) {
      const { status, stderr } = spawnSync('openssl', command, { cwd: folder, encoding: 'utf8' });
      if (status !== 0) throw new Error(`openssl ${command.join(' ')}: ${stderr}`);
    }
    return Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, name))]));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Returns the arguments of openssl after `-newkey` for an EC key on a curve. */
export function newEcKey(curve: string): readonly string[] {
  return ['ec', '-pkeyopt', `ec_paramgen_curve:${curve}`];
}
