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
