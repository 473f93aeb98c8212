import { assertCText, assertProperties, assertText, type PropertyNames } from '../../arguments.ts';
import { certificatesOnly, type PrivateKeyText, privateKeyOnly } from '../../asn1/pem-contents.ts';
import { PgHostsslError } from '../../errors.ts';
import { type ConnectionTarget, type ConnectionTargetParts, connectionTarget } from './target.ts';

/** An object that returns a private key as text, such as a `PrivateKey` of `pg-hostssl/pki`. */
export interface PemKey {
  /**
   * The text of the key.
   *
   * @returns PEM
   */
  toPem(): string;
}

/** The parts from which a {@link ClientBundle} is made. */
export interface ClientBundleParts {
  /** The server, role and database of the connection. */
  readonly target: ConnectionTargetParts;
  /** The root certificates that the client trusts: PEM, or one certificate in DER. */
  readonly ca: string | Uint8Array;
  /** The client certificate, then the intermediate certificates above it: PEM; or one certificate in DER. */
  readonly certificate: string | Uint8Array;
  /** The private key of the client: PEM, or the `PrivateKey` of an issued certificate. */
  readonly privateKey: string | Uint8Array | PemKey;
  /**
   * The passphrase of `privateKey`, if the key is encrypted. If the key is not encrypted, the passphrase is ignored.
   */
  readonly passphrase?: string | undefined;
}

/** The parts from which a {@link ServerOnlyBundle} is made. */
export interface ServerOnlyBundleParts {
  /** The server, role and database of the connection. */
  readonly target: ConnectionTargetParts;
  /** The root certificates that the client trusts: PEM, or one certificate in DER. */
  readonly ca: string | Uint8Array;
  // These properties keep parts with a certificate from matching this type.
  /** Always missing, because the client has no certificate. */
  readonly certificate?: undefined;
  /** Always missing, because the client has no certificate. */
  readonly privateKey?: undefined;
  /** Always missing, because the client has no certificate. */
  readonly passphrase?: undefined;
}

const partNames: PropertyNames<ClientBundleParts> = {
  target: true,
  ca: true,
  certificate: true,
  privateKey: true,
  passphrase: true,
};

/**
 * Everything that a client with a certificate needs to connect. A view such as {@link pgConfig} or {@link libpqUri}
 * turns the bundle into the form that one client program takes. Methods return the secrets, so inspection, JSON,
 * `structuredClone` and `v8.serialize` show no secret.
 */
export interface ClientBundle {
  /** The server, role and database of the connection. */
  readonly target: ConnectionTarget;
  /** The root certificates that the client trusts: one or more certificates in PEM. */
  readonly ca: string;
  /** The client certificate, then the intermediate certificates above it, without the root: PEM. */
  readonly certificate: string;
  /**
   * The private key of the client.
   *
   * @returns PEM with a final newline. The key is encrypted if {@link ClientBundle.passphrase} returns a passphrase,
   * and only then.
   */
  privateKey(): string;
  /**
   * The passphrase of the private key.
   *
   * @returns the passphrase, or `undefined` if the key is not encrypted
   */
  passphrase(): string | undefined;
}

/**
 * Everything that a client without a certificate needs to connect. The client still verifies the server
 * (`verify-full`). The client logs in with a password or by another method.
 */
export interface ServerOnlyBundle {
  /** The server, role and database of the connection. */
  readonly target: ConnectionTarget;
  /** The root certificates that the client trusts: one or more certificates in PEM. */
  readonly ca: string;
  /** Always missing, because the client has no certificate. */
  readonly certificate?: undefined;
}

/**
 * The bundle of a client with or without a certificate. A function such as {@link pgConfig} turns it into the form that
 * a client program takes.
 */
export type ConnectionBundle = ClientBundle | ServerOnlyBundle;

/** The secrets are private fields, because inspection and serialization do not show private fields. */
class Bundle implements ClientBundle {
  readonly target: ConnectionTarget;
  readonly ca: string;
  readonly certificate: string;
  readonly #privateKey: string;
  readonly #passphrase: string | undefined;

