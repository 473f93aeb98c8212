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
