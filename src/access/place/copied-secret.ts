import { findSecrets } from '../../find-secrets.ts';
import { secretOptions } from '../../hba/tables/secret-names.ts';
import type { AccessRule } from '../rules/access-rule.ts';

/**
 * Whether a copy of a rule would carry a secret of another file into the main file: the rule is in an included file, or
 * its options are those of an `@file`. Another file may have another mode, and need not be in version control.
 */
export function copiesSecret({ entry, options }: AccessRule): boolean {
  if (entry.kind === 'rule') return false;
  return options.some(({ name, value }) => value !== '' && findSecrets(`${name}=${value}`, secretOptions).length > 0);
}
