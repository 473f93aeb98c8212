import { invalid, type Parameters, storeParameter } from './parameters.ts';

/**
 * Reads a string of `name=value` pairs as libpq does (`conninfo_parse`).
 *
 * @param text - The string, without blanks at its ends.
 * @throws PgHostsslError `connection-url-invalid`, `connection-parameter-unknown`
 */
export function readKeyValue(text: string): Parameters {
  const parameters: Parameters = new Map();
  // A value ends at a blank or at its closing quote; a backslash takes the next character unchanged.
  const pair =
    /[ \t-\r]*([^= \t-\r]*)[ \t-\r]*=[ \t-\r]*(?:'((?:[^'\\]|\\.?)*)('?)|((?:[^ \t-\r\\]|\\.?)*))[ \t-\r]*/sy;
  while (pair.lastIndex < text.length) {
    const match = pair.exec(text);
    if (match === null) throw invalid('it is neither a postgresql:// URL nor made of name=value pairs');
    const [, name, quoted, closing, bare] = match;
    if (quoted !== undefined && closing === '') throw invalid('a quoted value of it is never closed');
    storeParameter(parameters, name!, (quoted ?? bare!).replace(/\\(.?)/gs, '$1'));
  }
  return parameters;
}

/** A value for a string of `name=value` pairs. */
export function quoteValue(value: string): string {
  return /^[\w./:@+-]+$/.test(value) ? value : `'${value.replace(/['\\]/g, '\\$&')}'`;
}
