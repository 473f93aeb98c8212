import { findSecrets } from '../../find-secrets.ts';
import { secretOptions } from '../../hba/tables/secret-names.ts';
import type { AccessRule } from '../rules/access-rule.ts';

/**
 * Returns whether a copy of the rule would carry a secret from another file into the main file. This happens if the
 * rule is in an included file, or if its options come from an `@file`. The other file can have a stricter mode and can
 * be outside version control.
 */
export function copiesSecret({ entry, options }: AccessRule): boolean {
  if (entry.kind === 'rule') return false;
  return options.some(({ name, value }) => value !== '' && findSecrets(`${name}=${value}`, secretOptions).length > 0);
}
