import type { ReadingPort } from '../disk/reading-port.ts';

/** The paths that a distribution of PostgreSQL uses for its servers. */
export interface Layout {
  /** The name of the layout. */
  readonly name: 'debian' | 'docker' | 'homebrew' | 'rpm' | 'other';
  /** Paths of data directories. `*` matches one name. */
  readonly dataDirectories?: readonly string[];
  /** Paths of postgresql.conf, if the file is not in the data directory. */
  readonly confs?: readonly string[];
}

/** The layouts, in the order of the search. */
export const layouts: readonly Layout[] = [
  // The directories that `pg_createcluster` of Debian and Ubuntu uses.
  {
    name: 'debian',
    confs: ['/etc/postgresql/*/*/postgresql.conf'],
    dataDirectories: ['/var/lib/postgresql/*/*'],
  },
  // PGDATA of the Docker images postgres and postgis. Since 18, the path contains the major version.
  { name: 'docker', dataDirectories: ['/var/lib/postgresql/data', '/var/lib/postgresql/*/docker'] },
  // The data directories of the packages of Red Hat, SUSE and the PGDG.
  { name: 'rpm', dataDirectories: ['/var/lib/pgsql/data', '/var/lib/pgsql/*/data'] },
  {
    name: 'homebrew',
    dataDirectories: [
      ...['/opt/homebrew/var/postgresql@*', '/opt/homebrew/var/postgres', '/usr/local/var/postgresql@*'],
      ...['/usr/local/var/postgres', '/home/linuxbrew/.linuxbrew/var/postgresql@*'],
    ],
  },
  // The data directories of the packages of Alpine, Arch and FreeBSD.
  {
    name: 'other',
    dataDirectories: ['/var/lib/postgresql/*/data', '/var/lib/postgres/data', '/var/db/postgres/data*'],
  },
];

/**
 * The paths that match the patterns of a layout. A part of a path without `*` need not exist.
 *
 * @param list returns the names in a directory; a directory that cannot be read has none
 */
export async function matchingPaths(
  patterns: readonly string[],
  list: ReadingPort['list'],
): Promise<readonly string[]> {
  const below = async (folder: string, [part, ...rest]: readonly string[]): Promise<readonly string[]> => {
    if (part === undefined) return [folder];
    if (!part.includes('*')) return below(`${folder}/${part}`, rest);
    const [before, after] = part.split('*') as [string, string];
    const names = await list(folder === '' ? '/' : folder).catch(() => []);
    const fitting = names.filter(
      (name) => name.startsWith(before) && name.endsWith(after) && name.length >= part.length - 1,
    );
    return (await Promise.all(fitting.sort().map((name) => below(`${folder}/${name}`, rest)))).flat();
  };
  return (await Promise.all(patterns.map((pattern) => below('', pattern.split('/').slice(1))))).flat();
}
