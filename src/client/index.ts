export { type ClientBundle, type ClientBundleParts, clientBundle } from './bundle.ts';
export { type ClientFile, type ClientFilePaths, clientFilePaths, libpqFileNames, libpqFiles } from './files.ts';
export {
  type LibpqOptions,
  libpqEnvironment,
  libpqKeyValue,
  libpqParameters,
  libpqUri,
  serviceEntry,
} from './libpq.ts';
export { type PgConfig, type PgSsl, pgConfig } from './pg.ts';
export { type ConnectionTarget, type ConnectionTargetParts, connectionTarget } from './target.ts';
export { parseConnectionUrl } from './url.ts';
