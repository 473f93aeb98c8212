import { pgAsciiToLower } from '../../c/ascii.ts';
import { type PgMajor, spanIncludes } from '../../version.ts';
import { settingDefinition } from '../catalogue/catalogue.ts';
import { debugSettings } from '../catalogue/catalogue-data.ts';
import { readValue, type SettingValue } from '../values/value.ts';
import { checkValue } from './check-hooks.ts';
import { decidedByState } from './decided-by-state.ts';

/** Codes of problems of a single setting. */
export type SettingProblemCode =
  | 'setting-unknown'
  | 'setting-internal'
  | 'setting-value-invalid'
  | 'setting-unit-invalid'
  | 'setting-out-of-range';

/** What a server of a major version does with a setting in a file. */
export type Judgement =
  | { readonly kind: 'accepted'; readonly value: SettingValue }
  | { readonly kind: 'custom' }
  | {
      readonly kind: 'refused';
      readonly code: SettingProblemCode;
      readonly because: string;
      readonly when: RefusedWhen;
    }
  | { readonly kind: 'no-effect'; readonly because: string }
  | { readonly kind: 'unchecked'; readonly because: string };

/** When the server refuses a value: while it loads the file, or later during its start. */
export type RefusedWhen = 'load' | 'start';

/** Lists that the server splits late: during its start, or when a failure no longer stops it. */
const lateLists: ReadonlyMap<string, 'start' | 'never'> = new Map([
  ['listen_addresses', 'start'],
  ['unix_socket_directories', 'start'],
  ['shared_preload_libraries', 'never'],
  ['session_preload_libraries', 'never'],
  ['local_preload_libraries', 'never'],
  ['oauth_validator_libraries', 'never'],
]);

/** Judges a setting as a server does at its start, apart from other settings. */
export function judgeSetting(name: string, text: string, version: PgMajor): Judgement {
  const definition = settingDefinition(name, version);
  if (definition === undefined) return judgeUnknown(name, version);
  if (definition.context === 'internal') return refused('setting-internal', 'no file can change this setting');
  const reading = readValue(definition, text, version);
  if (!reading.ok) {
    const { code, because } = reading;
    if (code === 'setting-build-dependent') return { kind: 'unchecked', because };
    const late = lateLists.get(definition.name);
    return late === 'never' ? { kind: 'no-effect', because } : refused(code, because, late ?? 'load');
  }
  const given = { text, value: reading.value, version };
  const verdict = checkValue(definition.name, given);
  if (verdict !== undefined) {
    if ('unchecked' in verdict) return { kind: 'unchecked', because: verdict.unchecked };
    return refused('setting-value-invalid', verdict.refused);
  }
  if (definition.disallowedInFile) return { kind: 'no-effect', because: 'a file cannot set this setting' };
  // A line with the default changes nothing, so what the server's state decides does not matter.
  const state = text === definition.default ? undefined : decidedByState(definition.name, given);
  if (state !== undefined) return { kind: 'unchecked', because: state };
  return { kind: 'accepted', value: reading.value };
}

function judgeUnknown(name: string, version: PgMajor): Judgement {
  if (name.includes('.')) return { kind: 'custom' };
  const span = debugSettings[pgAsciiToLower(name)];
  if (span !== undefined && spanIncludes(span, version)) {
    return { kind: 'unchecked', because: 'only servers built for debugging have such a setting' };
  }
  return refused('setting-unknown', `PostgreSQL ${version} has no such setting`);
}

function refused(code: SettingProblemCode, because: string, when: RefusedWhen = 'load'): Judgement {
  return { kind: 'refused', code, because, when };
}
