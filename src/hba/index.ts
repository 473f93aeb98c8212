export type { IncludeDirective } from '../include/directive.ts';
export type { AddressKeyword } from './address.ts';
export type { ClientCertLevel, ClientCertOption } from './client-cert.ts';
export { clientCertOption } from './client-cert.ts';
export type { ColumnStyle, ColumnWidths } from './columns.ts';
export type { HbaRuleChange } from './edit-rule.ts';
export type { BlankEntry, CommentEntry, CommonEntry, IncludeEntry, IndirectEntry, InvalidEntry } from './entry.ts';
export type { HbaInsertion, InsertOptions } from './file.ts';
export { HbaFile, hbaFileRules } from './file.ts';
export type { HbaEntry } from './line.ts';
export type { LineInsertion } from './line-list.ts';
export type {
  HbaAddress,
  HbaDatabase,
  HbaDatabasePattern,
  HbaOption,
  HbaRule,
  HbaRuleBase,
  HbaRuleInput,
  HbaRuleText,
  HbaUser,
  HbaUserPattern,
  HostRule,
  HostRuleInput,
  LocalRule,
  LocalRuleInput,
  NamePattern,
  NonEmptyList,
} from './rule.ts';
export { all } from './rule.ts';
export type { AuthMethod, AuthMethodFor, AuthOptionName, ConnectionType, HostConnectionType } from './tables.ts';
export type { HbaFileRulesRow } from './view.ts';
