import { assertPath, assertProperties, type PropertyNames } from '../arguments.ts';
import { decodePem, isEncryptedBlock, isPrivateKeyBlock } from '../asn1/pem.ts';
import { checkClientKeyFile, keyFileMode, publicFileMode } from '../c/key-file-permissions.ts';
import { joinPathComponents } from '../c/paths.ts';
import { withOwnerFiles } from '../disk/account/owner-files.ts';
import { checkedTlsFiles } from '../disk/checked-files.ts';
import { diskFiles } from '../disk/disk-files.ts';
import type { FileState } from '../disk/file-state.ts';
import { lockPath, stagedAuthorityPath } from '../disk/own-names.ts';
import type { NewFile, TlsFiles } from '../disk/tls-files.ts';
import { messageOf, PgHostsslError } from '../errors.ts';
import { CertificateAuthority } from '../pki/issue/authority.ts';
import type { CreateAuthorityOptions } from '../pki/issue/authority-options.ts';
import { chooseKey } from '../pki/keys/choose-key.ts';
import { PrivateKey } from '../pki/keys/private-key.ts';
import { completeProvider } from '../pki/provider/provider.ts';
import { withContent } from '../with-content.ts';
import { withLock } from './files/lock.ts';
import { removeIfThere } from './files/remove-if-there.ts';
import { createWhole, ensureDirectory } from './files/whole-file.ts';
import { writingHint } from './files/writing-hint.ts';
import { inFile, textOf } from './plan/pem-files.ts';
import { readable, readFile } from './state-reader.ts';

/**
 * Options of {@link loadOrCreateAuthority}. The options of `CertificateAuthority.create` apply if the CA does not exist
 * yet.
 */
export interface AuthorityDirectoryOptions extends CreateAuthorityOptions {
  /** The passphrase that encrypts the private key of a new CA, or decrypts the private key of an existing CA. */
  readonly passphrase?: string | undefined;
  /** The {@link TlsFiles} that read and write the files; the file system of this machine if not given. */
  readonly files?: TlsFiles | undefined;
}

const optionNames: PropertyNames<AuthorityDirectoryOptions> = {
  subject: true,
  pathLength: true,
  nameConstraints: true,
  hosts: true,
  dnsTextOfAddresses: true,
  keyAlgorithm: true,
  key: true,
  validity: true,
  serialNumber: true,
  provider: true,
  passphrase: true,
  files: true,
};

/**
 * Loads the certificate authority in a directory: `authority.key` (mode 0600) and `authority.crt`. If the files do not
 * exist, it creates a CA there, under a lock. No file is ever overwritten, so the call can be repeated after any
 * failure; the next call removes an incomplete file. If two processes call it at the same time, both get the same CA.
 *
 * Anybody who has the key can log in as any role, so keep the directory off the database server.
 *
 * @param directory the directory of the CA. If it does not exist, it is made with mode 0700 in its existing parent
 * directory.
 * @param options for an existing CA, only `passphrase`, `provider` and `files` are used. The other options, such as
 * `subject`, are ignored, also if the existing CA differs from them. A `passphrase` for an existing key that is not
 * encrypted is refused (`argument-invalid`).
 * @throws PgHostsslError `authority-incomplete` if the certificate exists without its key; `authority-key-exposed` if
 * other accounts can read or change the key; `authority-busy` if another process holds the lock; `argument-invalid`,
 * `file-not-readable`, `target-not-writable`; `path-not-trusted` or `account-unavailable` if root cannot work with the
 * rights of the directory's owner; the codes of `CertificateAuthority.create` and `load`
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { loadOrCreateAuthority, memoryFiles } from 'pg-hostssl/tls';
 *
 * // Without `files`, the directory is on this machine's disk.
 * const files = memoryFiles({ '/home/me/notes': '' });
 * const subject = '/O=Example/CN=Example database authority';
 * const created = await loadOrCreateAuthority('/home/me/authority', { subject, files });
 * const loaded = await loadOrCreateAuthority('/home/me/authority', { subject, files });
 * assert.equal(loaded.certificate, created.certificate);
 * ```
 */
export async function loadOrCreateAuthority(
  directory: string,
  options: AuthorityDirectoryOptions,
): Promise<CertificateAuthority> {
  assertPath(directory, 'The directory of loadOrCreateAuthority');
  assertProperties(options, optionNames, 'the options of loadOrCreateAuthority');
  const files = checkedTlsFiles(options.files, 'the files of loadOrCreateAuthority');
  if (files !== undefined) return await authorityIn(directory, options, files);
  return await withOwnerFiles({ client: { directory, uid: undefined } }, (port) =>
    authorityIn(directory, options, port.files),
  );
}

