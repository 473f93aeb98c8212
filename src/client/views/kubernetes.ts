import { assertProperties, type PropertyNames } from '../../arguments.ts';
import { certificatesOnly } from '../../asn1/pem-contents.ts';
import { PgHostsslError } from '../../errors.ts';
import { assertBundle } from '../bundle/assert-bundle.ts';
import { type ClientBundle, type ConnectionBundle, type PemKey, readKey } from '../bundle/bundle.ts';
import { refusePassphrase } from './libpq.ts';

/** Options of {@link kubernetesSecret}. */
export interface KubernetesSecretOptions {
  /** The name of the Secret. */
  readonly name: string;
  /** The namespace of the Secret. If not given, `kubectl` uses the namespace of its current context. */
  readonly namespace?: string | undefined;
}

const optionNames: PropertyNames<KubernetesSecretOptions> = { name: true, namespace: true };

/** A Kubernetes Secret of type `kubernetes.io/tls`. */
export interface KubernetesSecret {
  /** The version of the Kubernetes API: always `v1`. */
  readonly apiVersion: 'v1';
  /** The kind of Kubernetes object: always `Secret`. */
  readonly kind: 'Secret';
  /** The type of Secret for which Kubernetes demands a certificate and a key. */
  readonly type: 'kubernetes.io/tls';
  /** The name and the namespace of the Secret. */
  readonly metadata: {
    /** The name of the Secret. */
    readonly name: string;
    /** The namespace of the Secret. */
    readonly namespace?: string;
  };
  /**
   * The three files as text. The private key is in a plain property, because the object is sent to the Kubernetes API
   * server. Do not log the object.
   */
  readonly stringData: {
    /** The certificate chain: PEM, leaf first. */
    readonly 'tls.crt': string;
    /** The private key: PEM. */
    readonly 'tls.key': string;
    /** The root certificates: PEM. */
    readonly 'ca.crt': string;
  };
}

/**
 * The certificates and the key of a client as a Kubernetes Secret, for `kubectl apply` (which reads JSON) or for a
 * client of the Kubernetes API. If a pod mounts the Secret with `defaultMode: 0400`, its connection string can name the
 * files: `sslcert=…/tls.crt`, `sslkey=…/tls.key` and `sslrootcert=…/ca.crt`.
 *
 * The names of the three files are those of cert-manager. CloudNativePG takes the same object as `replicationTLSSecret`
 * (for the user `streaming_replica`), Crunchy's operator as `customReplicationTLSSecret`.
 *
 * @param bundle the target, certificates and key of the client
 * @param options the name and the namespace of the Secret
 * @returns a new object at each call. It holds the private key as text.
 * @throws PgHostsslError `connection-not-expressible` for an encrypted key; `argument-invalid` if the name is not a DNS
 * subdomain in lower case, or the namespace is not a DNS label.
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { clientBundle, kubernetesSecret } from 'pg-hostssl/client';
 * import { CertificateAuthority } from 'pg-hostssl/pki';
 *
 * const authority = await CertificateAuthority.create({ subject: '/CN=Example CA' });
 * const { chain, privateKey } = await authority.issueClientCertificate({ user: 'webadmin' });
 * const target = { host: 'db.example.com', user: 'webadmin', database: 'app' };
 * const bundle = clientBundle({ target, ca: authority.certificate, certificate: chain, privateKey });
 *
 * const secret = kubernetesSecret(bundle, { name: 'webadmin-tls' });
 * assert.deepEqual(Object.keys(secret.stringData), ['tls.crt', 'tls.key', 'ca.crt']);
 * ```
 */
export function kubernetesSecret(bundle: ClientBundle, options: KubernetesSecretOptions): KubernetesSecret {
  assertBundle(bundle);
  assertProperties(options, optionNames, 'the options of kubernetesSecret');
  if ((bundle as ConnectionBundle).certificate === undefined) {
    throw new PgHostsslError('connection-not-expressible', 'A Secret of type kubernetes.io/tls needs a certificate', {
      hint: 'For a client without a certificate put `ca` into a ConfigMap.',
    });
  }
  refusePassphrase(bundle, 'A Secret of type kubernetes.io/tls');
  return tlsSecret({ certificate: bundle.certificate, privateKey: bundle.privateKey(), ca: bundle.ca }, options);
}

/** The certificate of a server, for {@link kubernetesServerSecret}. */
export interface ServerSecretParts {
  /** The server certificate, then its intermediate CA certificates: PEM. */
  readonly certificate: string;
  /** The private key of the server: unencrypted PEM, or the `PrivateKey` of an issued certificate. */
  readonly privateKey: string | PemKey;
  /** The root certificates: PEM. */
  readonly ca: string;
}

const serverNames: PropertyNames<ServerSecretParts> = { certificate: true, privateKey: true, ca: true };

