import {
  type Bytes,
  type DerElement,
  DerError,
  derTag,
  isUnreadable,
  readChildren,
  readChildrenOf,
  readDer,
  readOid,
} from '../../asn1/der.ts';
import { decodePem, encodePem } from '../../asn1/pem.ts';
import { PgHostsslError } from '../../errors.ts';
import type { NameInput } from '../../names/distinguished-name.ts';
import { decodeName, encodeName, parseName } from '../../names/name.ts';
import { type Extensions, readExtensions, readHostEntries, subjectAltName } from '../certificate/extensions.ts';
import { kindOfKey } from '../keys/key-algorithms.ts';
import { chooseKey, type PrivateKey, signerOf } from '../keys/private-key.ts';
import { buildRequest } from '../keys/x509.ts';
import { completeProvider, type ProviderOptions } from '../provider/provider.ts';
import type { IssueOptions } from './authority-options.ts';
import { parseHosts } from './profile.ts';

/** What a certificate request is to ask for. */
export interface CertificateRequestOptions extends Pick<IssueOptions, 'key' | 'keyAlgorithm'>, ProviderOptions {
  /** The subject, such as `[[{ type: 'CN', value: role }]]`. The authority decides what it takes over. */
  readonly subject: NameInput;
  /** Hosts of a server, as alternative names. */
  readonly hosts?: readonly string[];
}

/** A certificate request with its private key. */
export interface CertificateRequest {
  /** PKCS#10 PEM (`CERTIFICATE REQUEST`), with a final newline. It holds no secret. */
  readonly request: string;
  /** The private key. Its `toPem()` gives the text; inspection and serialization show no part of the key. */
  readonly privateKey: PrivateKey;
}

const extensionRequest = '1.2.840.113549.1.9.14';

/**
 * A certificate request (PKCS#10, RFC 2986), so that the private key need never leave the machine that uses it.
 *
 * @throws PgHostsslError `name-invalid`, `name-attribute-unknown`, `host-invalid`, `key-weak`,
 * `key-algorithm-unsupported`; `private-key-invalid`, `passphrase-missing` for a key that is given
 */
export async function createCertificateRequest(options: CertificateRequestOptions): Promise<CertificateRequest> {
  const subject = encodeName(parseName(options.subject));
  const extensions = options.hosts === undefined ? [] : [subjectAltName(parseHosts(options.hosts))];
  const key = await chooseKey(options, await completeProvider(options.provider));
  const request = await buildRequest({ subject, extensions }, signerOf(key));
  return { request: encodePem('CERTIFICATE REQUEST', request), privateKey: key };
}

/** A certificate request taken apart; nothing in it is to be believed. */
export interface ParsedRequest {
  readonly der: Bytes;
  readonly subject: DerElement;
  /** SubjectPublicKeyInfo. */
  readonly publicKey: Bytes;
  /** The extensions that it asks for. */
  readonly extensions: Extensions;
}

/**
 * @internal The request in a PEM text or in DER; its signature is not looked at.
 *
 * @throws PgHostsslError `request-invalid`; `key-algorithm-unsupported`
 */
export function readRequest(source: string | Uint8Array): ParsedRequest {
  const text = typeof source === 'string' ? source : new TextDecoder('utf-8').decode(source);
  const block = decodePem(text).find(({ label }) => /^(?:NEW )?CERTIFICATE REQUEST$/.test(label));
  try {
    if (block === undefined && typeof source === 'string') throw new DerError('there is no PEM block of a request');
    const der = block?.der ?? Uint8Array.from(source as Uint8Array);
    const [, subject, publicKey, attributes] = readChildrenOf(
      readChildrenOf(readDer(der), derTag.sequence)[0],
      derTag.sequence,
    );
    const extensions = readChildren(attributes!)
      .map((attribute) => readChildrenOf(attribute, derTag.sequence))
      .find(([oid]) => readOid(oid) === extensionRequest);
    const asked = extensions === undefined ? undefined : readChildrenOf(extensions[1], derTag.set)[0];
    const parsed = {
      der,
      subject: subject!,
      publicKey: publicKey!.bytes,
      extensions: asked === undefined ? new Map() : readExtensions(asked.bytes),
    };
    decodeName(parsed.subject);
    readHostEntries(parsed.extensions);
    kindOfKey(parsed.publicKey);
    return parsed;
  } catch (cause) {
    if (!isUnreadable(cause)) throw cause;
    throw new PgHostsslError('request-invalid', 'The text or bytes are no certificate request', {
      hint: 'A request in PEM begins with -----BEGIN CERTIFICATE REQUEST-----.',
      cause,
    });
  }
}