async function authorityIn(
  directory: string,
  options: AuthorityDirectoryOptions,
  files: TlsFiles,
): Promise<CertificateAuthority> {
  const paths = {
    key: joinPathComponents(directory, 'authority.key'),
    certificate: joinPathComponents(directory, 'authority.crt'),
    staged: stagedAuthorityPath(directory),
  };
  const [keyFacts, certificateFacts, stagedFacts] = await Promise.all(
    [paths.key, paths.certificate, paths.staged].map((path) => readable(path, files.inspect(path))),
  );
  if (keyFacts === undefined || certificateFacts === undefined || stagedFacts !== undefined) {
    const lock = { path: lockPath(directory), files, queue: options.files ?? diskFiles } as const;
    await writing(directory, async () => {
      await ensureDirectory(directory, 0o700, files);
      await withLock({ ...lock, code: 'authority-busy' }, () => createMissing(paths, options, files));
    });
  }
  const privateKey = await readKey(paths.key, options, files);
  const certificate = textOf((await existing(paths.certificate, files)).content());
  const { provider } = options;
  return await inFile(paths.certificate, () => CertificateAuthority.load({ certificate, privateKey, provider }));
}

interface AuthorityPaths {
  readonly key: string;
  readonly certificate: string;
  /**
   * The path of a file that is being written and does not have its final name yet. One such path is enough, because a
   * process writes only while it holds the lock.
   */
  readonly staged: string;
}

/** Creates the missing files. It first removes the staged file of a process that was killed. */
async function createMissing(
  paths: AuthorityPaths,
  options: AuthorityDirectoryOptions,
  files: TlsFiles,
): Promise<void> {
  const { passphrase, files: _, ...create } = options;
  await removeIfThere(paths.staged, files);
  const key = await readFile(paths.key, files);
  const certificate = await readFile(paths.certificate, files);
  if (key === undefined && certificate !== undefined) throw incomplete(paths.certificate);
  if (key === undefined) {
    const fresh = await chooseKey(create, await completeProvider(create.provider));
    const text = passphrase === undefined ? fresh.toPem() : await fresh.toEncryptedPem(passphrase);
    await createWhole(newFile(paths.key, keyFileMode, text), paths.staged, files);
  }
  if (certificate === undefined) {
    // The key is read from its file, because an earlier call may have written the key before it was killed.
    const authority = await CertificateAuthority.create({ ...create, key: await readKey(paths.key, options, files) });
    await createWhole(newFile(paths.certificate, publicFileMode, authority.certificate), paths.staged, files);
  }
}

function newFile(path: string, mode: number, text: string): NewFile {
  return withContent({ path, mode }, new TextEncoder().encode(text));
}

async function readKey(path: string, options: AuthorityDirectoryOptions, files: TlsFiles): Promise<PrivateKey> {
  const file = await existing(path, files);
  assertUnexposed(file);
  const { provider, passphrase } = options;
  const text = textOf(file.content());
  if (passphrase !== undefined) assertEncrypted(path, text);
  return await inFile(path, () => PrivateKey.read(text, { provider, passphrase }));
}

/** Refuses an unencrypted key, because a caller that gives a passphrase believes that the key is encrypted. */
function assertEncrypted(file: string, text: string): void {
  if (!decodePem(text).some((block) => isPrivateKeyBlock(block) && !isEncryptedBlock(block))) return;
  throw new PgHostsslError(
    'argument-invalid',
    'A passphrase is given, but the private key of the CA is not encrypted',
    {
      file,
      hint: 'Encrypt the key (`PrivateKey.toEncryptedPem`, or openssl pkey -aes256), or leave out `passphrase`.',
    },
  );
}

/** Refuses a key file with a mode that libpq does not accept for a private key either. */
function assertUnexposed({ path, mode, owner }: FileState): void {
  if (mode === undefined || checkClientKeyFile({ mode, uid: owner?.uid }) === undefined) return;
  const shown = mode.toString(8).padStart(4, '0');
  throw new PgHostsslError(
    'authority-key-exposed',
    `Other accounts can read or change the private key of the CA: the file has mode ${shown}`,
    { file: path, hint: 'Run `chmod 600` on the file. If somebody may have read the key, create another CA.' },
  );
}

/**
 * Reads an existing file of the CA. The function throws if the path is a symbolic link whose target does not exist,
 * because no file can be created there.
 */
async function existing(path: string, files: TlsFiles): Promise<FileState> {
  const file = await readFile(path, files);
  if (file !== undefined) return file;
  throw new PgHostsslError('target-not-writable', 'The path is a symbolic link to nothing', { file: path });
}

/**
 * Calls a function that writes files.
 *
 * @throws PgHostsslError `target-not-writable` in place of a system error
 */
async function writing(file: string, write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (cause) {
    if (cause instanceof PgHostsslError) throw cause;
    throw new PgHostsslError('target-not-writable', `The file cannot be written: ${messageOf(cause)}`, {
      file,
      hint: `${writingHint(cause)}.`,
      cause,
    });
  }
}

function incomplete(file: string): PgHostsslError {
  return new PgHostsslError(
    'authority-incomplete',
    'The directory holds the certificate of the CA, but not its private key',
    {
      file,
      hint: 'Restore authority.key in the same directory. To create another CA, move the certificate away.',
    },
  );
}
