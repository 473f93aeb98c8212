/**
 * Reads, checks and edits `postgresql.conf`, alone or with its included files, `postgresql.auto.conf` and the command
 * line. The catalogue has every setting of every major version.
 *
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { ConfFile } from 'pg-hostssl/conf';
 *
 * const file = ConfFile.parse('port = 5432\n#ssl = off\t# keep this\n', { version: 18 });
 * assert.equal(file.set('ssl', true).toString(), 'port = 5432\nssl = on\t# keep this\n');
 * assert.equal(file.value('port'), 5432);
 * ```
 * @module pg-hostssl/conf
 */

export { type IncludeDirective, includeDirectives } from '../include/directive.ts';
export {
  type SettingContext,
  type SettingDefinition,
  type SettingType,
  type SettingUnit,
  settingDefinition,
  settingDefinitions,
  settingMajors,
} from './catalogue/catalogue.ts';
export { ConfFile, type SetOptions, type UnsetOptions } from './file.ts';
export type {
  ConfBlank,
  ConfComment,
  ConfCommentedSetting,
  ConfEntry,
  ConfInclude,
  ConfInvalid,
  ConfSetting,
} from './lines/entry.ts';
export type { ConfValue } from './lines/quote.ts';
export { alterAutoConf, alterSystem, type SystemChanges } from './server/alter-system.ts';
export {
  type ConfFiles,
  confFileSettings,
  type FileSettingsRow,
  type RunningSettings,
} from './server/file-settings.ts';
export { type SettingChange, settingChanges, type TakesEffect } from './server/setting-changes.ts';
export {
  type AssignmentSource,
  type ConfAssignment,
  ConfTree,
  type ConfTreeEdit,
  type ConfTreeSetOptions,
  type ConfTreeSources,
  type EffectiveSetting,
} from './tree.ts';
export { duration, memorySize } from './values/quantity.ts';
export type { SettingInput, SettingInputs, SettingName } from './values/setting-input.ts';
export type { Quantity } from './values/units.ts';
