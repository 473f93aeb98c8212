export { type IncludeDirective, includeDirectives } from '../include/directive.ts';
export { alterAutoConf, alterSystem, type SystemChanges } from './alter-system.ts';
export {
  type SettingContext,
  type SettingDefinition,
  type SettingType,
  type SettingUnit,
  settingDefinition,
  settingDefinitions,
  settingMajors,
} from './catalogue.ts';
export { changes, type SettingChange, type TakesEffect } from './changes.ts';
export type {
  ConfBlank,
  ConfComment,
  ConfCommentedSetting,
  ConfEntry,
  ConfInclude,
  ConfInvalid,
  ConfSetting,
} from './entry.ts';
export { ConfFile, type SetOptions, type UnsetOptions } from './file.ts';
export { type ConfFiles, confFileSettings, type FileSettingRow, type RunningSettings } from './file-settings.ts';
export { duration, memory } from './quantity.ts';
export type { ConfValue } from './quote.ts';
export type {
  BoolWord,
  CustomSettingName,
  DurationText,
  MemoryText,
  SettingInput,
  SettingInputs,
  SettingName,
  SettingOutput,
} from './setting-input.ts';
export type {
  BoolSettingName,
  DurationSettingName,
  ListSettingName,
  MemorySettingName,
  NumberSettingName,
  SettingWords,
  StringSettingName,
} from './setting-types.ts';
export {
  type AssignmentSource,
  type ConfAssignment,
  ConfTree,
  type ConfTreeSources,
  type EffectiveSetting,
  type TreeEdit,
  type TreeSetOptions,
} from './tree.ts';
export type { Quantity, SettingValue } from './value.ts';
