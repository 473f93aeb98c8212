export type { HostsEntry, HostsEntryInput, HostsHost, HostsKeyword, HostsSelector } from './entry.ts';
export { HostsFile, type HostsInsertion } from './file.ts';
export type { HostsEntryChange } from './write/spelling.ts';
