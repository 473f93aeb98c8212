/** Which connections a record serves: those to some host names, those to any other, or those of clients without SNI. */
export type HostsSelector =
  | readonly [string, ...string[]]
  | {
      /** A word that is more than a host name. */
      readonly keyword: HostsKeyword;
    };

/** `*` for every host name that no record names, `/no_sni/` for clients that send no host name. */
export type HostsKeyword = '*' | '/no_sni/';

/** The words that are more than a host name, quoted or not. */
export const hostsKeywords: readonly HostsKeyword[] = ['*', '/no_sni/'];

/** A record to be written. It is plain data and survives JSON. */
export interface HostsRecordInput {
  /** Which connections the record serves. The server compares host names without regard to case. */
  readonly hosts: HostsSelector;
  /** The path of the server certificate with its chain. Relative paths start from the data directory. */
  readonly certificate: string;
  /** The path of the certificate's private key. */
  readonly privateKey: string;
  /** The path of the CA certificates that client certificates are checked against. */
  readonly ca?: string;
  /** The command that prints the passphrase of the private key. Needs `ca`, whose column comes before it. */
  readonly passphraseCommand?: string;
  /** Whether the command may also run on a reload. Needs `passphraseCommand`. */
  readonly passphraseReload?: boolean;
  /** The text behind the `#` of the record's own line. */
  readonly comment?: string;
}

/** A record of a file. It is plain data and survives JSON. */
export interface HostsRecord extends HostsRecordInput {
  /** Kind of the entry. */
  readonly kind: 'host';
  /** The exact text of the line, line end included. It is ignored when the record is serialized. */
  readonly text: string;
}
