import { pgAsciiToUpper } from '../c/ascii.ts';
import { lazily } from '../lazily.ts';

/** A character that is invisible or looks like an ASCII character, but is a different character. */
interface LookAlike {
  readonly name: string;
  /** The ASCII character that the author of the text probably meant. */
  readonly ascii: string;
}

/** The look-alike characters, with their lower-case names from the Unicode Character Database. */
const lookAlikes = lazily(
  (): ReadonlyMap<string, LookAlike> =>
    new Map(
      (
        [
          ['\u00a0', 'no-break space', ' '],
          ['\u000b', 'vertical tab', ' '],
          ['\u000c', 'form feed', ' '],
          ['\u0085', 'next line', ' '],
          ['\u1680', 'ogham space mark', ' '],
          ['\u2000', 'en quad', ' '],
          ['\u2001', 'em quad', ' '],
          ['\u2002', 'en space', ' '],
          ['\u2003', 'em space', ' '],
          ['\u2004', 'three-per-em space', ' '],
          ['\u2005', 'four-per-em space', ' '],
          ['\u2006', 'six-per-em space', ' '],
          ['\u2007', 'figure space', ' '],
          ['\u2008', 'punctuation space', ' '],
          ['\u2009', 'thin space', ' '],
          ['\u200a', 'hair space', ' '],
          ['\u2028', 'line separator', ' '],
          ['\u2029', 'paragraph separator', ' '],
          ['\u202f', 'narrow no-break space', ' '],
          ['\u205f', 'medium mathematical space', ' '],
          ['\u2800', 'braille pattern blank', ' '],
          ['\u3000', 'ideographic space', ' '],
          ['\u3164', 'hangul filler', ' '],
          ['\u00ad', 'soft hyphen', ''],
          ['\u034f', 'combining grapheme joiner', ''],
          ['\u061c', 'arabic letter mark', ''],
          ['\u180e', 'mongolian vowel separator', ''],
          ['\u200b', 'zero width space', ''],
          ['\u200c', 'zero width non-joiner', ''],
          ['\u200d', 'zero width joiner', ''],
          ['\u200e', 'left-to-right mark', ''],
          ['\u200f', 'right-to-left mark', ''],
          ['\u202a', 'left-to-right embedding', ''],
          ['\u202b', 'right-to-left embedding', ''],
          ['\u202c', 'pop directional formatting', ''],
          ['\u202d', 'left-to-right override', ''],
          ['\u202e', 'right-to-left override', ''],
          ['\u2066', 'left-to-right isolate', ''],
          ['\u2067', 'right-to-left isolate', ''],
          ['\u2068', 'first strong isolate', ''],
          ['\u2069', 'pop directional isolate', ''],
          ['\u2060', 'word joiner', ''],
          ['\ufeff', 'zero width no-break space', ''],
          ['\u2010', 'hyphen', '-'],
          ['\u2011', 'non-breaking hyphen', '-'],
          ['\u2012', 'figure dash', '-'],
          ['\u2013', 'en dash', '-'],
          ['\u2014', 'em dash', '-'],
          ['\u2015', 'horizontal bar', '-'],
          ['\u2212', 'minus sign', '-'],
          ['\u2018', 'left single quotation mark', "'"],
          ['\u2019', 'right single quotation mark', "'"],
          ['\u201a', 'single low-9 quotation mark', "'"],
          ['\u2032', 'prime', "'"],
          ['\u00b4', 'acute accent', "'"],
          ['\u201c', 'left double quotation mark', '"'],
          ['\u201d', 'right double quotation mark', '"'],
          ['\u201e', 'double low-9 quotation mark', '"'],
          ['\u00ab', 'left-pointing double angle quotation mark', '"'],
          ['\u00bb', 'right-pointing double angle quotation mark', '"'],
          ['\uff0c', 'fullwidth comma', ','],
          ['\uff0f', 'fullwidth solidus', '/'],
          ['\u2044', 'fraction slash', '/'],
          ['\u2215', 'division slash', '/'],
          ['\u3002', 'ideographic full stop', '.'],
          ['\uff03', 'fullwidth number sign', '#'],
          ['\uff0d', 'fullwidth hyphen-minus', '-'],
          ['\uff0e', 'fullwidth full stop', '.'],
          ['\uff1a', 'fullwidth colon', ':'],
          ['\uff1b', 'fullwidth semicolon', ';'],
          ['\uff1d', 'fullwidth equals sign', '='],
        ] as const
      ).map(([character, name, ascii]) => [character, { name, ascii }]),
    ),
);

/** Returns the code point and name of the first look-alike of a text, for messages; `undefined` if there is none. */
export function namedLookAlike(text: string): string | undefined {
  return firstNamed(text, () => true);
}

/**
 * Returns the code point and name of the first character of a text that looks like a blank, and that the server does
 * not read as a blank; for messages. Returns `undefined` if the text has no such character.
 */
export function namedJoiningBlank(text: string): string | undefined {
  return firstNamed(text, ({ ascii }) => ascii === ' ');
}

/** Replaces each look-alike of a text by its ASCII character. */
export function withoutLookAlikes(text: string): string {
  return text.replace(/[^\0-\x0a\x0d-\x7f]/gu, (character) => lookAlikeOf(character)?.ascii ?? character);
}

/** Replaces each character that only looks like a blank by an ASCII blank. */
export function withPlainBlanks(text: string): string {
  return text.replace(/[^\0-\x0a\x0d-\x7f]/gu, (character) =>
    lookAlikeOf(character)?.ascii === ' ' ? ' ' : character,
  );
}

function firstNamed(text: string, isMeant: (found: LookAlike) => boolean): string | undefined {
  for (const character of text) {
    const found = lookAlikeOf(character);
    if (found !== undefined && isMeant(found)) {
      const code = pgAsciiToUpper(plainCharacter(character).codePointAt(0)!.toString(16)).padStart(4, '0');
      return `U+${code} (${found.name})`;
    }
  }
  return undefined;
}

function lookAlikeOf(character: string): LookAlike | undefined {
  return lookAlikes().get(plainCharacter(character));
}

/**
 * Returns a character as Latin-1 reads it if it stands for a byte that is not UTF-8. Such a byte is a lone surrogate in
 * a token. In Latin-1, the byte 0xA0 is a no-break space.
 */
function plainCharacter(character: string): string {
  const code = character.codePointAt(0)!;
  return code >= 0xdc80 && code <= 0xdcff ? String.fromCharCode(code - 0xdc00) : character;
}
