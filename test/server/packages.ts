import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type PgMajor, pgMajors } from '../../src/version.ts';

/** The repository's folder, found from the compiled tests as well as from their sources. */
export const repositoryRoot: string = findRepositoryRoot(dirname(fileURLToPath(import.meta.url)));

const npmFolder = join(repositoryRoot, 'test', 'server', 'npm');

/** The majors that have a server package for this platform, oldest first. */
export const availableMajors: readonly PgMajor[] = listAvailableMajors();

/** The majors to judge by: those that have a server, or of them those that PG_HOSTSSL_MAJORS names (`10,18`). */
export const judgingMajors: readonly PgMajor[] = availableMajors.filter(isNamed);

/** The folder of a major's programs that the environment names, such as PG_HOSTSSL_PROGRAMS_19=/opt/pg19/bin. */
export function programsFromEnvironment(major: PgMajor): string | undefined {
  return process.env[programsVariable(major)] || undefined;
}

/** The variable of {@link programsFromEnvironment}. */
export function programsVariable(major: PgMajor): string {
  return `PG_HOSTSSL_PROGRAMS_${major}`;
}

/** Why a test of a major that is not named is skipped. */
export const namesOthers = 'PG_HOSTSSL_MAJORS names others';

/** Whether a server of this major is to judge: PG_HOSTSSL_MAJORS names it, or nothing. */
export function isNamed(major: PgMajor): boolean {
  return (process.env.PG_HOSTSSL_MAJORS ?? String(major)).split(',').includes(String(major));
}

/** The configuration samples that every server brings along. */
export type SampleName = 'postgresql.conf.sample' | 'pg_hba.conf.sample' | 'pg_ident.conf.sample';

/** The bytes of a major's own sample file, from which its initdb makes the stock file. */
export function readSample(major: PgMajor, name: SampleName): Uint8Array {
  return readFileSync(join(samplesFolder(major), name));
}

/** The folder in which a major keeps its sample files. */
export function samplesFolder(major: PgMajor): string {
  return join(packagedServer(major), 'share', 'postgresql');
}

/**
 * The folder of a major's server as npm installed it, with `bin`, `lib` and `share` in it. To run something from it,
 * use `serverBinary` instead, which sees to it that the server's account can read it.
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

function findRepositoryRoot(folder: string): string {
  if (existsSync(join(folder, 'test', 'server', 'npm', 'package.json'))) return folder;
  if (folder === dirname(folder)) throw new Error('The test servers are not run from within the repository');
  return findRepositoryRoot(dirname(folder));
}
