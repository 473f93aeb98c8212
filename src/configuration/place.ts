import { assertPath, assertProperties, assertRecord, type PropertyNames } from '../arguments.ts';
import type { ConfValue } from '../conf/lines/quote.ts';
import { PgHostsslError } from '../errors.ts';
import type { PgMajor } from '../version.ts';

/** The place of a server's files. At least the data directory or the path of postgresql.conf is needed. */
export interface ConfigurationPlace {
  /**
   * The data directory. If not given, `data_directory` in postgresql.conf, or else the directory of postgresql.conf.
   */
  readonly dataDirectory?: string | undefined;
  /**
   * The path of postgresql.conf. If not given, `config_file` on the command line, or else the file in the data
   * directory.
   */
  readonly conf?: string | undefined;
  /** The major version. If not given, the version in the PG_VERSION file of the data directory. */
  readonly version?: PgMajor | undefined;
  /**
   * Settings on the server's command line. If not given, they come from postmaster.opts, which holds the command line
   * of the last start.
   */
  readonly commandLine?: Readonly<Record<string, ConfValue>> | undefined;
  /**
   * The directory in which the server was started. Relative paths in `hba_file` and `ident_file` start from this
   * directory.
   */
  readonly startDirectory?: string | undefined;
}

const placeNames: PropertyNames<ConfigurationPlace> = {
  dataDirectory: true,
  conf: true,
  version: true,
  commandLine: true,
  startDirectory: true,
};

/** The properties that a candidate of `locateConfiguration` has, but a `ConfigurationPlace` does not. */
const candidateNames = { layout: true, port: true, evidence: true };

/**
 * Checks a place that a JavaScript caller gives. A string is the path of a data directory.
 *
 * @throws PgHostsslError `argument-invalid`
 */
export function placeOf(place: string | ConfigurationPlace, what: string): ConfigurationPlace {
  const given = typeof place === 'string' ? { dataDirectory: place } : place;
  assertProperties<object>(given, { ...placeNames, ...candidateNames }, what);
  if (given.commandLine !== undefined) assertRecord(given.commandLine, `commandLine in ${what}`);
  for (const name of ['dataDirectory', 'conf', 'startDirectory'] as const) {
    if (given[name] !== undefined) assertPath(given[name], `${name} in ${what}`);
  }
  if (given.dataDirectory !== undefined || given.conf !== undefined) return given;
  throw new PgHostsslError('argument-invalid', `${what} must name a data directory or a postgresql.conf`);
}