/**
 * The certificate of a server as a Kubernetes Secret: `serverTLSSecret` of CloudNativePG, `customTLSSecret` of
 * Crunchy's operator, or `spec.tls.secretName` of Zalando's operator.
 *
 * @param parts the certificate, the key and the roots
 * @param options the name and the namespace of the Secret
 * @returns a new object at each call. It holds the private key as text.
 * @throws PgHostsslError `private-key-misplaced`, `certificate-invalid`, `private-key-invalid`;
 * `connection-not-expressible` for an encrypted key; `argument-invalid`.
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { kubernetesServerSecret } from 'pg-hostssl/client';
 * import { CertificateAuthority } from 'pg-hostssl/pki';
 *
 * const authority = await CertificateAuthority.create({ subject: '/CN=Example CA' });
 * const { chain, privateKey } = await authority.issueServerCertificate({ hosts: ['db-rw', 'db-rw.prod.svc'] });
 * const parts = { certificate: chain, privateKey, ca: authority.certificate };
 * assert.equal(kubernetesServerSecret(parts, { name: 'db-server' }).stringData['ca.crt'], authority.certificate);
 * ```
 */
export function kubernetesServerSecret(parts: ServerSecretParts, options: KubernetesSecretOptions): KubernetesSecret {
  assertProperties(options, optionNames, 'the options of kubernetesServerSecret');
  assertProperties(parts, serverNames, 'the parts of kubernetesServerSecret');
  const key = readKey(parts.privateKey, 'kubernetesServerSecret({ privateKey })');
  if (key.isEncrypted) {
    throw new PgHostsslError(
      'connection-not-expressible',
      'A Secret of type kubernetes.io/tls holds no encrypted key',
      {
        hint: 'Give the decrypted key: `await PrivateKey.read(pem, { passphrase })`.',
      },
    );
  }
  const certificate = certificatesOnly(parts.certificate, 'kubernetesServerSecret({ certificate })');
  const ca = certificatesOnly(parts.ca, 'kubernetesServerSecret({ ca })');
  return tlsSecret({ certificate, privateKey: key.pem, ca }, options);
}

/** A Kubernetes Secret that holds only root certificates. */
export interface KubernetesCaSecret extends Omit<KubernetesSecret, 'type' | 'stringData'> {
  /** The type of the Secret: always `Opaque`. */
  readonly type: 'Opaque';
  /** The only file of the Secret. */
  readonly stringData: {
    /** The root certificates: PEM. */
    readonly 'ca.crt': string;
  };
}

/**
 * Root certificates as a Kubernetes Secret: `serverCASecret` and `clientCASecret` of CloudNativePG, or
 * `spec.tls.caSecretName` of Zalando's operator. The Secret does not hold the key of the CA, so CloudNativePG cannot
 * renew certificates, and the caller must renew the Secrets with certificates.
 *
 * @param ca the root certificates: PEM.
 * @param options the name and the namespace of the Secret
 * @returns a new object at each call
 * @throws PgHostsslError `private-key-misplaced`, `certificate-invalid`, `argument-invalid`.
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { kubernetesCaSecret } from 'pg-hostssl/client';
 * import { CertificateAuthority } from 'pg-hostssl/pki';
 *
 * const { certificate } = await CertificateAuthority.create({ subject: '/CN=Example CA' });
 * assert.deepEqual(kubernetesCaSecret(certificate, { name: 'db-ca' }).stringData, { 'ca.crt': certificate });
 * ```
 */
export function kubernetesCaSecret(ca: string, options: KubernetesSecretOptions): KubernetesCaSecret {
  assertProperties(options, optionNames, 'the options of kubernetesCaSecret');
  const text = certificatesOnly(ca, 'kubernetesCaSecret');
  return { ...objectHead(options), type: 'Opaque', stringData: { 'ca.crt': text } };
}

function tlsSecret(
  { certificate, privateKey, ca }: { readonly certificate: string; readonly privateKey: string; readonly ca: string },
  options: KubernetesSecretOptions,
): KubernetesSecret {
  const stringData = { 'tls.crt': certificate, 'tls.key': privateKey, 'ca.crt': ca };
  return { ...objectHead(options), type: 'kubernetes.io/tls', stringData };
}

function objectHead({
  name,
  namespace,
}: KubernetesSecretOptions): Pick<KubernetesSecret, 'apiVersion' | 'kind' | 'metadata'> {
  assertName(name);
  if (namespace !== undefined) assertNamespace(namespace);
  const metadata = { name, ...(namespace === undefined ? {} : { namespace }) };
  return { apiVersion: 'v1', kind: 'Secret', metadata };
}

/**
 * @internal Checks that a name is a DNS subdomain in lower case (RFC 1123), as `kubectl` does.
 *
 * @throws PgHostsslError `argument-invalid`
 */
export function assertName(name: unknown): void {
  if (typeof name === 'string' && name.length <= 253 && name.split('.').every(isLabel)) return;
  throw new PgHostsslError('argument-invalid', 'A Kubernetes name must be a DNS subdomain in lower case');
}

function assertNamespace(name: unknown): void {
  if (typeof name === 'string' && name.length <= 63 && isLabel(name)) return;
  throw new PgHostsslError(
    'argument-invalid',
    'A Kubernetes namespace must be a DNS label in lower case: at most 63 letters, digits and hyphens',
  );
}

function isLabel(text: string): boolean {
  return /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/.test(text);
}
