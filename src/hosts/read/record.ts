import type { RecordText } from '../../auth-file/read/record-format.ts';
import { type LineReading, readUnlessRefused, refuse } from '../../auth-file/read/refusal.ts';
import type { Field, ScannedLine, Token } from '../../auth-file/scan/token.ts';
import { parseBool } from '../../c/boolean.ts';
import type { DiagnosticCode } from '../../codes.ts';
import type { Span } from '../../text/span.ts';
import { type HostsRecord, type HostsSelector, isHostsKeyword } from '../record.ts';

/** The tokens of a line of pg_hosts.conf that the server accepts (`HostsLine`). */
export interface HostsTokens {
  /** The tokens of the first column: host names, or a keyword. */
  readonly hosts: Field;
  /** The columns after the host names: certificate, key, CA, passphrase command, reload flag. */
  readonly columns: readonly Token[];
}

const columnNames = ['certificate', 'private key', 'CA', 'passphrase command', 'passphrase reload flag'];
const requiredColumns = 2;

/** Reads the fields of a line (`parse_hosts_line`, 19). */
export function readHosts(fields: readonly Field[]): LineReading<HostsTokens> {
  return readUnlessRefused(() => tokensOf(fields));
}

/** Makes the record of the tokens of a line. */
export function recordOfTokens({ hosts, columns }: HostsTokens, { text, comment }: RecordText): HostsRecord {
  const [certificate, privateKey, ca, command, reload] = columns.map((token) => token.value);
  const [first, ...others] = hosts.map((token) => token.value);
  const selector: HostsSelector = isHostsKeyword(first!) ? { keyword: first } : [first!, ...others];
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

/**
 * Returns the span of a line that can contain the passphrase command. The span reaches from the column of the command
 * to the last column, because a command without quotes fills several columns. If the line has fewer columns, but a
 * quote that is never closed, the span starts at this quote.
 */
export function passphraseCommand({ fields, openQuote }: ScannedLine): Span | undefined {
  const command = fields[1 + columnNames.indexOf('passphrase command')];
  const start = command?.[0].start ?? openQuote;
  return start === undefined ? undefined : { start, end: fields.at(-1)!.at(-1)!.end };
}

function tokensOf(fields: readonly Field[]): HostsTokens {
  const [hosts, ...columns] = fields;
  const keyword = hosts!.find((token) => isHostsKeyword(token.value));
  if (keyword !== undefined && hosts!.length > 1) {
    const message = `"${keyword.value}" is not allowed in a list of host names. Give it a line of its own`;
    fail('hosts-keyword-mixed', keyword, message);
  }
  const last = fields.at(-1)!.at(-1)!;
  if (columns.length < requiredColumns) {
    fail('hosts-column-missing', last, `The line ends before the ${columnNames[columns.length]}`);
  }
  const extra = columns[columnNames.length]?.[0];
  if (extra !== undefined) {
    fail('hosts-column-extra', extra, 'A word follows the passphrase reload flag, the last column. Remove the word');
  }
  const tokens = columns.map((field, i) => {
    if (field.length === 1) return field[0];
    const message = `A comma makes a list of the ${columnNames[i]}, which can be one word only. Remove the comma`;
    return fail('hosts-list-not-allowed', field[1]!, message);
  });
  const reload = tokens[columnNames.length - 1];
  if (reload !== undefined && parseBool(reload.value) === undefined) {
    // The message does not show the word, because it may be part of the passphrase command.
    fail('hosts-flag-invalid', reload, 'The passphrase reload flag is not a boolean. Write on or off');
  }
  return { hosts: hosts!, columns: tokens };
}

function fail(code: DiagnosticCode, span: Token, message: string): never {
  return refuse({ code, span, message });
}
