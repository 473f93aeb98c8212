import { assertProperties, type PropertyNames } from '../../arguments.ts';
import { assertName } from './kubernetes.ts';

/** The names of the Secrets of a cluster. */
export interface OperatorSecretNames {
  /** The Secret of {@link kubernetesServerSecret}. */
  readonly server: string;
  /** The Secret of {@link kubernetesSecret} for the user of replication. */
  readonly replication: string;
  /** The Secret of {@link kubernetesCaSecret}; for CloudNativePG only. */
  readonly ca?: string;
}

const secretNames: PropertyNames<OperatorSecretNames> = { server: true, replication: true, ca: true };

/** `spec.certificates` of a CloudNativePG Cluster. */
export interface CloudNativePgCertificates {
  /** The certificate of the server. */
  readonly serverTLSSecret: string;
  /** The root of the server certificate, which clients check. */
  readonly serverCASecret: string;
  /** The root of client certificates. */
  readonly clientCASecret: string;
  /** The client certificate of `streaming_replica`. */
  readonly replicationTLSSecret: string;
}

/**
 * `spec.certificates` of a CloudNativePG Cluster. The certificate of the replication Secret is for `streaming_replica`; that
 * of the server is for the services `<cluster>-rw`, `-ro` and `-r`.
 *
 * @param names - The names of the Secrets; `ca` is needed.
 * @returns A new object at each call.
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
export function cloudNativePgCertificates(names: OperatorSecretNames): CloudNativePgCertificates {
  assertProperties(names, secretNames, 'the names of cloudNativePgCertificates');
  const { server, replication, ca } = names;
  for (const name of [server, replication, ca]) assertName(name);
  return { serverTLSSecret: server, serverCASecret: ca!, clientCASecret: ca!, replicationTLSSecret: replication };
}

/** The fields of a Crunchy PostgresCluster that name Secrets. */
export interface CrunchyTlsSecrets {
  /** The certificate of the server, with its root. */
  readonly customTLSSecret: {
    /** The name of the Secret. */
    readonly name: string;
  };
  /** The client certificate of `_crunchyrepl`, with the same root. */
  readonly customReplicationTLSSecret: {
    /** The name of the Secret. */
    readonly name: string;
  };
}

/**
 * The fields of `spec` of a Crunchy PostgresCluster that name Secrets. The certificate of the replication Secret is for
 * `_crunchyrepl`; both Secrets have the same `ca.crt`.
 *
 * @param names - The names of the Secrets.
 * @returns A new object at each call.
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
export function crunchyTlsSecrets(names: OperatorSecretNames): CrunchyTlsSecrets {
  assertProperties(names, secretNames, 'the names of crunchyTlsSecrets');
  for (const name of [names.server, names.replication]) assertName(name);
  return { customTLSSecret: { name: names.server }, customReplicationTLSSecret: { name: names.replication } };
}
