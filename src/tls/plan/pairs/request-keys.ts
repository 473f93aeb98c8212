import type { TargetFile } from '../../../disk/file-state.ts';
import type { NameInput } from '../../../names/distinguished-name.ts';
import { inspectCertificate } from '../../../pki/certificate/inspect.ts';
import { createCertificateRequest } from '../../../pki/issue/request.ts';
import { PrivateKey } from '../../../pki/keys/private-key.ts';
import type { PlannedRequest } from '../data/plan-data.ts';
import type { WantedFile } from '../data/planned-write.ts';
import { inFile, textOf } from '../pem-files.ts';
import type { CertificateRequestsRequest } from '../request/lifecycle-requests.ts';
import type { Holder } from './holder.ts';
import { hostsOf } from './hosts.ts';
import { ownKeyTarget, pendingKeys } from './own-files.ts';

/** The properties of a request that determine the server's key. */
type ServerKeyRequest = Pick<CertificateRequestsRequest, 'server' | 'newKey' | 'keyAlgorithm' | 'passphrase'>;

/** A private key, its file, and the content to write to the file. */
export interface KeyInFile {
  readonly key: PrivateKey;
  readonly file: TargetFile;
  readonly content: Uint8Array;
}

/**
 * Returns the server's key for a certificate request: the key in the file of the setting, the key of an earlier request
 * whose certificate has not been issued yet, or a new key.
 */
export async function keyOfServer(request: ServerKeyRequest): Promise<KeyInFile> {
  const { server, newKey = false } = request;
  const { certificate, privateKey } = server;
  if (privateKey.content !== undefined && !newKey) return await keyIn(request, privateKey);
  const [pending] = pendingKeys(server);
  if (pending !== undefined) return await keyIn(request, pending);
  const key = await PrivateKey.generate(request.keyAlgorithm);
  const isFree = privateKey.content === undefined && certificate.content === undefined;
  return { key, file: isFree ? privateKey : await ownKeyTarget(server, key), content: await newContent(request, key) };
}

/** Returns the client's key for a certificate request: the key in the client's file, or a new key. */
export async function keyOfClient(
  request: Pick<CertificateRequestsRequest, 'keyAlgorithm'>,
  file: TargetFile,
): Promise<KeyInFile> {
  if (file.content !== undefined) return await keyIn({}, file);
  const key = await PrivateKey.generate(request.keyAlgorithm);
  return { key, file, content: new TextEncoder().encode(key.toPem()) };
}

async function keyIn(
  { passphrase }: Pick<CertificateRequestsRequest, 'passphrase'>,
  file: TargetFile,
): Promise<KeyInFile> {
  const content = file.content!();
  const key = await inFile(file.path, () => PrivateKey.read(textOf(content), { passphrase }));
  return { key, file, content };
}

async function newContent({ passphrase }: ServerKeyRequest, key: PrivateKey): Promise<Uint8Array> {
  return new TextEncoder().encode(passphrase === undefined ? key.toPem() : await key.toEncryptedPem(passphrase));
}

/** Returns the planned file for the private key of a certificate request. */
export function wantedKey({ file, content }: KeyInFile, holder: Holder, owner: WantedFile['owner']): WantedFile {
  const step = holder === 'server' ? 'new-file' : 'client';
  return { file, step, what: `the ${holder}'s private key`, content, secret: true, owner };
}

/** Creates a certificate request for the server or the client. */
export async function requestFor(
  holder: Holder,
  subject: NameInput,
  key: PrivateKey,
  hosts?: readonly string[],
): Promise<PlannedRequest> {
  const { request } = await createCertificateRequest({ subject, key, hosts });
  return { holder, request };
}

/** Creates a certificate request with the names of an existing certificate. */
export async function requestLike(holder: Holder, certificate: string, key: PrivateKey): Promise<PlannedRequest> {
  const hosts = holder === 'server' ? hostsOf(certificate) : [];
  return requestFor(holder, inspectCertificate(certificate).subject, key, hosts.length === 0 ? undefined : hosts);
}
