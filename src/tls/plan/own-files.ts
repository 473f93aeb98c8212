import { decodePem } from '../../asn1/pem.ts';
import { joinPathComponents } from '../../c/paths.ts';
import { digest } from '../../disk/digest.ts';
import type { FileState, TargetFile } from '../../disk/file-state.ts';
import { PgHostsslError } from '../../errors.ts';
import { readCertificate } from '../../pki/certificate/certificate.ts';
import { PrivateKey } from '../../pki/index.ts';
import type { ServerState } from '../state.ts';
import { textOf } from './pem-files.ts';
import type { PlannedRemoval } from './plan-data.ts';

// A new pair never replaces files: two renames cannot happen at once, and a server that starts between them finds a key
// that does not fit its certificate. So each pair has names of its own, made from the key, and postgresql.conf switches.

/** The names of certificates and keys that this library made. */
const ownName = /^server-([0-9a-f]{8})\.(crt|key)$/;

/** Whether this library gives such a name to a server's certificate or key. */
export function isOwnName(name: string): boolean {
  return ownName.test(name);
}

/** Where a new pair goes: files in the data directory whose names come from the key, so that repeating a plan is safe. */
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

/** Where a new key without a certificate goes. */
export async function ownKeyTarget(server: ServerState, key: PrivateKey): Promise<TargetFile> {
  return { path: joinPathComponents(server.dataDirectory, `server-${await keyId(key.publicKey)}.key`) };
}

/** Keys that an earlier plan made for a certificate request: their certificates are not there yet. */
export async function pendingKeys({ ownFiles = [], privateKey }: ServerState): Promise<readonly FileState[]> {
  const paths = new Set(ownFiles.map(({ path }) => path));
  const alone = ownFiles.filter(({ path }) => path.endsWith('.key') && !paths.has(path.replace(/key$/, 'crt')));
  return alone.filter(({ path, realPath }) => realPath === undefined && path !== privateKey.path);
}

/**
 * The certificate and key files of earlier plans that no setting names any more. This library made a file if the name of
 * the file was derived from the key in it. A link is never removed, and neither is a key whose certificate was requested.
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
  const pending = (await pendingKeys(server)).map(({ path }) => path);
  for (const file of files.values()) {
    if (file.content === undefined || file.realPath !== undefined || used.includes(file.path)) continue;
    if (pending.includes(file.path)) continue;
    const [, id, extension] = ownName.exec(file.path.slice(joinPathComponents(dataDirectory, '').length)) ?? [];
    if (id === undefined || (await idIn(file, extension === 'key')) !== id) continue;
    const what = extension === 'key' ? "the server's former private key" : "the server's former certificate";
    removals.push({ path: file.path, sha256: await digest(file.content()), what });
  }
  return removals;
}

/** The id of the key in a file; undefined for a file that is not what its name says. */
async function idIn(file: FileState, isKey: boolean): Promise<string | undefined> {
  const text = textOf(file.content());
  try {
    if (isKey) return await keyId((await PrivateKey.read(text, { allowWeak: true })).publicKey);
    return await digestId(readCertificate(text).publicKey);
  } catch (error) {
    if (error instanceof PgHostsslError) return undefined;
    throw error;
  }
}

function keyId(publicKey: string): Promise<string> {
  return digestId(decodePem(publicKey)[0]!.der);
}

/** The first 8 hexadecimal digits of the SHA-256 of a SubjectPublicKeyInfo. */
async function digestId(publicKey: Uint8Array): Promise<string> {
  return (await digest(publicKey)).slice(0, 8);
}
