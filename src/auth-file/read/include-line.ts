import { includeDirectives } from '../../include/directive.ts';
import type { Field } from '../scan/token.ts';
import type { IncludeEntry } from './entry.ts';

/**
 * Returns the include directive of a line; `undefined` for any other line. As in `tokenize_auth_file`, the line must
 * have exactly two fields, and only the first token of each field counts.
 */
export function includeOf(fields: readonly Field[]): Pick<IncludeEntry, 'directive' | 'path'> | undefined {
  const [first, second] = fields;
  if (first === undefined || second === undefined || fields.length !== 2) return undefined;
  const directive = includeDirectives.find((word) => word === first[0].value);
  return directive === undefined ? undefined : { directive, path: second[0].value };
}
