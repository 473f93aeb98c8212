import { shownValue } from '../../arguments.ts';
import { PgHostsslError } from '../../errors.ts';
import type { PgMajor } from '../../version.ts';
import { includeDirective } from '../lines/entry.ts';
import { isSettingName } from '../lines/scan.ts';
import { judgeSetting } from './judge-setting.ts';
import { refusalWords } from './refusal-words.ts';

/**
 * Checks the name of a setting to write.
 *
 * @throws PgHostsslError `setting-name-invalid` if a file cannot contain the name
 */
export function assertSettingName(name: string): void {
  if (typeof name === 'string' && isSettingName(name) && includeDirective(name) === undefined) return;
  throw new PgHostsslError(
    'setting-name-invalid',
    `${shownValue(name)} is not the name of a setting that a file can hold`,
    {
      hint: 'A name has letters, digits and underscores and does not begin with a digit. The name of an extension and a dot may come before the name.',
    },
  );
}

/**
 * Checks that a server accepts a value. The message does not show the value, because the value can be a secret.
 *
 * @throws PgHostsslError `setting-refused` if the server refuses the value
 */
export function assertTaken(name: string, text: string, version: PgMajor): void {
  const why = refusalWords(name, judgeSetting(name, text, version), version);
  if (why === undefined) return;
  throw new PgHostsslError('setting-refused', why, {
    hint: 'Give `force: true` if your server accepts the value, as a newer minor release or a distribution may.',
  });
}
