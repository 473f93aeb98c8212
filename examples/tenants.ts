// A hosting panel: one database and one certificate for each tenant, in one plan.
import type { ClientBundle } from 'pg-hostssl/client';
import type { CertificateAuthority } from 'pg-hostssl/pki';
import { applyPlan, planClientCertificates, readServer, signalReload } from 'pg-hostssl/tls';

/** Lets each tenant into the database of the same name, and returns the bundle of each tenant. */
export async function addTenants(
  data: string,
  authority: CertificateAuthority,
  connection: { host: string; port: number },
  [first, ...others]: readonly [string, ...string[]],
): Promise<readonly ClientBundle[]> {
  const plan = await planClientCertificates({
    server: await readServer(data),
    authority,
    connection: { ...connection, user: first, database: first },
    withoutCertificate: 'reject',
    users: others.map((user) => ({ user, database: user, withoutCertificate: 'reject' })),
  });
  await applyPlan(plan, { reload: () => signalReload(data) });
  return plan.clients;
}
