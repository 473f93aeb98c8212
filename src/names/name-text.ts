import { fromHex } from '../asn1/bytes.ts';
import { DerError, readDer } from '../asn1/reader.ts';
import { skipSpaces, trimSpaces } from '../c/ascii.ts';
import { PgHostsslError } from '../errors.ts';
import { trimEndOf } from '../text/trim-end.ts';
import type { DistinguishedName, NameAttribute } from './distinguished-name.ts';
import { findAttributeType } from './name-attributes.ts';
import { readAttribute } from './name-value.ts';

/**
 * Parses a name in one of the two text forms of {@link NameInput}.
 *
 * @throws PgHostsslError `name-invalid` for a text that is not a name
 */
export function parseNameText(text: string): DistinguishedName {
  if (text === '') throw new PgHostsslError('name-invalid', 'The name is empty');
  return text.startsWith('/')
    ? parseAttributes(text.slice(1), text, '/')
    : parseAttributes(text, text, ',').toReversed();
}

/** Returns the levels of a name in the order in which the text has them. */
function parseAttributes(body: string, whole: string, separator: '/' | ','): DistinguishedName {
  const rdns: NameAttribute[][] = [];
  let level: NameAttribute[] = [];
  for (const { text, end } of splitUnescaped(body, separator, whole)) {
    level.push(parseAttribute(text, whole, separator));
    if (end !== '+') {
      rdns.push(level);
      level = [];
    }
  }
  return rdns;
}

function parseAttribute(text: string, whole: string, separator: '/' | ','): NameAttribute {
  const equals = text.indexOf('=');
  const type = trimSpaces(text.slice(0, Math.max(equals, 0)));
  if (type === '') {
    throw invalid(whole, `${JSON.stringify(text)} is not type=value`, separator);
  }
  const raw = text.slice(equals + 1);
  const name = findAttributeType(type)?.name ?? type;
  if (separator === ',' && raw[skipSpaces(raw, 0)] === '#') return hexAttribute(name, trimSpaces(raw).slice(1), whole);
  return { type: name, value: separator === ',' ? unquote(raw, whole) : raw.replace(/\\(.)/gsu, '$1') };
}

/** Reads an attribute in the form of RFC 4514 §2.4: `#` and the hexadecimal digits of the encoded value. */
function hexAttribute(type: string, hex: string, whole: string): NameAttribute {
  try {
    if (!/^(?:[0-9A-Fa-f]{2})+$/.test(hex)) throw new DerError('The digits are not hexadecimal');
    const oid = findAttributeType(type)?.oid ?? type;
    return readAttribute(oid, readDer(fromHex(hex)));
  } catch (cause) {
    if (!(cause instanceof DerError)) throw cause;
    throw new PgHostsslError('name-invalid', `${JSON.stringify(whole)}: #${hex} does not encode a value`, {
      hint: 'Write a value that begins with # as \\#.',
      cause,
    });
  }
}

/** Reads a value in the notation of RFC 4514 §3, or in double quotes as RFC 2253 allows. */
function unquote(raw: string, whole: string): string {
  const start = raw.replace(/^[ \t\r\n]+/, '');
  const quoted = /^"((?:[^"\\]|\\.)*)"[ \t\r\n]*$/su.exec(start);
  if (quoted !== null) return unescapeValue(quoted[1]!, whole);
  // Blanks around a value are ignored, except an escaped blank at the end of the value.
  const trimmed = trimEndOf(start, ' \t\r\n');
  const slashes = trimmed.length - trimEndOf(trimmed, '\\').length;
  return unescapeValue(slashes % 2 === 1 ? start.slice(0, trimmed.length + 1) : trimmed, whole);
}

/**
 * Unescapes a value: `\` and two hexadecimal digits are a byte of UTF-8; `\` and any other character are that
 * character.
 */
function unescapeValue(text: string, whole: string): string {
  return text.replace(/(?:\\[0-9A-Fa-f]{2})+|\\(.?)/gsu, (escaped, character: string | undefined) => {
    if (character !== undefined) {
      if (character === '') throw invalid(whole, 'it ends in the middle of an escape');
      return character;
    }
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(fromHex(escaped.replaceAll('\\', '')));
    } catch {
      throw invalid(whole, `${escaped} is not UTF-8`);
    }
  });
}

/**
 * Splits a name into its attributes. A separator does not count if it is escaped or, in the notation of RFC 2253, in
 * double quotes.
 */
function splitUnescaped(
  text: string,
  separator: '/' | ',',
  whole: string,
): readonly { readonly text: string; readonly end: string }[] {
  const separators = separator === '/' ? '/+' : ',;+';
  const pieces: { text: string; end: string }[] = [];
  let start = 0;
  let quoted = false;
  for (let i = 0; i <= text.length; i++) {
    const character = text[i] ?? '';
    if (character === '\\') i += 1;
    else if (separator === ',' && character === '"') quoted = !quoted;
    else if (i >= text.length || (!quoted && separators.includes(character))) {
      if (quoted) throw invalid(whole, 'a double quote is not closed');
      pieces.push({ text: text.slice(start, i), end: character });
      start = i + 1;
    }
  }
  if (start <= text.length && pieces.at(-1)?.end !== '') throw invalid(whole, 'it ends in the middle of an escape');
  return pieces;
}

function invalid(whole: string, what: string, separator?: '/' | ','): PgHostsslError {
  return new PgHostsslError('name-invalid', `${JSON.stringify(whole)} is not a distinguished name: ${what}`, {
    hint:
      separator === '/'
        ? 'Write / and + inside a value as \\/ and \\+, or give a structured name.'
        : 'Write it as /C=US/O=Example/CN=db, as CN=db,O=Example,C=US, or as [[{ type: "CN", value: "db" }]].',
  });
}
