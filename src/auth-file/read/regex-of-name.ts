/**
 * The regular expression that matches this name and nothing else. From 16 on, a name that begins with a slash can be
 * written in no other way: quotes do not stop the server from reading a regular expression.
 */
export function regexOfName(name: string): string {
  return `^${name.replace(/[^\p{L}\p{N}_]/gu, '\\$&')}$`;
}

/**
 * The name that a regular expression was written for by {@link regexOfName}; `undefined` for any other expression.
 *
 * @param needsRegex whether a name can be written as a regular expression only; by default a name with a leading slash
 */
export function nameOfRegex(
  regex: string,
  needsRegex: (name: string) => boolean = (name) => name.startsWith('/'),
): string | undefined {
  const name = regex.slice(1, -1).replace(/\\([^\p{L}\p{N}_])/gu, '$1');
  return needsRegex(name) && regexOfName(name) === regex ? name : undefined;
}
