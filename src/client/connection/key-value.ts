import { skipSpaces } from '../../c/ascii.ts';
import { invalid, type Parameters, storeParameter } from './parameters.ts';

/**
 * Reads a string of `name=value` pairs as libpq does (`conninfo_parse`).
 *
 * @throws PgHostsslError `connection-url-invalid`, `connection-parameter-unknown`
 */
export function readKeyValue(text: string): Parameters {
  const parameters: Parameters = new Map();
  // A value ends at a space or at its closing quote. A character after a backslash is taken literally. The expression
  // does not begin with spaces: with two runs of spaces beside an empty name, a failure would take quadratic time.
  const pair = /([^= \t-\r]*)[ \t-\r]*=[ \t-\r]*(?:'((?:[^'\\]|\\.?)*)('?)|((?:[^ \t-\r\\]|\\.?)*))[ \t-\r]*/sy;
  pair.lastIndex = skipSpaces(text, 0);
  while (pair.lastIndex < text.length) {
    const match = pair.exec(text);
    if (match === null) throw invalid('it is neither a postgresql:// URL nor made of name=value pairs');
    const [, name, quoted, closing, bare] = match;
    if (quoted !== undefined && closing === '') throw invalid('the closing quote of a value is missing');
    storeParameter(parameters, name!, (quoted ?? bare!).replace(/\\(.?)/gs, '$1'));
  }
  return parameters;
}

/** Quotes a value for a string of `name=value` pairs, if the value needs quotes. */
export function quoteValue(value: string): string {
  return /^[\w./:@+-]+$/.test(value) ? value : `'${value.replace(/['\\]/g, '\\$&')}'`;
}
