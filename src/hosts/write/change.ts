import type { AuthLine } from '../../auth-file/read/line.ts';
import { mergeList } from '../../auth-file/write/merge-list.ts';
import { toFileText } from '../../text/bytes.ts';
import type { TextChange } from '../../text/span.ts';
import type { HostsTokens } from '../read/record.ts';
import type { HostsRecord, HostsRecordInput } from '../record.ts';
import { serializeColumns, serializeHost } from './serialize.ts';

/**
 * New values for some columns of a record, or for its comment. A column without a new value keeps its bytes. `null`
 * removes a column. Only the last column of the record can be removed.
 */
export interface HostsRecordChange extends Partial<Pick<HostsRecordInput, 'hosts' | 'certificate' | 'privateKey'>> {
  /** The path of the CA certificates with which the server checks client certificates. */
  readonly ca?: string | null | undefined;
  /** The command that prints the passphrase of the private key. */
  readonly passphraseCommand?: string | null | undefined;
  /** `true` if the server may run the passphrase command on a reload, too. */
  readonly passphraseReload?: boolean | null | undefined;
  /** The text after the `#`; `null` removes the comment. */
  readonly comment?: string | null | undefined;
}

/** Returns the text changes of a record's line for the columns in which two records differ. */
export function changesOfRecord(
  line: AuthLine<HostsTokens, HostsRecord>,
  _change: HostsRecordChange,
  changed: HostsRecordInput,
): TextChange[] {
  const old = line.entry as HostsRecord;
  const { hosts, columns } = line.read().record!;
  const changes: TextChange[] = [];
  const inFile = (text: string): string => toFileText(text, line.context.encoding);
  if (JSON.stringify(old.hosts) !== JSON.stringify(changed.hosts)) {
    const known = hosts.map((token) => ({ token, value: token.value }));
    const text =
      'keyword' in changed.hosts
        ? changed.hosts.keyword
        : mergeList(line.text, known, changed.hosts, (host) => inFile(serializeHost(host)), ',');
    changes.push({ start: hosts[0].start, end: hosts.at(-1)!.end, text });
  }
  const before = serializeColumns(old);
  const after = serializeColumns(changed);
  const end = columns.at(-1)!.end;
  for (const [index, word] of after.entries()) {
    const token = columns[index];
    if (token === undefined) changes.push({ start: end, end, text: inFile(` ${word}`) });
    else if (word !== before[index]) changes.push({ start: token.start, end: token.end, text: inFile(word) });
  }
  if (after.length < columns.length) changes.push({ start: columns[after.length - 1]!.end, end, text: '' });
  return changes;
}