  constructor(parts: ClientBundleParts) {
    this.target = connectionTarget(parts.target);
    this.ca = certificatesOnly(parts.ca, 'clientBundle({ ca })');
    this.certificate = certificatesOnly(parts.certificate, 'clientBundle({ certificate })');
    const key = readKey(parts.privateKey, 'clientBundle({ privateKey })');
    this.#privateKey = key.pem;
    this.#passphrase = key.isEncrypted ? givenPassphrase(parts) : undefined;
  }

  privateKey(): string {
    return this.#privateKey;
  }

  passphrase(): string | undefined {
    return this.#passphrase;
  }
}

/**
 * Makes a {@link ClientBundle}, or a {@link ServerOnlyBundle} if `certificate` and `privateKey` are not given. From
 * `ca` and `certificate`, only the CERTIFICATE blocks are taken into the bundle; from `privateKey`, only the block with
 * the key.
 *
 * @param parts the target, the certificates and the private key
 * @returns the bundle
 * @throws PgHostsslError `private-key-misplaced` if `ca` or `certificate` holds a private key; `certificate-invalid`;
 * `private-key-invalid`; `passphrase-missing` for an encrypted key without `passphrase`; `text-invalid` for a
 * passphrase with a NUL or a lone surrogate; `argument-invalid`; and the codes of {@link connectionTarget}.
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { clientBundle } from 'pg-hostssl/client';
 * import { CertificateAuthority } from 'pg-hostssl/pki';
 *
 * const authority = await CertificateAuthority.create({ subject: '/CN=Example CA' });
 * const { chain, privateKey } = await authority.issueClientCertificate({ user: 'webadmin' });
 * const target = { host: 'db.example.com', user: 'webadmin', database: 'app' };
 * const bundle = clientBundle({ target, ca: authority.certificate, certificate: chain, privateKey });
 *
 * assert.match(bundle.privateKey(), /^-----BEGIN PRIVATE KEY-----/);
 * assert.ok(!JSON.stringify(bundle).includes('PRIVATE KEY'));
 * ```
 */
export function clientBundle(parts: ClientBundleParts): ClientBundle;
export function clientBundle(parts: ServerOnlyBundleParts): ServerOnlyBundle;
export function clientBundle(parts: ClientBundleParts | ServerOnlyBundleParts): ConnectionBundle {
  assertProperties(parts as ClientBundleParts, partNames, 'the parts of clientBundle');
  const { certificate, privateKey, passphrase } = parts as Partial<ClientBundleParts>;
  if ([certificate, privateKey, passphrase].some((part) => part !== undefined)) {
    return new Bundle(parts as ClientBundleParts);
  }
  return { target: connectionTarget(parts.target), ca: certificatesOnly(parts.ca, 'clientBundle({ ca })') };
}

/** @internal The passphrase of the key in a bundle; `undefined` if there is no key, or if the key is not encrypted. */
export function passphraseOf(bundle: ConnectionBundle): string | undefined {
  return bundle.certificate === undefined ? undefined : bundle.passphrase();
}

/**
 * @internal Reads a private key that a caller gives: PEM, or an object that returns it.
 *
 * @param what the name of the argument for error messages, such as "clientBundle({ privateKey })"
 * @throws PgHostsslError `private-key-invalid`, `argument-invalid`
 */
export function readKey(key: string | Uint8Array | PemKey, what: string): PrivateKeyText {
  return privateKeyOnly(isKeyObject(key) ? key.toPem() : key, what);
}

function isKeyObject(key: unknown): key is PemKey {
  return typeof key === 'object' && key !== null && 'toPem' in key && typeof key.toPem === 'function';
}

function givenPassphrase({ passphrase }: ClientBundleParts): string {
  if (passphrase !== undefined && passphrase !== '') {
    assertText(passphrase, 'the passphrase of clientBundle');
    assertCText(passphrase, 'the passphrase of clientBundle');
    return passphrase;
  }
  throw new PgHostsslError('passphrase-missing', 'The private key of the bundle is encrypted', {
    hint: 'Give the `passphrase` of the key, or the decrypted key: `await PrivateKey.read(pem, { passphrase })`.',
  });
}
