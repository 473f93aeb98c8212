/** A place in which packages, images and their users keep servers. */
export interface Layout {
  /** Its name. */
  readonly name: 'debian' | 'docker' | 'homebrew' | 'rpm' | 'other';
  /** Paths of data directories. `*` matches one name. */
  readonly dataDirectories?: readonly string[];
  /** Paths of postgresql.conf where it is not in the data directory. */
  readonly confs?: readonly string[];
}

/** The layouts in the order in which they are looked for. */
export const layouts: readonly Layout[] = [
  // postgresql-common: pg_createcluster
  {
    name: 'debian',
    confs: ['/etc/postgresql/*/*/postgresql.conf'],
    dataDirectories: ['/var/lib/postgresql/*/*'],
  },
  // PGDATA of the images postgres and postgis; since 18 with the major version in the path
  { name: 'docker', dataDirectories: ['/var/lib/postgresql/data', '/var/lib/postgresql/*/docker'] },
  // Red Hat's and SUSE's own packages, and those of the PGDG
  { name: 'rpm', dataDirectories: ['/var/lib/pgsql/data', '/var/lib/pgsql/*/data'] },
  {
    name: 'homebrew',
    dataDirectories: [
      ...['/opt/homebrew/var/postgresql@*', '/opt/homebrew/var/postgres', '/usr/local/var/postgresql@*'],
      ...['/usr/local/var/postgres', '/home/linuxbrew/.linuxbrew/var/postgresql@*'],
    ],
  },
  // Alpine, Arch, FreeBSD
  {
    name: 'other',
    dataDirectories: ['/var/lib/postgresql/*/data', '/var/lib/postgres/data', '/var/db/postgres/data*'],
  },
];
