import { withAsciiLetters } from '../../text/letters.ts';

/**
 * Returns a regular expression that matches only this name. Since major version 16, a name that begins with a slash can
 * only be written as a regular expression, because the server reads such a word as a regular expression even in quotes.
 */
export function regexOfName(name: string): string {
  const characters = Array.from(name, (character) => (isWordCharacter(character) ? character : `\\${character}`));
  return `^${characters.join('')}$`;
}

/**
 * Returns the name for which {@link regexOfName} returns the given expression; `undefined` for any other expression.
 *
 * @param needsRegex returns whether a name can only be written as a regular expression; by default, a name with a
 * leading slash
 */
export function nameOfRegex(
  regex: string,
  needsRegex: (name: string) => boolean = (name) => name.startsWith('/'),
): string | undefined {
  const name = regex
    .slice(1, -1)
    .replace(/\\(.)/gsu, (escaped, character) => (isWordCharacter(character) ? escaped : character));
  return needsRegex(name) && regexOfName(name) === regex ? name : undefined;
}

function isWordCharacter(character: string): boolean {
  return /\w/.test(withAsciiLetters(character));
}
