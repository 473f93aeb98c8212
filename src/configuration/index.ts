/**
 * The files of one server together. Functions find the files, read them by following the settings, and check them as a
 * whole.
 *
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { Configuration } from 'pg-hostssl/configuration';
 *
 * const contents = { '/data/postgresql.conf': 'ssl = off\n', '/data/pg_hba.conf': 'hostssl all all all cert\n' };
 * const configuration = Configuration.fromContents(contents, { dataDirectory: '/data', version: 18 });
 * assert.equal(configuration.hba.rules.length, 1);
 * ```
 * @module pg-hostssl/configuration
 */

export type { ConfigurationFile } from './assemble.ts';
export { checkConfiguration } from './check.ts';
export { type CheckCertificatesOptions, checkCertificates } from './check-certificates.ts';
export type { CheckedConfiguration, TlsFile } from './checked-configuration.ts';
export { Configuration } from './configuration.ts';
export type { CrlDirectory, CrlDirectoryFile } from './crl-directory.ts';
export type { FileContents } from './file-contents.ts';
export type { HostsFileUse, NamedTlsFile } from './hosts-files.ts';
export {
  type ConfigurationCandidate,
  type ConfigurationEvidence,
  locateConfiguration,
  type WantedServer,
} from './locate.ts';
export type { ConfigurationPlace } from './place.ts';
export { type ReadConfigurationOptions, readConfiguration } from './read.ts';
