import {
  assertFunction,
  assertProperties,
  assertText,
  assertVersion,
  isTextList,
  kindOf,
  type PropertyNames,
} from './arguments.ts';
import { PgHostsslError } from './errors.ts';
import type { PgMajor } from './version.ts';

/** An optional part of a server build. Without this part, the server does not know an authentication method. */
export type ServerFeature = 'ldap' | 'pam' | 'gss' | 'sspi' | 'bsd';

/**
 * Facts about the server that decide whether it accepts a file. If a fact is missing, the diagnostic that depends on it
 * is a `warning` or an `info` instead of an `error`.
 */
export interface ServerFacts {
  /** `true` if `ssl` is on. */
  readonly ssl?: boolean | undefined;
  /**
   * `true` if the server has loaded `ssl_ca_file`, or the CA file of each record of pg_hosts.conf that it uses (19).
   * Without a CA file, the server refuses each connection for which a rule demands a client certificate, and 9.6
   * refuses a file that has a line with `clientcert=1`.
   */
  readonly sslCa?: boolean | undefined;
  /** The optional parts that the server is built with. */
  readonly features?: readonly ServerFeature[] | undefined;
  /** The names of the server's network interfaces. They decide whether `fe80::1%eth0` is an address or a host name. */
  readonly interfaces?: readonly string[] | undefined;
  /** The elements of `oauth_validator_libraries` (18+). */
  readonly oauthValidators?: readonly string[] | undefined;
  /** `true` if `db_user_namespace` is on (16 and older). The server then refuses method `md5`. */
  readonly dbUserNamespace?: boolean | undefined;
}

/** Options for parsing a configuration file. */
export interface ParseOptions {
  /** The server's major version, 18 by default. Major versions read the same bytes differently. */
  readonly version?: PgMajor | undefined;
  /** The path of the file. Diagnostics show it, and relative paths in include lines start from its directory. */
  readonly file?: string | undefined;
  /** Facts about the server that decide whether it accepts the file. */
  readonly server?: ServerFacts | undefined;
  /**
   * Reads a file that an include line or an `@file` names. The function is synchronous, and throws errors like those of
   * `node:fs` (`code: 'ENOENT'`).
   */
  readonly readFile?: ((path: string) => Uint8Array) | undefined;
  /**
   * Returns the names of the files in a directory that an `include_dir` line names. The function is synchronous, and
   * throws errors like those of `node:fs`.
   */
  readonly readDirectory?: ((path: string) => readonly string[]) | undefined;
}

const optionNames: PropertyNames<ParseOptions> = {
  version: true,
  file: true,
  server: true,
  readFile: true,
  readDirectory: true,
};

/** The facts whose value is a list of texts; the value of the others is true or false. */
const listFacts: readonly string[] = ['features', 'interfaces', 'oauthValidators'] satisfies (keyof ServerFacts)[];

const factNames: PropertyNames<ServerFacts> = {
  ssl: true,
  sslCa: true,
  features: true,
  interfaces: true,
  oauthValidators: true,
  dbUserNamespace: true,
};

/**
 * Checks parse options for callers without type checks.
 *
 * @param what the name of the options for error messages, such as "options of HbaFile.parse"
 * @throws PgHostsslError `argument-invalid` for an invalid option; `version-unknown` for an unsupported major version
 */
export function assertParseOptions(options: ParseOptions, what: string): void {
  assertProperties(options, optionNames, what);
  const { version, file, server, readFile, readDirectory } = options;
  if (version !== undefined) assertVersion(version);
  if (file !== undefined) assertText(file, `file in ${what}`);
  for (const [name, callback] of Object.entries({ readFile, readDirectory })) {
    if (callback !== undefined) assertFunction(callback, `${name} in ${what}`);
  }
  if (server === undefined) return;
  assertProperties(server, factNames, `server in ${what}`);
  for (const [name, fact] of Object.entries(server)) {
    const isList = listFacts.includes(name);
    if (fact === undefined || (isList ? isTextList(fact) : typeof fact === 'boolean')) continue;
    const kind = isList ? 'an array of strings' : 'true or false';
    throw new PgHostsslError('argument-invalid', `The fact ${name} in ${what} must be ${kind}; got ${kindOf(fact)}`);
  }
}
