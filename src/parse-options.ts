import type { PgMajor } from './version.ts';

/** A part that a server is built with or without, and that decides whether it knows an authentication method. */
export type ServerFeature = 'ldap' | 'pam' | 'gss' | 'sspi' | 'bsd';

/** Facts of the server that its verdict on a file hangs on. What is not given makes a warning of what it would decide. */
export interface ServerFacts {
  /** Whether `ssl` is on. */
  readonly ssl?: boolean;
  /** Whether `ssl_ca_file` is loaded. 9.6 refuses `clientcert=1` without it; later majors refuse each connection. */
  readonly sslCa?: boolean;
  /** What the server is built with. */
  readonly features?: readonly ServerFeature[];
  /** The names of its network interfaces, which decide whether `fe80::1%eth0` is an address or a host name. */
  readonly interfaces?: readonly string[];
  /** The elements of `oauth_validator_libraries` (18+). */
  readonly oauthValidators?: readonly string[];
  /** Whether `db_user_namespace` is on (16 and older), with which `md5` is refused. */
  readonly dbUserNamespace?: boolean;
}

/** How a configuration file is to be read. */
export interface ParseOptions {
  /** The server's major; 18 if not given. The same bytes mean different things to different majors. */
  readonly version?: PgMajor;
  /** The file's own path, for messages and for the relative paths of include lines. */
  readonly file?: string;
  /** Facts of the server that its verdict depends on. */
  readonly server?: ServerFacts;
  /** Reads a file named by an include line or `@file`; synchronous, throws like `node:fs` (`code: 'ENOENT'`). */
  readonly readFile?: (path: string) => Uint8Array;
  /** The names in a directory named by `include_dir`; synchronous, throws like `node:fs`. */
  readonly readDirectory?: (path: string) => readonly string[];
}
