import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type PgMajor, pgMajors } from '../../src/version.ts';
import { repositoryRoot } from '../repository.ts';

const npmFolder = join(repositoryRoot, 'test', 'server', 'npm');

/** The major versions that have a server package for this platform, oldest first. */
export const availableMajors: readonly PgMajor[] = listAvailableMajors();

/**
 * The major versions whose servers the tests run: all available ones and those of {@link programsFromEnvironment}. If
 * PG_HOSTSSL_MAJORS is set, only the versions that it names (`10,18`).
 */
export const judgingMajors: readonly PgMajor[] = pgMajors.filter(
  (major) => isNamed(major) && (availableMajors.includes(major) || programsFromEnvironment(major) !== undefined),
);

/** The reason why the tests that ask every server of {@link judgingMajors} are skipped, or `false`. */
export const withoutJudges: string | false = judgingMajors.length === 0 && 'no server of these major versions';

/**
 * Returns the folder of programs that an environment variable names for a major version, such as
 * PG_HOSTSSL_PROGRAMS_19=/opt/pg19/bin.
 */
export function programsFromEnvironment(major: PgMajor): string | undefined {
  return process.env[programsVariable(major)] || undefined;
}

/** Returns the name of the environment variable that {@link programsFromEnvironment} reads. */
export function programsVariable(major: PgMajor): string {
  return `PG_HOSTSSL_PROGRAMS_${major}`;
}

/** The reason why tests are skipped if PG_HOSTSSL_MAJORS does not name their major version. */
export const namesOthers = 'PG_HOSTSSL_MAJORS names others';

/** Returns true if the tests use this major version: PG_HOSTSSL_MAJORS names it, or is not set. */
export function isNamed(major: PgMajor): boolean {
  return (process.env.PG_HOSTSSL_MAJORS ?? String(major)).split(',').includes(String(major));
}

/** The names of the sample configuration files that every server package contains. */
export type SampleName = 'postgresql.conf.sample' | 'pg_hba.conf.sample' | 'pg_ident.conf.sample';

/** Returns the bytes of a sample file, from which the initdb of that major version makes the stock file. */
export function readSample(major: PgMajor, name: SampleName): Uint8Array {
  return readFileSync(join(samplesFolder(major), name));
}

/** Returns the folder of the sample files of a major version. */
export function samplesFolder(major: PgMajor): string {
  const programs = programsFromEnvironment(major);
  if (programs === undefined) return join(packagedServer(major), 'share', 'postgresql');
  return spawnSync(join(programs, 'pg_config'), ['--sharedir'], { encoding: 'utf8' }).stdout.replace(/\n$/, '');
}

/**
 * Returns the folder of a server as npm installed it, with `bin`, `lib` and `share`. To run a program of the server,
 * use `serverBinary`, which makes sure that the account of the test servers can read the program.
 */
export function packagedServer(major: PgMajor): string {
  const folder = join(npmFolder, 'node_modules', packageAlias(major), 'native');
  if (existsSync(folder)) return folder;
  throw new Error(`There is no PostgreSQL ${major} in ${folder}: run \`npm run servers\` first`);
}

function listAvailableMajors(): readonly PgMajor[] {
  const { optionalDependencies } = JSON.parse(readFileSync(join(npmFolder, 'package.json'), 'utf8'));
  return pgMajors.filter((major) => packageAlias(major) in optionalDependencies);
}

function packageAlias(major: PgMajor): string {
  return `pg${major}-${process.platform}-${process.arch}`;
}
