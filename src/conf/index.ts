export { type IncludeDirective, includeDirectives } from '../include/directive.ts';
export {
  type SettingContext,
  type SettingDefinition,
  type SettingType,
  type SettingUnit,
  settingDefinition,
  settingDefinitions,
  settingMajors,
} from './catalogue.ts';
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
export type { ConfValue } from './quote.ts';
