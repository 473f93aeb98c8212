import { assertProperties, type PropertyNames } from '../../arguments.ts';
import { assertName } from './kubernetes.ts';

/** The names of the Kubernetes Secrets of a Crunchy PostgresCluster. */
export interface CrunchySecretNames {
  /** The name of the Secret that {@link kubernetesServerSecret} makes. */
  readonly server: string;
  /** The name of the Secret that {@link kubernetesSecret} makes for the replication user. */
  readonly replication: string;
}

/** The names of the Kubernetes Secrets of a CloudNativePG Cluster. */
export interface CloudNativePgSecretNames extends CrunchySecretNames {
  /** The name of the Secret that {@link kubernetesCaSecret} makes. */
  readonly ca: string;
}

const crunchyNames: PropertyNames<CrunchySecretNames> = { server: true, replication: true };
const cloudNativePgNames: PropertyNames<CloudNativePgSecretNames> = { ...crunchyNames, ca: true };

/** The field `spec.certificates` of a CloudNativePG Cluster. */
export interface CloudNativePgCertificates {
  /** The Secret with the certificate of the server. */
  readonly serverTLSSecret: string;
  /** The Secret with the root certificate with which clients verify the server. */
  readonly serverCASecret: string;
  /** The Secret with the root certificate with which the server verifies clients. */
  readonly clientCASecret: string;
  /** The Secret with the client certificate of `streaming_replica`. */
  readonly replicationTLSSecret: string;
}

/**
 * The field `spec.certificates` of a CloudNativePG Cluster. The certificate in the replication Secret must be for the
 * user `streaming_replica`. The certificate of the server must be for the services `<cluster>-rw`, `<cluster>-ro` and
 * `<cluster>-r`.
 *
 * @param names the names of the Secrets
 * @returns a new object at each call
 * @throws PgHostsslError `argument-invalid`
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { cloudNativePgCertificates } from 'pg-hostssl/client';
 *
 * const certificates = cloudNativePgCertificates({ server: 'db-server', ca: 'db-ca', replication: 'db-replica' });
 * assert.equal(certificates.clientCASecret, 'db-ca');
 * ```
 */
export function cloudNativePgCertificates(names: CloudNativePgSecretNames): CloudNativePgCertificates {
  assertProperties(names, cloudNativePgNames, 'the names of cloudNativePgCertificates');
  const { server, replication, ca } = names;
  for (const name of [server, replication, ca]) assertName(name);
  return { serverTLSSecret: server, serverCASecret: ca, clientCASecret: ca, replicationTLSSecret: replication };
}

/** The fields of a Crunchy PostgresCluster that name Secrets. */
export interface CrunchyTlsSecrets {
  /** The Secret with the certificate of the server and its root certificate. */
  readonly customTLSSecret: {
    /** The name of the Secret. */
    readonly name: string;
  };
  /** The Secret with the client certificate of `_crunchyrepl` and the same root certificate. */
  readonly customReplicationTLSSecret: {
    /** The name of the Secret. */
    readonly name: string;
  };
}

/**
 * The fields of `spec` of a Crunchy PostgresCluster that name Secrets. The certificate in the replication Secret must
 * be for the user `_crunchyrepl`. Both Secrets must have the same `ca.crt`.
 *
 * @param names the names of the Secrets
 * @returns a new object at each call
 * @throws PgHostsslError `argument-invalid`
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { crunchyTlsSecrets } from 'pg-hostssl/client';
 *
 * const spec = crunchyTlsSecrets({ server: 'db-server', replication: 'db-replica' });
 * assert.deepEqual(spec.customTLSSecret, { name: 'db-server' });
 * ```
 */
export function crunchyTlsSecrets(names: CrunchySecretNames): CrunchyTlsSecrets {
  assertProperties(names, crunchyNames, 'the names of crunchyTlsSecrets');
  for (const name of [names.server, names.replication]) assertName(name);
  return { customTLSSecret: { name: names.server }, customReplicationTLSSecret: { name: names.replication } };
}
