import type { CommonEntry } from '../auth-file/read/entry.ts';
import type { NonEmptyList } from '../hba/rule.ts';

/** Which connections an entry serves: those to some host names, those to any other, or those of clients without SNI. */
export type HostsSelector =
  | NonEmptyList<string>
  | {
      /** A word with a meaning. */
      readonly keyword: HostsKeyword;
    };

/** `*` for every host name that no entry names, `/no_sni/` for clients that send none. */
export type HostsKeyword = '*' | '/no_sni/';

/** An entry to be written: plain data, which survives JSON. */
export interface HostsEntryInput {
  /** Which connections it serves. Host names compare without case. */
  readonly hosts: HostsSelector;
  /** The path of the server certificate with its chain; relative ones count from the data directory. */
  readonly certificate: string;
  /** The path of its private key. */
  readonly privateKey: string;
  /** The path of the certificates that client certificates are checked against. */
  readonly ca?: string;
  /** The command that gives the private key's passphrase; goes only with `ca`, which stands before it. */
  readonly passphraseCommand?: string;
  /** Whether the command may run on a reload, too; goes only with `passphraseCommand`. */
  readonly passphraseReload?: boolean;
  /** The text behind the `#` of the entry's own line. */
  readonly comment?: string;
}

/** An entry of a file: plain data, which survives JSON. */
export interface HostsHost extends HostsEntryInput {
  /** What kind of entry it is. */
  readonly kind: 'host';
  /** The exact text of the line, line end included. It tells nothing when the entry is written again. */
  readonly text: string;
}

/** A logical line of a pg_hosts.conf, as data. */
export type HostsEntry = HostsHost | CommonEntry;

/** The words that select more than a host name, quoted or not. */
export const hostsKeywords: readonly HostsKeyword[] = ['*', '/no_sni/'];
