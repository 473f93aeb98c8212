/**
 * The client's side: one bundle of target, certificates and key in; files, connection strings and configuration objects for
 * libpq and `pg` out. It reads connection URLs as libpq does.
 *
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { libpqKeyValue, parseConnectionUrl } from 'pg-hostssl/client';
 *
 * const target = parseConnectionUrl('postgresql://webadmin@db.example.com/app');
 * assert.equal(libpqKeyValue(target), 'host=db.example.com port=5432 user=webadmin dbname=app sslmode=verify-full');
 * ```
 * @module pg-hostssl/client
 */

export { type ClientBundle, type ClientBundleParts, clientBundle } from './bundle/bundle.ts';
export { type ClientFile, type ClientFilePaths, clientFilePaths, libpqFileNames, libpqFiles } from './bundle/files.ts';
export { type ConnectionTarget, type ConnectionTargetParts, connectionTarget } from './bundle/target.ts';
export { parseConnectionUrl } from './connection/url.ts';
export {
  type LibpqOptions,
  libpqEnvironment,
  libpqKeyValue,
  libpqParameters,
  libpqUri,
  serviceEntry,
} from './views/libpq.ts';
export { type PgConfig, type PgSsl, pgConfig } from './views/pg.ts';
