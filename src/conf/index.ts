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
export type {
  BoolWord,
  CustomSettingName,
  DurationText,
  MemoryText,
  SettingInput,
  SettingInputs,
  SettingName,
  SettingOutput,
} from './catalogue/setting-input.ts';
export type {
  BoolSettingName,
  DurationSettingName,
  ListSettingName,
  MemorySettingName,
  NumberSettingName,
  SettingWords,
  StringSettingName,
} from './catalogue/setting-types.ts';
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
export { changes, type SettingChange, type TakesEffect } from './server/changes.ts';
export { type ConfFiles, confFileSettings, type FileSettingRow, type RunningSettings } from './server/file-settings.ts';
export {
  type AssignmentSource,
  type ConfAssignment,
  ConfTree,
  type ConfTreeSources,
  type EffectiveSetting,
  type TreeEdit,
  type TreeSetOptions,
} from './tree.ts';
export { duration, memory } from './values/quantity.ts';
export type { Quantity, SettingValue } from './values/value.ts';
