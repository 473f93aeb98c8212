import { assertProperties, assertSource, type PropertyNames } from '../../arguments.ts';
import type { Bytes } from '../../asn1/bytes.ts';
import { der, derInteger, derOid, derSequence, derSetOf, derTag } from '../../asn1/der.ts';
import { decodePem, encodePem, pemText } from '../../asn1/pem.ts';
import {
  type DerElement,
  DerError,
  readBitString,
  readChildren,
  readDer,
  readOid,
  SequenceReader,
} from '../../asn1/reader.ts';
import { pgAsciiToLower } from '../../c/ascii.ts';
import { copyArgument } from '../../copy-argument.ts';
import { PgHostsslError } from '../../errors.ts';
import type { NameInput } from '../../names/distinguished-name.ts';
import { decodeName, encodeName, nameValues, parseName } from '../../names/name.ts';
import { readHostEntries, readHosts, subjectAltName } from '../certificate/alternative-names.ts';
import { looksLikeDnsName } from '../certificate/constrained-name.ts';
import { type Extensions, readExtensions } from '../certificate/extensions.ts';
import { addressText, parseHost } from '../certificate/host.ts';
import { chooseKey } from '../keys/choose-key.ts';
import { kindOfKey } from '../keys/key-algorithms.ts';
import { type PrivateKey, signerOf } from '../keys/private-key.ts';
import { readAlgorithm, readPublicKey } from '../keys/public-key.ts';
import { signStructure } from '../keys/signature.ts';
import { completeProvider, type ProviderOptions } from '../provider/provider.ts';
import type { AddressNames, IssueOptions } from './authority-options.ts';
import { chooseDnsText, parseHosts } from './profile.ts';

/** Options of {@link createCertificateRequest}. */
export interface CertificateRequestOptions
  extends Pick<IssueOptions, 'key' | 'keyAlgorithm'>,
    AddressNames,
    ProviderOptions {
  /** The subject, such as `[[{ type: 'CN', value: role }]]`. The CA decides which subject the certificate gets. */
  readonly subject: NameInput;
  /** The hosts of a server, which become alternative names. */
  readonly hosts?: readonly string[] | undefined;
}

/** A certificate request with its private key. */
export interface CertificateRequest {
  /** PKCS#10 PEM (`CERTIFICATE REQUEST`) with a final newline. The request holds no secret. */
  readonly request: string;
  /** The private key. Its `toPem()` returns the text. Inspecting or serializing the object shows no part of the key. */
  readonly privateKey: PrivateKey;
}

const optionNames: PropertyNames<CertificateRequestOptions> = {
  subject: true,
  hosts: true,
  dnsTextOfAddresses: true,
  key: true,
  keyAlgorithm: true,
  provider: true,
};

/** The attribute of a certificate request that holds the requested extensions (RFC 2985 §5.4.2). */
const extensionRequest = '1.2.840.113549.1.9.14';

/**
 * Creates a certificate request (PKCS#10, RFC 2986). A server or client creates the request itself, so its private key
 * never leaves the machine.
 *
 * @example
 * ```ts
 * import assert from 'node:assert';
 * import { CertificateAuthority, createCertificateRequest, inspectCertificate } from 'pg-hostssl/pki';
 *
 * const { request, privateKey } = await createCertificateRequest({ subject: '/CN=webadmin' });
 * const authority = await CertificateAuthority.create({ subject: '/CN=Example CA' });
 * const { certificate } = await authority.signRequest(request, { user: 'webadmin' });
 * assert.equal(inspectCertificate(certificate).commonName, 'webadmin');
 * assert.match(privateKey.toPem(), /^-----BEGIN PRIVATE KEY-----/);
 * ```
 *
 * @returns the request, and the key that signed it
 * @throws PgHostsslError `name-invalid`, `name-attribute-unknown`, `host-invalid`, `key-weak`,
 * `key-algorithm-unsupported`; `private-key-invalid`, `passphrase-missing` for a given key; `argument-invalid`
 */
export async function createCertificateRequest(options: CertificateRequestOptions): Promise<CertificateRequest> {
  assertProperties(options, optionNames, 'options of createCertificateRequest');
  options = copyArgument(options);
  const subject = encodeName(parseName(options.subject));
  const dnsText = chooseDnsText(options.dnsTextOfAddresses);
  const extensions = options.hosts === undefined ? [] : [subjectAltName(parseHosts(options.hosts), dnsText)];
  const key = await chooseKey(options, await completeProvider(options.provider));
  const { publicKey } = signerOf(key);
  const request = await signStructure(encodeRequest(subject, publicKey, extensions), signerOf(key));
  return { request: encodePem('CERTIFICATE REQUEST', request), privateKey: key };
}

