import { assertFunction, assertProperties, type PropertyNames } from '../../arguments.ts';
import { PgHostsslError } from '../../errors.ts';
import { assertBundle } from '../bundle/assert-bundle.ts';
import { type ClientBundle, type ConnectionBundle, clientBundle } from '../bundle/bundle.ts';
import { clientFilePaths } from '../bundle/files.ts';
import { callOnError } from './call-on-error.ts';

/** The properties of a file that change when it is replaced: a part of `Stats` of `node:fs`. */
export interface FileStamp {
  /** The time of the last change of the file's content, in milliseconds. */
  readonly mtimeMs: number;
  /** The inode number of the file. */
  readonly ino: number;
  /** Size in bytes. */
  readonly size: number;
}

/** Options of {@link liveFiles}. */
export interface LiveFilesOptions<Bundle extends ConnectionBundle = ClientBundle> {
  /**
   * The directory of `root.crt`, `postgresql.crt` and `postgresql.key`. For a client without a certificate, the
   * directory of `root.crt`.
   */
  readonly directory: string;
  /** Reads a file: `readFileSync` of `node:fs`. */
  readonly readFile: (path: string) => Uint8Array;
  /** Returns the properties that change when a file is replaced: `statSync` of `node:fs`. */
  readonly statFile: (path: string) => FileStamp;
  /**
   * Returns whether a new bundle may be used. If certificate and key are replaced one after the other, they do not
   * match for a moment. In that case, call `X509Certificate.prototype.checkPrivateKey` of `node:crypto` in this
   * function.
   */
  readonly accept?: ((bundle: Bundle) => boolean) | undefined;
  /**
   * Is called with the error if the files cannot be used. The last usable bundle then stays in use. If `accept` refuses
   * the files, or if they change during each attempt to read them, the code is `client-files-unusable`. An error of
   * this function is ignored.
   */
  readonly onError?: ((error: unknown) => void) | undefined;
}

/** How often the files are read in one call if they change during the reading. */
const attempts = 5;

const optionNames: PropertyNames<LiveFilesOptions> = {
  directory: true,
  readFile: true,
  statFile: true,
  accept: true,
  onError: true,
};

/**
 * Makes a function for the `live` option of {@link pgConfig} that returns a bundle with the present content of
 * `root.crt`, `postgresql.crt` and `postgresql.key` in a directory. For a client without a certificate, it reads
 * `root.crt` only. Each call of the function checks whether the files have changed, and then reads them again. If a
 * file changes while they are read, all files are read again.
 *
 * Replace certificate and key at the same moment, for example by changing a symbolic link to their directory, as
 * Kubernetes does for a mounted Secret. If you cannot do this, give `accept`.
 *
 * @param bundle the client. Its target and passphrase stay; its certificates and key are used until the files change.
 * @param options the directory, and the functions that read it. This subpath does not load `node:fs` by itself.
 * @returns the function for `live`. It never throws: if the files cannot be used, it returns the last usable bundle.
 * @throws PgHostsslError `client-directory-invalid`, see {@link clientFilePaths}; `argument-invalid`.
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
 * import { tmpdir } from 'node:os';
 * import { join } from 'node:path';
 * import { clientBundle, libpqFiles, liveFiles, pgConfig } from 'pg-hostssl/client';
 * import { CertificateAuthority } from 'pg-hostssl/pki';
 *
 * const authority = await CertificateAuthority.create({ subject: '/CN=Example CA' });
 * const { chain, privateKey } = await authority.issueClientCertificate({ user: 'webadmin' });
 * const target = { host: 'db.example.com', user: 'webadmin' };
 * const bundle = clientBundle({ target, ca: authority.certificate, certificate: chain, privateKey });
 * const directory = mkdtempSync(join(tmpdir(), 'live-'));
 * for (const file of libpqFiles(bundle, directory)) writeFileSync(file.path, file.content(), { mode: file.mode });
 *
 * const live = liveFiles(bundle, { directory, readFile: readFileSync, statFile: (path) => statSync(path) });
 * // new pg.Pool(pgConfig(bundle, { live }))
 * assert.equal(pgConfig(bundle, { live }).ssl.cert, chain);
 * rmSync(directory, { recursive: true });
 * ```
 */
export function liveFiles<Bundle extends ConnectionBundle>(
  bundle: Bundle,
  options: LiveFilesOptions<Bundle>,
): () => Bundle {
  assertBundle(bundle);
  assertProperties(options, optionNames, 'the options of liveFiles');
  const { directory, readFile, statFile, accept = () => true, onError = () => undefined } = options;
  for (const [name, value] of Object.entries({ readFile, statFile, accept, onError })) {
    assertFunction(value, `${name} of liveFiles`);
  }
  const { ca, certificate, privateKey } = clientFilePaths(directory);
  const paths = bundle.certificate === undefined ? [ca] : [ca, certificate, privateKey];
  const look = (): string =>
    paths
      .map((path) => statFile(path))
      .map(({ mtimeMs, ino, size }) => `${mtimeMs}-${ino}-${size}`)
      .join();
  const read = (): ConnectionBundle => {
    const server = { target: bundle.target, ca: readFile(ca) };
    if (bundle.certificate === undefined) return clientBundle(server);
    return clientBundle({
      ...server,
      certificate: readFile(certificate),
      privateKey: readFile(privateKey),
      passphrase: bundle.passphrase(),
    });
  };
  let used = { seen: '', bundle };
  return () => {
    try {
      // After reading, the files are checked again, because they may have changed during the reading.
      for (let attempt = 0, seen = look(); seen !== used.seen; attempt += 1) {
        if (attempt === attempts) {
          const message = `The files changed during each of ${attempts} attempts to read them`;
          throw unusable(message, 'Replace all files at the same moment');
        }
        // The new bundle is of the same kind as the first: with a certificate or without one.
        const next = read() as Bundle;
        const after = look();
        if (after === seen) {
          if (!accept(next)) throw unusable('`accept` refused the files', 'Write files that `accept` accepts');
          used = { seen, bundle: next };
        }
        seen = after;
      }
    } catch (error) {
      callOnError(onError, error);
    }
    return used.bundle;
  };
}

function unusable(message: string, wayOut: string): PgHostsslError {
  return new PgHostsslError('client-files-unusable', message, {
    hint: `${wayOut}. Until then, the last usable files stay in use.`,
  });
}
