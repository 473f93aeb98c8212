import { PgHostsslError } from '../../errors.ts';
import { withSecret } from '../../secret.ts';
import type { ClientBundle } from './bundle.ts';

/** A file of the client's side. */
export interface ClientFile {
  /** Path of the file: the directory as it was given, `/`, and the name. */
  readonly path: string;
  /** Its content, PEM. Not enumerable in a secret file, so that no log shows it. */
  readonly content: string;
  /** Its mode: libpq refuses a key that group or others can read. */
  readonly mode: number;
  /** Whether it holds a private key. */
  readonly secret: boolean;
}

/** The three files in a client's directory: their paths, or their names. */
export interface ClientFilePaths {
  /** `root.crt`. */
  readonly ca: string;
  /** `postgresql.crt`. */
  readonly certificate: string;
  /** `postgresql.key`. */
  readonly privateKey: string;
}

/** The names that libpq, pgx, lib/pq and pgjdbc look for in `~/.postgresql`. */
export const libpqFileNames: ClientFilePaths = {
  ca: 'root.crt',
  certificate: 'postgresql.crt',
  privateKey: 'postgresql.key',
};

/**
 * The three files of a client's directory, the key first. As `~/.postgresql` libpq finds them by itself, but so does
 * *every* connection of that account: `root.crt` there makes each `sslmode=require` verify, and the certificate is
 * offered to each server. In a directory of their own they are named by the connection string.
 *
 * @param directory the directory, to be made with mode 0700
 * @throws PgHostsslError as {@link clientFilePaths} does.
 */
export function libpqFiles(bundle: ClientBundle, directory: string): readonly ClientFile[] {
  const paths = clientFilePaths(directory);
  const key = withSecret({ path: paths.privateKey, mode: 0o600, secret: true }, 'content', bundle.privateKey);
  return [
    key,
    { path: paths.certificate, content: bundle.certificate, mode: 0o644, secret: false },
    { path: paths.ca, content: bundle.ca, mode: 0o644, secret: false },
  ];
}

/**
 * The paths of the three files in a directory.
 *
 * @throws PgHostsslError `client-directory-invalid` for an empty path and for one with a colon (other than a drive's):
 * libpq reads `a:b` in `sslkey` as engine and key name (`initialize_SSL` in fe-secure-openssl.c).
 */
export function clientFilePaths(directory: string): ClientFilePaths {
  if (directory === '' || /[\0\r\n]/.test(directory) || directory.replace(/^[A-Za-z]:(?=[\\/])/, '').includes(':')) {
    throw new PgHostsslError('client-directory-invalid', `${JSON.stringify(directory)} cannot hold a client's files`, {
      hint: 'Give a directory without a colon in its path: libpq takes "engine:key" for something else.',
    });
  }
  const folder = directory.replace(/(?<=.)\/+$/, '');
  const inFolder = (name: string): string => (folder === '/' ? `/${name}` : `${folder}/${name}`);
  return {
    ca: inFolder(libpqFileNames.ca),
    certificate: inFolder(libpqFileNames.certificate),
    privateKey: inFolder(libpqFileNames.privateKey),
  };
}
