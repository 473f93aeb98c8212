import { PgHostsslError } from '../errors.ts';
import { type FileEncoding, toFileText } from '../text/bytes.ts';
import type { PgMajor } from '../version.ts';
import { settingKey } from './catalogue/names.ts';
import { type ConfCommentedSetting, type ConfEntry, type ConfSetting, readEntry, settingSpans } from './lines/entry.ts';
import { quoteValue } from './lines/quote.ts';

/** A setting to write, and the encoding and version of its file. */
export interface WantedLine {
  readonly name: string;
  readonly value: string;
  readonly encoding: FileEncoding;
  readonly version: PgMajor;
}

/**
 * Returns the line of a setting with another value. The rest of the line stays. A commented-out line becomes active.
 */
export function assignedLine(entry: ConfSetting | ConfCommentedSetting, wanted: WantedLine): ConfSetting {
  const { text } = entry;
  const spans = settingSpans(entry);
  // If neither a blank nor `=` is between the name and the value, the new value is quoted, because a quote can follow
  // the name directly.
  const quoted = spans.quoted || spans.name.end === spans.value.start;
  const isSame = entry.value === wanted.value;
  const value = isSame
    ? text.slice(spans.value.start, spans.value.end)
    : quoteValue(wanted.value, wanted.encoding, { quoted });
  const start = spans.hash === undefined ? '' : text.slice(0, spans.hash);
  const head = text.slice(spans.hash === undefined ? 0 : spans.hash + 1, spans.value.start);
  return readBack(`${start}${head}${value}${text.slice(spans.value.end)}`, wanted);
}

/** Makes a new line of postgresql.conf that sets a setting. */
export function newLine(wanted: WantedLine, lineEnd: string): ConfSetting {
  const { name, value, encoding } = wanted;
  return readBack(
    `${toFileText(name, encoding)} = ${quoteValue(value, encoding, { quoted: false })}${lineEnd}`,
    wanted,
  );
}

/** Returns the line of a setting as a comment. */
export function commentedOutLine(setting: ConfSetting, encoding: FileEncoding): ConfEntry {
  const { name } = settingSpans(setting);
  return readEntry(`${setting.text.slice(0, name.start)}#${setting.text.slice(name.start)}`, encoding);
}

/**
 * Parses a new line as the server does, and throws if the line does not set exactly the wanted value. This check
 * prevents quoting mistakes and injection.
 */
function readBack(text: string, { name, value, encoding, version }: WantedLine): ConfSetting {
  const entry = readEntry(text, encoding);
  const isOneLine = !/\n./s.test(text);
  if (entry.kind === 'setting' && isOneLine && entry.value === value) {
    if (settingKey(entry.name, version) === settingKey(name, version)) return entry;
  }
  throw new PgHostsslError('readback-mismatch', `The new line of ${name} does not read back as the given value`);
}
