import { quoteIf } from '../../auth-file/write/quote.ts';
import { pgAsciiToLower } from '../../c/ascii.ts';
import { PgHostsslError } from '../../errors.ts';
import { withAsciiLetters } from '../../text/letters.ts';
import { type HostsRecordInput, isHostsKeyword } from '../record.ts';

/**
 * Serializes the columns of a record, the host names first.
 *
 * @throws PgHostsslError `hosts-entry-invalid` for a record that the server refuses; `text-invalid` for a text that a
 * line cannot contain
 */
export function serializeRecord(record: HostsRecordInput): { readonly cells: readonly string[] } {
  const { hosts } = record;
  const selector = 'keyword' in hosts ? hosts.keyword : hosts.map(serializeHost).join(',');
  return { cells: [selector, ...serializeColumns(record)] };
}

/**
 * Serializes the columns after the host names.
 *
 * @throws PgHostsslError `hosts-entry-invalid` for a record that the server refuses; `text-invalid` for a text that a
 * line cannot contain
 */
export function serializeColumns(record: HostsRecordInput): string[] {
  const { certificate, privateKey, ca, passphraseCommand, passphraseReload } = record;
  if ((passphraseCommand !== undefined && ca === undefined) || (passphraseReload !== undefined && !passphraseCommand)) {
    throw invalid('A passphrase command needs a CA before it, and the reload flag needs a command before it');
  }
  if (certificate === '' || privateKey === '') {
    throw invalid('A record with an empty certificate or private key keeps the server from its start');
  }
  // The error does not show the command, because the command may contain the passphrase itself.
  if (passphraseCommand !== undefined && (/[\n\0]/.test(passphraseCommand) || !passphraseCommand.isWellFormed())) {
    const message =
      'The passphrase command contains a line break, a NUL or a lone surrogate, which a line cannot contain';
    throw new PgHostsslError('text-invalid', message);
  }
  const words = [certificate, privateKey, ca, passphraseCommand].filter((word) => word !== undefined);
  const columns = words.map(serializeWord);
  return passphraseReload === undefined ? columns : [...columns, passphraseReload ? 'on' : 'off'];
}

/**
 * Serializes a host name.
 *
 * @throws PgHostsslError `hosts-entry-invalid` for a keyword, which cannot be written as a host name
 */
export function serializeHost(host: string): string {
  if (!isHostsKeyword(host)) return serializeWord(host);
  throw invalid(`'${host}' is a keyword, not a host name. Give hosts: { keyword: '${host}' }`);
}

/** Returns a key of a record. Two records that differ only in their notation have the same key. */
export function keyOfRecord(record: HostsRecordInput): string {
  const { hosts, certificate, privateKey, ca, passphraseCommand, passphraseReload } = record;
  const selector = 'keyword' in hosts ? { keyword: hosts.keyword } : hosts;
  return JSON.stringify([selector, certificate, privateKey, ca, passphraseCommand, passphraseReload]);
}

/**
 * Returns the record with its host names sorted and without repetitions. The server compares host names without regard
 * to case.
 */
export function normalizeRecord(record: HostsRecordInput): HostsRecordInput {
  if ('keyword' in record.hosts) return record;
  const [first, ...others] = [...new Set(record.hosts.map(pgAsciiToLower))].sort();
  return { ...record, hosts: [first!, ...others] };
}

function serializeWord(word: string): string {
  return quoteIf(!/^[\w./][\w./:%-]*$/.test(withAsciiLetters(word)), word);
}

function invalid(message: string): PgHostsslError {
  return new PgHostsslError('hosts-entry-invalid', message);
}
