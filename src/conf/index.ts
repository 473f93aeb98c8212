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
export { type IncludeDirective, includeDirectives } from './names.ts';
export type { ConfValue } from './quote.ts';
