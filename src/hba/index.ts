export type { ClientCertLevel, ClientCertOption } from './client-cert.ts';
export { clientCertOption } from './client-cert.ts';
export type { ColumnStyle, ColumnWidths } from './columns.ts';
export type { HbaRuleChange } from './edit-rule.ts';
export type { HbaBlank, HbaComment, HbaEntry, HbaInclude, HbaIndirect, HbaInvalid } from './entry.ts';
export type { HbaInsertion, InsertOptions } from './file.ts';
export { HbaFile } from './file.ts';
export type {
  HbaAddress,
  HbaDatabase,
  HbaOption,
  HbaRule,
  HbaRuleInput,
  HbaUser,
  HostRule,
  HostRuleInput,
  LocalRule,
  LocalRuleInput,
  NonEmptyList,
} from './rule.ts';
export { all } from './rule.ts';
export type { AuthMethod, AuthMethodFor, AuthOptionName, ConnectionType } from './tables.ts';
