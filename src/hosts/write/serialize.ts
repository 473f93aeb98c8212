import { quoteIf } from '../../auth-file/write/quote.ts';
import { pgAsciiToLower } from '../../c/ascii.ts';
import { PgHostsslError } from '../../errors.ts';
import { type HostsRecordInput, hostsKeywords } from '../record.ts';

/**
 * The columns of a record, the host names first.
 *
 * @throws PgHostsslError `hosts-entry-invalid`, `text-invalid`
 */
export function serializeRecord(record: HostsRecordInput): { readonly cells: readonly string[] } {
  const { hosts } = record;
  const selector = 'keyword' in hosts ? hosts.keyword : hosts.map(serializeHost).join(',');
  return { cells: [selector, ...serializeColumns(record)] };
}

/**
 * The columns behind the host names.
 *
 * @throws PgHostsslError `hosts-entry-invalid`, `text-invalid`
 */
export function serializeColumns(record: HostsRecordInput): string[] {
  const { certificate, privateKey, ca, passphraseCommand, passphraseReload } = record;
  if ((passphraseCommand !== undefined && ca === undefined) || (passphraseReload !== undefined && !passphraseCommand)) {
    throw invalid('A passphrase command needs a CA before it, and the reload flag needs a command before it');
  }
  // The error does not show the command, because the command may hold the passphrase itself.
  if (passphraseCommand !== undefined && /[\n\0]|\p{Surrogate}/u.test(passphraseCommand)) {
    const message = 'The passphrase command holds a line break, a NUL or a lone surrogate, which no line can hold';
    throw new PgHostsslError('text-invalid', message);
  }
  const words = [certificate, privateKey, ca, passphraseCommand].filter((word) => word !== undefined);
  const columns = words.map(serializeWord);
  return passphraseReload === undefined ? columns : [...columns, passphraseReload ? 'on' : 'off'];
}

/**
 * A host name.
 *
 * @throws PgHostsslError `hosts-entry-invalid` for a keyword, which cannot be written as a host name
 */
export function serializeHost(host: string): string {
  if (!hostsKeywords.some((word) => word === host)) return serializeWord(host);
  throw invalid(`'${host}' is no host name. Give hosts: { keyword: '${host}' }`);
}

/** A text that is equal for records that differ in their serialization only. */
export function keyOfRecord(record: HostsRecordInput): string {
  const { hosts, certificate, privateKey, ca, passphraseCommand, passphraseReload } = record;
  const selector = 'keyword' in hosts ? { keyword: hosts.keyword } : hosts;
  return JSON.stringify([selector, certificate, privateKey, ca, passphraseCommand, passphraseReload]);
}

/** The record with its host names, which the server compares without regard to case, in one order and once each. */
export function normalizeRecord(record: HostsRecordInput): HostsRecordInput {
  if ('keyword' in record.hosts) return record;
  const [first, ...others] = [...new Set(record.hosts.map(pgAsciiToLower))].sort();
  return { ...record, hosts: [first!, ...others] };
}

function serializeWord(word: string): string {
  return quoteIf(!/^[\p{L}\p{N}_./][\p{L}\p{N}_./:%-]*$/u.test(word), word);
}

function invalid(message: string): PgHostsslError {
  return new PgHostsslError('hosts-entry-invalid', message);
}
