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
          ['\u1680', 'ogham space mark', ' '],
          ['\u2000', 'en quad', ' '],
          ['\u2001', 'em quad', ' '],
          ['\u2002', 'en space', ' '],
          ['\u2003', 'em space', ' '],
          ['\u2007', 'figure space', ' '],
          ['\u2009', 'thin space', ' '],
          ['\u200a', 'hair space', ' '],
          ['\u202f', 'narrow no-break space', ' '],
          ['\u205f', 'medium mathematical space', ' '],
          ['\u3000', 'ideographic space', ' '],
          ['\u00ad', 'soft hyphen', ''],
          ['\u200b', 'zero width space', ''],
          ['\u200c', 'zero width non-joiner', ''],
          ['\u200d', 'zero width joiner', ''],
          ['\u200e', 'left-to-right mark', ''],
          ['\u200f', 'right-to-left mark', ''],
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
          ['\uff1d', 'fullwidth equals sign', '='],
        ] as const
      ).map(([character, name, ascii]) => [character, { name, ascii }]),
    ),
);

/** Returns the code point and name of the first look-alike of a text, for messages; `undefined` if there is none. */
export function namedLookAlike(text: string): string | undefined {
  for (const character of text) {
    const found = lookAlikes().get(character);
    if (found !== undefined) {
      const code = pgAsciiToUpper(character.codePointAt(0)!.toString(16)).padStart(4, '0');
      return `U+${code} (${found.name})`;
    }
  }
  return undefined;
}

/** Replaces each look-alike of a text by its ASCII character. */
export function withoutLookAlikes(text: string): string {
  return text.replace(/[^\0-\x7f]/gu, (character) => lookAlikes().get(character)?.ascii ?? character);
}