/**
 * The signed part of a request (CertificationRequestInfo, RFC 2986 §4.1), with the extensions as its only attribute.
 */
export function encodeRequest(subject: Bytes, publicKey: Bytes, extensions: readonly Bytes[]): Bytes {
  const attribute = derSequence(derOid(extensionRequest), derSetOf([derSequence(...extensions)]));
  return derSequence(derInteger(0), subject, publicKey, der(0xa0, ...(extensions.length === 0 ? [] : [attribute])));
}

/** The parts of a certificate request. The parser accepts any values in them. */
export interface ParsedRequest {
  readonly der: Bytes;
  readonly subject: DerElement;
  /** The public key: SubjectPublicKeyInfo, DER. */
  readonly publicKey: Bytes;
  /** The extensions that the request asks for. */
  readonly extensions: Extensions;
}

/**
 * @internal Returns the first certificate request of a PEM text, or a request in DER. Its signature is not checked.
 *
 * @throws PgHostsslError `request-invalid`; `key-algorithm-unsupported`
 */
export function readRequest(source: string | Uint8Array): ParsedRequest {
  assertSource(source, 'A certificate request');
  const text = pemText(source);
  const block =
    text === undefined ? undefined : decodePem(text).find(({ label }) => /^(?:NEW )?CERTIFICATE REQUEST$/.test(label));
  try {
    if (block === undefined && text !== undefined) throw new DerError('The text holds no PEM block of a request');
    const der = block?.der ?? Uint8Array.from(source as Uint8Array);
    const outer = new SequenceReader(readDer(der));
    const content = new SequenceReader(outer.next());
    readAlgorithm(outer.next());
    readBitString(outer.next());
    outer.end();
    content.next(derTag.integer);
    const subject = content.next(derTag.sequence);
    const publicKey = content.next(derTag.sequence);
    const attributes = readChildren(content.next(0xa0)).map((attribute) => {
      const reader = new SequenceReader(attribute);
      return { oid: readOid(reader.next(derTag.oid)), values: reader.next(derTag.set) };
    });
    content.end();
    const asked = attributes.find(({ oid }) => oid === extensionRequest);
    const parsed = {
      der,
      subject,
      publicKey: publicKey.bytes,
      extensions: asked === undefined ? new Map() : readExtensions(new SequenceReader(asked.values, derTag.set).next()),
    };
    decodeName(parsed.subject);
    readHostEntries(parsed.extensions);
    readPublicKey(parsed.publicKey);
    kindOfKey(parsed.publicKey);
    return parsed;
  } catch (cause) {
    if (!(cause instanceof DerError)) throw cause;
    throw new PgHostsslError('request-invalid', 'The text or bytes are not a certificate request', {
      hint: 'A request in PEM begins with -----BEGIN CERTIFICATE REQUEST-----.',
      cause,
    });
  }
}

/**
 * Checks that a certificate request asks for no other role than the given one.
 *
 * @throws PgHostsslError `request-not-allowed`
 */
export function checkClientRequest(request: ParsedRequest, user: string): void {
  const other = nameValues(decodeName(request.subject), 'CN').find((name) => name !== user);
  if (other !== undefined) {
    throw notAllowed(`is for the role ${JSON.stringify(other)}, not for ${JSON.stringify(user)}`);
  }
}

/**
 * Checks that a certificate request asks for no other hosts than the given ones. In a request without alternative
 * names, a common name that looks like a DNS name or an IPv4 address is the host.
 *
 * @throws PgHostsslError `request-not-allowed`
 */
export function checkServerRequest(request: ParsedRequest, hosts: readonly string[]): void {
  const granted = new Set(
    hosts
      .map(parseHost)
      .flatMap((host) => (host.kind === 'dns' ? [host.name] : [...host.texts, addressText(host.address)])),
  );
  const { dnsNames, ipAddresses } = readHosts(request.extensions);
  const asked =
    dnsNames.length + ipAddresses.length > 0
      ? [...dnsNames, ...ipAddresses.map(addressText)]
      : nameValues(decodeName(request.subject), 'CN').filter(looksLikeDnsName);
  const other = asked.map(pgAsciiToLower).find((name) => !granted.has(name));
  if (other !== undefined) throw notAllowed(`asks for the host ${JSON.stringify(other)}, which is not granted`);
}

function notAllowed(what: string): PgHostsslError {
  return new PgHostsslError('request-not-allowed', `The certificate request ${what}`);
}
