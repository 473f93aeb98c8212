import { assertProperties, type PropertyNames } from '../../arguments.ts';
import { PgHostsslError } from '../../errors.ts';
import type { ClientBundle, ConnectionBundle } from '../bundle/bundle.ts';
import { refusePassphrase } from './libpq.ts';

/** Options of {@link kubernetesSecret}. */
export interface KubernetesSecretOptions {
  /** The name of the Secret. */
  readonly name: string;
  /** The namespace of the Secret; that of the context if not given. */
  readonly namespace?: string;
}

const optionNames: PropertyNames<KubernetesSecretOptions> = { name: true, namespace: true };

/** A Secret of Kubernetes of type `kubernetes.io/tls`. */
export interface KubernetesSecret {
  /** `v1`. */
  readonly apiVersion: 'v1';
  /** `Secret`. */
  readonly kind: 'Secret';
  /** The one type of Secret that Kubernetes checks for certificate and key. */
  readonly type: 'kubernetes.io/tls';
  /** Name and namespace. */
  readonly metadata: {
    /** The name of the Secret. */
    readonly name: string;
    /** The namespace of the Secret. */
    readonly namespace?: string;
  };
  /** The three files as text. A plain property, since the object is sent to the API server. Do not log the object. */
  readonly stringData: {
    /** The client certificate chain: PEM, leaf first. */
    readonly 'tls.crt': string;
    /** The private key: PEM. */
    readonly 'tls.key': string;
    /** The root certificates that the client checks the server against: PEM. */
    readonly 'ca.crt': string;
  };
}

/**
 * A client as a Secret of Kubernetes, for `kubectl apply` (which reads JSON) and for a client of the API. A pod that mounts
 * it with `defaultMode: 0400` names the files by `sslcert=…/tls.crt`, `sslkey=…/tls.key` and `sslrootcert=…/ca.crt`.
 *
 * The keys are those of cert-manager. CloudNativePG takes the same object as `replicationTLSSecret` (for the user
 * `streaming_replica`), Crunchy's operator as `customReplicationTLSSecret`.
 *
 * @param bundle - The client.
 * @param options - Name and namespace.
 * @returns A new object at each call. It holds the private key as text.
 * @throws PgHostsslError `connection-not-expressible` for an encrypted key; `argument-invalid` for a name that is no DNS
 * subdomain in lower case.
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
  assertProperties(options, optionNames, 'the options of kubernetesSecret');
  if ((bundle as ConnectionBundle).certificate === undefined) {
    throw new PgHostsslError('connection-not-expressible', 'A Secret of type kubernetes.io/tls needs a certificate', {
      hint: 'For a client without a certificate put `ca` into a ConfigMap.',
    });
  }
  refusePassphrase(bundle, 'A Secret of type kubernetes.io/tls');
  const { name, namespace } = options;
  for (const text of namespace === undefined ? [name] : [name, namespace]) {
    // RFC 1123, as `kubectl` checks it.
    if (typeof text === 'string' && text.length <= 253 && /^[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?$/.test(text)) continue;
    throw new PgHostsslError('argument-invalid', 'A name of Kubernetes must be a DNS subdomain in lower case');
  }
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'kubernetes.io/tls',
    metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
    stringData: { 'tls.crt': bundle.certificate, 'tls.key': bundle.privateKey(), 'ca.crt': bundle.ca },
  };
}
