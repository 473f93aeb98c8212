import { pgAsciiToLower } from '../c/ascii.ts';

/**
 * The connections for which the server uses a record: connections to the listed host names, to any other host name
 * (`*`), or from clients that send no host name (`/no_sni/`).
 */
export type HostsSelector =
  | readonly [string, ...string[]]
  | {
      /** A keyword instead of host names. */
      readonly keyword: HostsKeyword;
    };

/** A keyword: `*` for every host name that no record names, `/no_sni/` for clients that send no host name. */
export type HostsKeyword = '*' | '/no_sni/';

/**
 * Returns whether a word of the first column of pg_hosts.conf is a keyword. The server treats the two keywords as
 * keywords even in quotes, but `/NO_SNI/` is a host name.
 */
export function isHostsKeyword(word: string): word is HostsKeyword {
  return word === '*' || word === '/no_sni/';
}

/**
 * Returns a key of a word of the first column. Host names that differ only in case have the same key. A keyword has
 * another key than every host name.
 */
export function hostKey(word: string): string {
  return isHostsKeyword(word) ? word : JSON.stringify(pgAsciiToLower(word));
}

/** A record to write. It is plain data and survives JSON. */
export interface HostsRecordInput {
  /**
   * The connections for which the server uses the record. The server compares host names literally, without regard to
   * case: a name has no wildcard and no final dot, and an international name is written with A-labels (`xn--…`).
   */
  readonly hosts: HostsSelector;
  /** The path of the server certificate with its chain. Relative paths start from the data directory. */
  readonly certificate: string;
  /** The path of the private key of the certificate. */
  readonly privateKey: string;
  /** The path of the CA certificates with which the server checks client certificates. */
  readonly ca?: string | undefined;
  /**
   * The command that prints the passphrase of the private key. A record with this command must also have `ca`, because
   * the column of `ca` comes before the command.
   */
  readonly passphraseCommand?: string | undefined;
  /**
   * Whether the server may run the passphrase command on a reload, too. A record with this property must also have
   * `passphraseCommand`.
   */
  readonly passphraseReload?: boolean | undefined;
  /** The text after the `#` on the record's line. */
  readonly comment?: string | undefined;
}

/** A record of a file. It is plain data and survives JSON. */
export interface HostsRecord extends HostsRecordInput {
  /** The kind of the entry. */
  readonly kind: 'host';
  /** The exact text of the line, line end included. It is ignored when the record is serialized. */
  readonly text: string;
}
