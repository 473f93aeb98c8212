import { assertText } from '../../arguments.ts';
import { pgAsciiToLower } from '../../c/ascii.ts';
import { type PgMajor, type PgMajorSpan, spanIncludes } from '../../version.ts';

interface Alias extends PgMajorSpan {
  readonly alias: string;
  readonly name: string;
}

/** Old names of settings that the server still accepts (`map_old_guc_names` of guc.c). */
const aliases: readonly Alias[] = [
  { alias: 'sort_mem', name: 'work_mem' },
  { alias: 'vacuum_mem', name: 'maintenance_work_mem' },
  { alias: 'ssl_ecdh_curve', name: 'ssl_groups', since: 18 },
];

/**
 * Returns the key under which the server keeps a setting. Names are compared without ASCII case (`guc_name_compare`),
 * and an old name has the key of the new name.
 */
export function settingKey(name: string, version: PgMajor): string {
  assertText(name, 'the name of a setting');
  const key = pgAsciiToLower(name);
  return aliases.find((row) => row.alias === key && spanIncludes(row, version))?.name ?? key;
}
