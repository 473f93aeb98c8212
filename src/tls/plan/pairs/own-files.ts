import { decodePem, isEncryptedBlock } from '../../../asn1/pem.ts';
import { joinPathComponents } from '../../../c/paths.ts';
import { digest } from '../../../disk/digest.ts';
import type { FileState, TargetFile } from '../../../disk/file-state.ts';
import { PgHostsslError } from '../../../errors.ts';
import { readCertificate } from '../../../pki/certificate/certificate.ts';
import { PrivateKey } from '../../../pki/keys/private-key.ts';
import type { ServerState } from '../../state.ts';
import type { PlannedRemoval } from '../data/plan-data.ts';
import { textOf } from '../pem-files.ts';

// A new certificate with a new key never replaces existing files. Two renames cannot happen at the same moment, and a
// server that starts between them would find a key that does not belong to its certificate. The new certificate and key
// therefore get new file names, which are made from the key. One rename of postgresql.conf then makes the server use
// both.

/** The pattern of the names that this library gives to the files of new certificates and keys. */
const ownName = /^server-([0-9a-f]{8})\.(crt|key)$/;

/** Whether a file name has the form that this library chooses for a server's new certificate or key. */
export function isOwnName(name: string): boolean {
  return ownName.test(name);
}

/**
 * The paths for a new certificate and key in the data directory. The file names are made from the key, so planning
 * again gives the same paths.
 */
export async function ownTargets(
  server: ServerState,
  certificate: string,
): Promise<{ readonly certificate: TargetFile; readonly privateKey: TargetFile }> {
  const id = await digestId(readCertificate(certificate).publicKey);
  const at = (extension: string): TargetFile => {
    const path = joinPathComponents(server.dataDirectory, `server-${id}.${extension}`);
    return server.ownFiles?.find((file) => file.path === path) ?? { path };
  };
  return { certificate: at('crt'), privateKey: at('key') };
}

/** The path for a new key that has no certificate yet. */
export async function ownKeyTarget(server: ServerState, key: PrivateKey): Promise<TargetFile> {
  return { path: joinPathComponents(server.dataDirectory, `server-${await keyId(key.publicKey)}.key`) };
}

/** The keys that an earlier plan made for a certificate request, and whose certificates do not exist yet. */
export function pendingKeys({ ownFiles = [], privateKey }: ServerState): readonly FileState[] {
  const paths = new Set(ownFiles.map(({ path }) => path));
  const alone = ownFiles.filter(({ path }) => path.endsWith('.key') && !paths.has(path.replace(/key$/, 'crt')));
  return alone.filter(({ path, realPath }) => realPath === undefined && path !== privateKey.path);
}

/**
 * The certificate and key files of earlier plans that no setting names any more. A file counts as made by this library
 * if its name was derived from the key in it. The plan never removes a symbolic link, or a key whose certificate was
 * requested and not yet installed.
 *
 * @param used the paths that the settings name after the plan
 */
export async function plannedRemovals(
  server: ServerState,
  used: readonly string[],
): Promise<readonly PlannedRemoval[]> {
  const { ownFiles = [], certificate, privateKey, dataDirectory } = server;
  const files = new Map([...ownFiles, certificate, privateKey].map((file) => [file.path, file]));
  const removals: PlannedRemoval[] = [];
  const pending = pendingKeys(server).map(({ path }) => path);
  for (const file of files.values()) {
    if (file.content === undefined || file.realPath !== undefined || used.includes(file.path)) continue;
    if (pending.includes(file.path)) continue;
    const [, id, extension] = ownName.exec(file.path.slice(joinPathComponents(dataDirectory, '').length)) ?? [];
    if (id === undefined || (await idIn(file, files)) !== id) continue;
    const what = extension === 'key' ? "the server's former private key" : "the server's former certificate";
    removals.push({ path: file.path, sha256: await digest(file.content()), what });
  }
  return removals;
}

/**
 * The id of the key in a key file, or of the public key in a certificate file; `undefined` if the file holds no key or
 * certificate. If the key is encrypted, the id is that of the certificate beside the key: a former key may have another
 * passphrase than the present one. A former key that stayed without its certificate would count as a pending key.
 */
async function idIn(file: TargetFile | undefined, files: ReadonlyMap<string, TargetFile>): Promise<string | undefined> {
  if (file?.content === undefined) return undefined;
  const text = textOf(file.content());
  try {
    if (file.path.endsWith('.crt')) return await digestId(readCertificate(text).publicKey);
    if (decodePem(text).some(isEncryptedBlock)) return await idIn(files.get(file.path.replace(/key$/, 'crt')), files);
    return await keyId((await PrivateKey.read(text, { allowWeak: true })).publicKey);
  } catch (error) {
    if (error instanceof PgHostsslError) return undefined;
    throw error;
  }
}

function keyId(publicKey: string): Promise<string> {
  return digestId(decodePem(publicKey)[0]!.der);
}

/** The id of a key in file names: the first 8 hexadecimal digits of the SHA-256 of the SubjectPublicKeyInfo. */
async function digestId(publicKey: Uint8Array): Promise<string> {
  return (await digest(publicKey)).slice(0, 8);
}
