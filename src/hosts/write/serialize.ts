import { commentText, quoteWhere } from '../../auth-file/write/quote.ts';
import { applyChanges, commentChange, mergeList, type TextChange } from '../../auth-file/write/text-change.ts';
import { PgHostsslError } from '../../errors.ts';
import { toFileText } from '../../text/bytes.ts';
import type { HostsLine } from '../read/record.ts';
import { type HostsEntryInput, type HostsHost, hostsKeywords } from '../record.ts';

/**
 * New values for some columns of an entry; a column that is not named keeps its bytes, and null takes one away, which
 * must be the last.
 */
export interface HostsEntryChange extends Partial<Pick<HostsEntryInput, 'hosts' | 'certificate' | 'privateKey'>> {
  /** The path of the certificates that client certificates are checked against. */
  readonly ca?: string | null;
  /** The command that gives the private key's passphrase. */
  readonly passphraseCommand?: string | null;
  /** Whether the command may run on a reload, too. */
  readonly passphraseReload?: boolean | null;
  /** The text behind the `#`; null takes the comment away. */
  readonly comment?: string | null;
}

/** An entry as a line without its line end; throws `hosts-entry-invalid`, `text-invalid`. */
export function spellEntry(entry: HostsEntryInput): string {
  const { hosts, comment } = entry;
  const words = 'keyword' in hosts ? hosts.keyword : hosts.map(spellHost).join(',');
  return [words, ...columnsOf(entry), ...(comment === undefined ? [] : [`#${commentText(comment)}`])].join(' ');
}

/** The text of an entry's line with the columns of another in which it differs; throws as {@link spellEntry}. */
export function changedHostText(line: HostsLine, old: HostsHost, meant: HostsEntryInput): string {
  const { hosts, columns } = line.read().record!;
  const { encoding } = line.how;
  const changes: TextChange[] = [];
  if (JSON.stringify(old.hosts) !== JSON.stringify(meant.hosts)) {
    const known = hosts.map((token) => ({ token, value: token.value }));
    const spell = (host: string): string => toFileText(spellHost(host), encoding);
    const text = 'keyword' in meant.hosts ? meant.hosts.keyword : mergeList(line.text, known, meant.hosts, spell, ',');
    changes.push({ start: hosts[0].start, end: hosts.at(-1)!.end, text });
  }
  const before = columnsOf(old);
  const after = columnsOf(meant);
  const end = columns.at(-1)!.end;
  for (const [index, word] of after.entries()) {
    const token = columns[index];
    if (token === undefined) changes.push({ start: end, end, text: toFileText(` ${word}`, encoding) });
    else if (word !== before[index]) {
      changes.push({ start: token.start, end: token.end, text: toFileText(word, encoding) });
    }
  }
  if (after.length < columns.length) changes.push({ start: columns[after.length - 1]!.end, end, text: '' });
  if (old.comment !== meant.comment) {
    const comment = meant.comment === undefined ? null : toFileText(commentText(meant.comment), encoding);
    const edit = commentChange(line, comment);
    if (edit !== undefined) changes.push(edit);
  }
  return applyChanges(line.text, changes);
}

/** The error of an entry that cannot be written. */
export function hostInvalid(message: string): PgHostsslError {
  return new PgHostsslError('hosts-entry-invalid', message);
}

/** The columns behind the host names. */
function columnsOf({ certificate, privateKey, ca, passphraseCommand, passphraseReload }: HostsEntryInput): string[] {
  if ((passphraseCommand !== undefined && ca === undefined) || (passphraseReload !== undefined && !passphraseCommand)) {
    throw hostInvalid('A passphrase command stands behind a CA, and its reload flag behind the command');
  }
  // Said here without the command, which may hold the passphrase itself.
  if (passphraseCommand !== undefined && /[\n\0]|\p{Surrogate}/u.test(passphraseCommand)) {
    throw new PgHostsslError('text-invalid', 'The passphrase command holds what no line can hold');
  }
  const words = [certificate, privateKey, ca, passphraseCommand].filter((word) => word !== undefined).map(spellWord);
  return passphraseReload === undefined ? words : [...words, passphraseReload ? 'on' : 'off'];
}

function spellHost(host: string): string {
  if (hostsKeywords.some((word) => word === host))
    throw hostInvalid(`'${host}' is no host name: give { keyword: '${host}' }`);
  return spellWord(host);
}

function spellWord(word: string): string {
  return quoteWhere(!/^[\p{L}\p{N}_./][\p{L}\p{N}_./:%-]*$/u.test(word), word);
}
