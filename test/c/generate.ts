import fc from 'fast-check';
import { unicodeTraps } from '../property.ts';

/**
 * Texts of up to `maxLength` of these pieces, and of characters that C and JavaScript read differently; never with a
 * NUL.
 */
export function textsOf(pieces: readonly string[], maxLength: number): fc.Arbitrary<string> {
  return fc
    .array(fc.oneof({ weight: 12, arbitrary: fc.constantFrom(...pieces) }, fc.constantFrom(...unicodeTraps)), {
      maxLength,
    })
    .map((parts) => parts.join(''));
}

/** Returns every text of at most `length` of these characters. */
export function allTexts(characters: readonly string[], length: number): readonly string[] {
  let longest = [''];
  const texts = [''];
  for (let i = 0; i < length; i++) {
    longest = longest.flatMap((text) => characters.map((character) => text + character));
    texts.push(...longest);
  }
  return texts;
}
