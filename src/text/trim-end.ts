/**
 * Removes all of the given characters at the end of a text. A regular expression such as `/[ \t]+$/` would try a match
 * at each of these characters, which takes quadratic time for a long run of them inside the text.
 */
export function trimEndOf(text: string, characters: string): string {
  let end = text.length;
  while (end > 0 && characters.includes(text[end - 1]!)) end -= 1;
  return text.slice(0, end);
}
