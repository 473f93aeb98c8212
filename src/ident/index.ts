export type { IdentInsertion, IdentInsertOptions, IdentMappingChange } from './file.ts';
export { IdentFile, identFileMappings } from './file.ts';
export type { IdentEntry, IdentMapping, IdentMappingInput, IdentPgUser, IdentSystemUser } from './mapping.ts';
export type { IdentFileMappingsRow } from './view.ts';
export type { IdentColumnStyle } from './write/layout.ts';
