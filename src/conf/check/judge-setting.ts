import { pgAsciiToLower } from '../../c/ascii.ts';
import { type PgMajor, type PgMajorSpan, spanIncludes } from '../../version.ts';
import { moduleWithPrefix, settingDefinition, settingMajors } from '../catalogue/catalogue.ts';
import { debugSettings, lateMinorSettings, vendorSettings } from '../catalogue/catalogue-data.ts';
import { lastRelease } from '../catalogue/renamed.ts';
import { readValue, type SettingValue } from '../values/value.ts';
import { checkValue } from './check-hooks.ts';
import { decidedByState } from './decided-by-state.ts';

/** Codes of the problems of a single setting. */
export type SettingProblemCode =
  | 'setting-unknown'
  | 'setting-internal'
  | 'setting-value-invalid'
  | 'setting-unit-invalid'
  | 'setting-out-of-range';

/** The verdict of a server of a major version on a setting in a file. */
export type Judgement =
  | { readonly kind: 'accepted'; readonly value: SettingValue }
  /** The name has the prefix of a module that this package does not know. */
  | { readonly kind: 'custom' }
  /**
   * This package does not know the name. The name can be a setting of a newer minor release or of a distribution, or a
   * mistake.
   */
  | { readonly kind: 'unknown' }
  /** The name has the prefix of a known module, but this module has no setting of this name. */
  | { readonly kind: 'unknown-to-module'; readonly module: string }
  /** The server accepts the value, but drops the value when the module is loaded. */
  | {
      readonly kind: 'refused-by-module';
      readonly code: SettingProblemCode;
      readonly because: string;
      readonly module: string;
    }
  | {
      readonly kind: 'refused';
      readonly code: SettingProblemCode;
      readonly because: string;
      readonly when: RefusedWhen;
    }
  /** The server starts, but uses only a part of the value, or may not find what the value names. */
  | { readonly kind: 'doubtful'; readonly because: string }
  | { readonly kind: 'no-effect'; readonly because: string }
  /** Only the server can tell whether it accepts the value. */
  | { readonly kind: 'unchecked'; readonly because: string; readonly when: RefusedWhen };

/** When the server refuses a value: while it loads the file, or later during its start. */
export type RefusedWhen = 'load' | 'start';

/**
 * List settings whose syntax the server does not check while it loads the file. `start`: the server checks the list
 * during its start. `never`: a list with invalid syntax has no effect and does not stop the server.
 */
const lateLists: ReadonlyMap<string, 'start' | 'never'> = new Map([
  ['listen_addresses', 'start'],
  ['unix_socket_directories', 'start'],
  ['shared_preload_libraries', 'never'],
  ['session_preload_libraries', 'never'],
  ['local_preload_libraries', 'never'],
  ['oauth_validator_libraries', 'never'],
]);

/** Returns what a server that starts does with a setting, without regard to other settings. */
export function judgeSetting(name: string, text: string, version: PgMajor): Judgement {
  const definition = settingDefinition(name, version);
  if (definition === undefined) return judgeUnknown(name, version);
  const { module } = definition;
  if (definition.context === 'internal') return refused('setting-internal', 'no file can change this setting');
  const reading = readValue(definition, text, version);
  if (!reading.ok) {
    const { code, because } = reading;
    if (code === 'setting-build-dependent') return unchecked(because);
    if (module !== undefined) return { kind: 'refused-by-module', code, because, module };
    const late = lateLists.get(definition.name);
    return late === 'never' ? { kind: 'no-effect', because } : refused(code, because, late ?? 'load');
  }
  const given = { text, value: reading.value, version };
  const verdict = checkValue(definition.name, given);
  if (verdict !== undefined) {
    if ('unchecked' in verdict) return unchecked(verdict.unchecked);
    if ('doubtful' in verdict) return { kind: 'doubtful', because: verdict.doubtful };
    const when = lateLists.get(definition.name) === 'start' ? 'start' : 'load';
    return refused('setting-value-invalid', verdict.refused, when);
  }
  if (definition.disallowedInFile) return { kind: 'no-effect', because: 'a file cannot set this setting' };
  // A line that sets the default value changes nothing, so conditions on the server do not matter.
  const state = text === definition.default ? undefined : decidedByState(definition.name, given);
  if (state !== undefined) return { kind: 'unchecked', ...state };
  return { kind: 'accepted', value: reading.value };
}

/**
 * Returns what a server does with a setting that the catalogue of the major version does not have. The result is
 * `refused` if the setting was removed, comes in a later major version, or cannot exist. Any other name can belong to a
 * newer minor release or to a distribution, so the result is `unknown`.
 */
function judgeUnknown(name: string, version: PgMajor): Judgement {
  const key = pgAsciiToLower(name);
  if (name.includes('.')) {
    const module = moduleWithPrefix(key.slice(0, key.indexOf('.')), version);
    return module === undefined ? { kind: 'custom' } : { kind: 'unknown-to-module', module };
  }
  const isIn = (table: Readonly<Record<string, PgMajorSpan>>): boolean =>
    Object.hasOwn(table, key) && spanIncludes(table[key]!, version);
  if (isIn(debugSettings)) return unchecked('only servers built for debugging have such a setting');
  if (isIn(lateMinorSettings))
    return unchecked(`only late minor releases of PostgreSQL ${version} have such a setting`);
  if (Object.hasOwn(vendorSettings, key))
    return unchecked(`only servers of ${vendorSettings[key]} have such a setting`);
  const isKnown = settingMajors(key) !== undefined || lastRelease(key) !== undefined;
  // Every setting of PostgreSQL has a name of ASCII letters, digits and underscores.
  if (isKnown || !/^[a-z_0-9]+$/.test(key))
    return refused('setting-unknown', `PostgreSQL ${version} has no such setting`);
  return { kind: 'unknown' };
}

function unchecked(because: string): Judgement {
  return { kind: 'unchecked', because, when: 'load' };
}

function refused(code: SettingProblemCode, because: string, when: RefusedWhen = 'load'): Judgement {
  return { kind: 'refused', code, because, when };
}
