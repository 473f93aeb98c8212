import { isTextList, kindOf } from '../../arguments.ts';
import { pgAsciiToLower } from '../../c/ascii.ts';
import { bytesOfName, nameOfBytes } from '../../c/names.ts';
import { PgHostsslError } from '../../errors.ts';
import { encodeText, type FileEncoding, toFileText, tokenOfFileText } from '../../text/bytes.ts';
import { isBareValue } from './scan.ts';

/** A value from a caller: text, a number, a boolean (written as `on` or `off`), or the elements of a list. */
export type ConfValue = string | number | boolean | readonly string[];

/**
 * Returns the text of a caller's value, without quotes.
 *
 * @param name the setting; the elements of its list get the quotes that this setting needs
 * @throws PgHostsslError `text-invalid` for a value with a NUL, with a lone surrogate that represents no byte, or for a
 * number that is not finite
 */
export function valueText(name: string, value: ConfValue): string {
  assertValue(value);
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new PgHostsslError('text-invalid', `A setting cannot have the value ${value}`);
  }
  const text = typeof value === 'object' ? joinList(name, value) : String(value);
  if (text.includes('\0')) {
    throw new PgHostsslError('text-invalid', 'The value holds a NUL, at which the server would cut the value');
  }
  // A value that was read can have bytes that are not UTF-8, as lone surrogates. The message does not show the value,
  // because the value can be a secret.
  if (!text.isWellFormed() && nameOfBytes(bytesOfName(text)) !== text) {
    throw new PgHostsslError('text-invalid', 'The value holds a lone surrogate, which represents no byte');
  }
  return text;
}

function assertValue(value: unknown): void {
  if (['string', 'number', 'boolean'].includes(typeof value)) return;
  if (isTextList(value)) return;
  throw new PgHostsslError(
    'argument-invalid',
    `The value of a setting must be a string, a number, a boolean or an array of strings; got ${kindOf(value)}`,
  );
}

/**
 * Formats a value for the file, in a form that every major version reads alike. Plain numbers and words have no quotes.
 * Any other text is in single quotes, with `\` and `'` doubled and line ends as `\n`, `\r`. A lone surrogate, which
 * represents a byte, becomes an octal escape such as `\351`.
 *
 * @param quoted `true` to quote also a value that needs no quotes
 */
export function quoteValue(text: string, encoding: FileEncoding, { quoted }: { readonly quoted: boolean }): string {
  if (!quoted && isBareValue(text)) return text;
  const escaped = escapeValue(text)
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replace(/[\udc80-\udcff]/gu, (byte) => `\\${bytesOfName(byte)[0]!.toString(8)}`);
  return `'${toFileText(escaped, encoding)}'`;
}

/** Joins the elements of a list setting. An element gets quotes unless the setting reads the element alike without. */
function joinList(name: string, elements: readonly string[]): string {
  const isPlain = pgAsciiToLower(name) === 'synchronous_standby_names' ? isPlainStandby : isPlainElement;
  return elements.map((element) => (isPlain(element) ? element : `"${element.replaceAll('"', '""')}"`)).join(', ');
}

function isPlainElement(element: string): boolean {
  return /^[a-z0-9_.:*/-]+$/.test(element);
}

/** `any` and `first` are keywords, and a name without quotes has no characters such as `-` (syncrep_scanner.l). */
function isPlainStandby(element: string): boolean {
  return /^(?:[a-z_][a-z0-9_]*|[0-9]+|\*)$/.test(element) && !['any', 'first'].includes(element);
}

/** Doubles quotes and backslashes in a value, as `ALTER SYSTEM` does (`escape_single_quotes_ascii`). */
export function escapeValue(text: string): string {
  return text.replace(/[\\']/g, '$&$&');
}

/**
 * Returns the value of a token, as `pg_file_settings` shows it in `setting`. Mirrors `DeescapeQuotedString`
 * (`GUC_scanstr`), which counts in bytes.
 */
export function dequoteValue(token: string, encoding: FileEncoding): string {
  if (!token.startsWith("'")) return tokenOfFileText(token, encoding);
  if (!/[\\\0]/.test(token)) return tokenOfFileText(token.slice(1, -1).replaceAll("''", "'"), encoding);
  return nameOfBytes(deescape(encodeText(token, encoding)));
}

const escapes: ReadonlyMap<string, number> = new Map([
  ['b', 0x08],
  ['f', 0x0c],
  ['n', 0x0a],
  ['r', 0x0d],
  ['t', 0x09],
]);

function deescape(token: Uint8Array): Uint8Array {
  const nul = token.indexOf(0);
  // The server's length of the token ends at a NUL. The server drops the last byte before this end, even if this byte
  // is not the closing quote.
  const stop = (nul === -1 ? token.length : nul) - 1;
  const value: number[] = [];
  for (let i = 1; i < stop; i++) {
    const byte = token[i]!;
    if (byte === 0x5c) {
      i += 1;
      const digits = octalDigits(token, i);
      if (digits === '') {
        value.push(escapes.get(String.fromCharCode(token[i]!)) ?? token[i]!);
      } else {
        value.push(Number.parseInt(digits, 8) & 0xff);
        i += digits.length - 1;
      }
    } else {
      value.push(byte);
      if (byte === 0x27 && token[i + 1] === 0x27) i += 1;
    }
  }
  const end = value.indexOf(0);
  return Uint8Array.from(end === -1 ? value : value.slice(0, end));
}

function octalDigits(token: Uint8Array, from: number): string {
  let digits = '';
  for (let i = from; i < from + 3 && token[i]! >= 0x30 && token[i]! <= 0x37; i++) digits += token[i]! - 0x30;
  return digits;
}
