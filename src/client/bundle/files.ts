import { assertText } from '../../arguments.ts';
import { keyFileMode, publicFileMode } from '../../c/key-file-permissions.ts';
import { joinPathComponents } from '../../c/paths.ts';
import { PgHostsslError } from '../../errors.ts';
import { trimEndOf } from '../../text/trim-end.ts';
import { assertBundle } from './assert-bundle.ts';
import type { ConnectionBundle } from './bundle.ts';

/**
 * A file that the caller has to write. The content is returned by a method, so inspecting or serializing the object
 * shows no key.
 */
export interface ClientFile {
  /** The path of the file: the directory as the caller gave it, `/`, and the name of the file. */
  readonly path: string;
  /** The permission bits. libpq refuses a private key file that group or others can read. */
  readonly mode: number;
  /** Whether the file holds a secret: a private key or a passphrase. */
  readonly secret: boolean;
  /**
   * The content of the file.
   *
   * @returns PEM text, or the bytes of a DER file
   */
  content(): string | Uint8Array;
}

/** @internal A file that only its owner can read if it holds a secret (mode 0600), and everybody otherwise. */
export class ContentFile implements ClientFile {
  readonly path: string;
  readonly mode: number;
  readonly secret: boolean;
  readonly #content: string | Uint8Array;

  constructor(path: string, content: string | Uint8Array, kind: 'secret' | 'public') {
    this.path = path;
    this.secret = kind === 'secret';
    this.mode = this.secret ? keyFileMode : publicFileMode;
    this.#content = content;
  }

  content(): string | Uint8Array {
    return typeof this.#content === 'string' ? this.#content : this.#content.slice();
  }
}

/** The paths or names of the three files of a client: `root.crt`, `postgresql.crt` and `postgresql.key`. */
export interface ClientFilePaths {
  /** The path of `root.crt`. */
  readonly ca: string;
  /** The path of `postgresql.crt`. */
  readonly certificate: string;
  /** The path of `postgresql.key`. */
  readonly privateKey: string;
}

/**
 * The file names that libpq, pgx and lib/pq look for in `~/.postgresql`. Instead of `postgresql.key`, pgjdbc looks for
 * `postgresql.pk8`.
 *
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { libpqFileNames } from 'pg-hostssl/client';
 *
 * assert.equal(libpqFileNames.privateKey, 'postgresql.key');
 * ```
 */
export const libpqFileNames: ClientFilePaths = {
  ca: 'root.crt',
  certificate: 'postgresql.crt',
  privateKey: 'postgresql.key',
};
Object.freeze(libpqFileNames);

/**
 * The files for the directory of a client: `postgresql.key`, `postgresql.crt` and `root.crt`, in this order. For a
 * client without a certificate, only `root.crt`.
 *
 * Files in `~/.postgresql` change *every* libpq connection of the account. With `root.crt` there, each connection with
 * `sslmode=require` verifies the server, and libpq offers the certificate to each server. Files in any other directory
 * have no such effect, but the connection string must name them.
 *
 * @param bundle the target, certificates and key of the client
 * @param directory the directory of the files. The caller must make it with mode 0700.
 * @returns the files, with modes that libpq accepts. An encrypted key stays encrypted.
 * @throws PgHostsslError `argument-invalid` for a value of the wrong kind; `client-directory-invalid`, see {@link
 * clientFilePaths}.
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { clientBundle, libpqFiles } from 'pg-hostssl/client';
 * import { CertificateAuthority } from 'pg-hostssl/pki';
 *
 * const authority = await CertificateAuthority.create({ subject: '/CN=Example CA' });
 * const { chain, privateKey } = await authority.issueClientCertificate({ user: 'webadmin' });
 * const target = { host: 'db.example.com', user: 'webadmin' };
 * const bundle = clientBundle({ target, ca: authority.certificate, certificate: chain, privateKey });
 *
 * const [key] = libpqFiles(bundle, '/etc/app/db');
 * assert.equal(key?.path, '/etc/app/db/postgresql.key');
 * assert.equal(key?.mode, 0o600);
 * assert.equal(key?.content(), bundle.privateKey());
 * ```
 */
export function libpqFiles(bundle: ConnectionBundle, directory: string): readonly ClientFile[] {
  assertBundle(bundle);
  const paths = clientFilePaths(directory);
  const ca = new ContentFile(paths.ca, bundle.ca, 'public');
  if (bundle.certificate === undefined) return [ca];
  return [
    new ContentFile(paths.privateKey, bundle.privateKey(), 'secret'),
    new ContentFile(paths.certificate, bundle.certificate, 'public'),
    ca,
  ];
}

/**
 * The paths of `root.crt`, `postgresql.crt` and `postgresql.key` in the directory of a client.
 *
 * @param directory the directory, absolute or relative
 * @returns one path for each file
 * @throws PgHostsslError `argument-invalid` for a value of the wrong kind; `client-directory-invalid` for an empty
 * path, for a path with a NUL, a line break or a lone surrogate, for a path that begins with `~`, which no client
 * expands, and for a path with a colon (except after the letter of a drive): libpq reads `a:b` in `sslkey` as the name
 * of an engine and its key (`initialize_SSL` in fe-secure-openssl.c).
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { clientFilePaths } from 'pg-hostssl/client';
 *
 * assert.equal(clientFilePaths('/etc/app/db').ca, '/etc/app/db/root.crt');
 * ```
 */
export function clientFilePaths(directory: string): ClientFilePaths {
  return {
    ca: clientFilePath(directory, libpqFileNames.ca),
    certificate: clientFilePath(directory, libpqFileNames.certificate),
    privateKey: clientFilePath(directory, libpqFileNames.privateKey),
  };
}

/**
 * @internal The path of a file with any name in the directory of a client.
 *
 * @throws PgHostsslError as {@link clientFilePaths}
 */
export function clientFilePath(directory: string, name: string): string {
  assertDirectory(directory);
  return joinPathComponents(directory.slice(0, 1) + trimEndOf(directory.slice(1), '/'), name);
}

function assertDirectory(directory: unknown): asserts directory is string {
  assertText(directory, 'a directory');
  if (directory.startsWith('~')) {
    throw new PgHostsslError('client-directory-invalid', `${JSON.stringify(directory)} begins with "~"`, {
      hint: 'Give the path of the home directory: only a shell, and no client, expands "~".',
    });
  }
  const isText = !/[\0\r\n]/.test(directory) && directory.isWellFormed();
  if (directory !== '' && isText && !withoutDrive(directory).includes(':')) return;
  throw new PgHostsslError(
    'client-directory-invalid',
    `${JSON.stringify(directory)} cannot be the directory of a client's files`,
    { hint: 'Give a path without colon or line break: libpq reads "a:b" in sslkey as an engine and its key.' },
  );
}

function withoutDrive(path: string): string {
  return path.replace(/^[A-Za-z]:(?=[\\/])/, '');
}
