import { EntryLine } from '../../auth-file/read/entry-line.ts';
import { type LineProblem, type LineReading, refuse, unlessRefused } from '../../auth-file/read/line-diagnostic.ts';
import { type Field, namesFile, type ScannedLine, type Token } from '../../auth-file/scan/token.ts';
import { parseBool } from '../../c/boolean.ts';
import { asStars } from '../../text/secrets.ts';
import { type HostsEntry, type HostsEntryInput, type HostsHost, hostsKeywords } from '../record.ts';

/** A line of pg_hosts.conf as the server holds it (`HostsLine`). */
export interface HostsRecord {
  /** The host names, or one of the keywords. */
  readonly hosts: Field;
  /** The single words behind them: certificate, key, CA, passphrase command, reload. */
  readonly columns: readonly Token[];
}

/** A line's reading: the record, or why the server refuses the line. */
export type HostsReading = LineReading<HostsRecord>;

const columnNames = ['certificate', 'private key', 'CA', 'passphrase command', 'passphrase reload flag'];
const requiredColumns = 2;

/** Reads the fields of a line. Mirrors `parse_hosts_line` (19). */
export function readHost(fields: readonly Field[]): HostsReading {
  return unlessRefused(() => recordOf(fields));
}

/** A logical line of a pg_hosts.conf. */
export class HostsLine extends EntryLine<HostsHost> {
  /** What the server makes of it as a record, `@file` taken for a name. */
  read({ fields }: ScannedLine = this.scan()): HostsReading {
    return readHost(fields);
  }

  /** Also without the command that prints the passphrase, and what stands behind it. */
  override get shownText(): string {
    const shown = super.shownText;
    const command = passphraseCommand(this.scan());
    if (command === undefined) return shown;
    const { start, end } = command;
    return shown.slice(0, start) + asStars(shown.slice(start, end)) + shown.slice(end);
  }

  protected override recordEntry(scanned: ScannedLine): HostsEntry {
    const { text } = this;
    if (scanned.fields.flat().some(namesFile)) return { kind: 'indirect', text };
    const { record } = this.read(scanned);
    return record === undefined ? { kind: 'invalid', text } : hostOfRecord(record, text, this.commentOf(scanned));
  }
}

/**
 * Where in a line's text its passphrase command stands: with all columns behind it, since it may lack its quotes, and
 * with what an open quote takes in.
 */
export function passphraseCommand({ fields, openQuote }: ScannedLine): { start: number; end: number } | undefined {
  const command = fields[1 + columnNames.indexOf('passphrase command')];
  const start = command?.[0].start ?? openQuote;
  return start === undefined ? undefined : { start, end: fields.at(-1)!.at(-1)!.end };
}

function recordOf(fields: readonly Field[]): HostsRecord {
  const [hosts, ...columns] = fields;
  const keyword = hosts!.find((token) => hostsKeywords.some((word) => word === token.value));
  if (keyword !== undefined && hosts!.length > 1) {
    fail('hosts-keyword-mixed', keyword, `${keyword.value} stands for itself alone, and cannot be in a list`);
  }
  const last = fields.at(-1)!.at(-1);
  if (columns.length < requiredColumns) {
    fail('hosts-column-missing', last, `the line ends before the ${columnNames[columns.length]}`);
  }
  const extra = columns[columnNames.length]?.[0];
  if (extra !== undefined) fail('hosts-column-extra', extra, 'nothing can follow the passphrase reload flag');
  const tokens = columns.map((field, i) => {
    if (field.length === 1) return field[0];
    return fail('hosts-list-not-allowed', field[1], `the ${columnNames[i]} cannot be a list`);
  });
  const reload = tokens[columnNames.length - 1];
  if (reload !== undefined && parseBool(reload.value) === undefined) {
    // Without the word, which may be a part of the passphrase command.
    fail('hosts-flag-invalid', reload, 'the passphrase reload flag is no boolean: write on or off');
  }
  return { hosts: hosts!, columns: tokens };
}

function hostOfRecord({ hosts, columns }: HostsRecord, text: string, comment: string | undefined): HostsHost {
  const [certificate, privateKey, ca, command, reload] = columns.map((token) => token.value);
  const keyword = hostsKeywords.find((word) => word === hosts[0].value);
  const selector: HostsEntryInput['hosts'] =
    keyword === undefined ? [hosts[0].value, ...hosts.slice(1).map((token) => token.value)] : { keyword };
  return {
    kind: 'host',
    hosts: selector,
    certificate: certificate!,
    privateKey: privateKey!,
    ...(ca === undefined ? {} : { ca }),
    ...(command === undefined ? {} : { passphraseCommand: command }),
    ...(reload === undefined ? {} : { passphraseReload: parseBool(reload)! }),
    ...(comment === undefined ? {} : { comment }),
    text,
  };
}

function fail(code: LineProblem['code'], token: Token | undefined, message: string): never {
  return refuse({ code, token, serverText: null, message });
}
