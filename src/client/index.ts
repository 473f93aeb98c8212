/**
 * Connects clients: connection strings as libpq reads them, and bundles of a connection target, certificates and a
 * private key. A function that is called a view, such as `pgConfig`, turns a bundle into the form that one client
 * program takes.
 *
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { parseConnectionString, toConnectionString } from 'pg-hostssl/client';
 *
 * const target = parseConnectionString('postgresql://webadmin@db.example.com/app');
 * assert.equal(toConnectionString(target, { form: 'key-value' }), 'host=db.example.com port=5432 user=webadmin dbname=app');
 * ```
 * @module pg-hostssl/client
 */

export type { CertificateLogin, CertificateLogins } from '../access/certificate-logins.ts';
export {
  type ClientBundle,
  type ClientBundleParts,
  type ConnectionBundle,
  clientBundle,
  type PemKey,
  type ServerOnlyBundle,
  type ServerOnlyBundleParts,
} from './bundle/bundle.ts';
export { type ClientFile, type ClientFilePaths, clientFilePaths, libpqFileNames, libpqFiles } from './bundle/files.ts';
export { type ConnectionTarget, type ConnectionTargetParts, connectionTarget } from './bundle/target.ts';
export type { BundleProblem, BundleProblemCode } from './check/bundle-problem.ts';
export { certificateLogins } from './check/certificate-logins.ts';
export { type BundleVerdict, type CheckBundleOptions, checkBundle } from './check/check-bundle.ts';
export type { HostClient } from './check/host-rules.ts';
export type { KeyFileState } from './check/key-file.ts';
export { parseConnectionString } from './connection/connection-string.ts';
export { type ConnectionStringOptions, toConnectionString } from './connection/write-connection-string.ts';
export { PgPassFile, pgPassLine } from './files/pgpass.ts';
export { ServiceFile } from './files/service-file.ts';
export { type FileStamp, type LiveFilesOptions, liveFiles } from './live/files.ts';
export { type LiveRenewal, type LiveRenewalOptions, liveRenewal } from './live/renewal.ts';
export { type TestBundle, type TestBundleOptions, type TestTarget, testBundle } from './testing/test-bundle.ts';
export { dbeaverNotes } from './views/dbeaver.ts';
export {
  type DsnAndUser,
  type DsnOptions,
  npgsqlConnectionString,
  odbcConnectionString,
  perlDbi,
  phpPdo,
} from './views/dsn.ts';
export { type JdbcOptions, jdbcFiles, jdbcProperties, jdbcUrl } from './views/jdbc.ts';
export {
  type KubernetesCaSecret,
  type KubernetesSecret,
  type KubernetesSecretOptions,
  kubernetesCaSecret,
  kubernetesSecret,
  kubernetesServerSecret,
  type ServerSecretParts,
} from './views/kubernetes.ts';
export {
  type LibpqOptions,
  libpqEnvironment,
  libpqKeyValue,
  libpqParameters,
  libpqServiceEntry,
  libpqUri,
} from './views/libpq.ts';
export {
  type BunSqlOptions,
  bunSqlOptions,
  type KnexOptions,
  knexOptions,
  type PostgresJsOptions,
  postgresJsOptions,
  type SequelizeOptions,
  sequelizeOptions,
  type TypeOrmOptions,
  typeOrmOptions,
} from './views/node-drivers.ts';
export {
  type CloudNativePgCertificates,
  type CloudNativePgSecretNames,
  type CrunchySecretNames,
  type CrunchyTlsSecrets,
  cloudNativePgCertificates,
  crunchyTlsSecrets,
} from './views/operators.ts';
export { type LiveOptions, type PgConfig, type PgSsl, pgConfig } from './views/pg.ts';
export { type PgAdminOptions, type PgAdminServer, type PgAdminServers, pgAdminServers } from './views/pgadmin.ts';
export { type PrismaLegacyOptions, prismaLegacyUrl } from './views/prisma.ts';
export { type ClientView, clientViews } from './views/table.ts';
