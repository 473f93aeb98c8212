// From a stock server to TLS with a client certificate, in one go:
// node end-to-end.js <data directory> <postgresql:// URL of the user> <directory for the client's files>
import { writeFile } from 'node:fs/promises';
import { libpqUri } from 'pg-hostssl/client';
import { CertificateAuthority } from 'pg-hostssl/pki';
import { applyPlan, describePlan, planClientCertificates, readClient, readServer } from 'pg-hostssl/tls';

const [
  dataDirectory = '/var/lib/postgresql/data',
  connection = 'postgresql://webadmin@localhost/app',
  directory = 'client',
] = process.argv.slice(2);

// An authority of your own. Who has its key can log in as anybody: keep it, and keep it off the server.
const authority = await CertificateAuthority.create({ subject: '/O=Example/CN=Example database authority' });
await writeFile('authority.key', authority.privateKey.toPem(), { mode: 0o600, flag: 'wx' });
await writeFile('authority.crt', authority.certificate, { flag: 'wx' });

// What has to be done, as data: certificates, settings, and the rule for this user. Nothing is written yet.
const plan = await planClientCertificates({
  server: await readServer(dataDirectory),
  client: await readClient(directory),
  authority,
  connection,
  withoutCertificate: 'reject',
});
console.log(describePlan(plan));

// All files are written, or none.
const { action } = await applyPlan(plan);
console.log(`The server needs: ${action}. Then connect:`);
console.log(`psql "${libpqUri(plan.client, { directory })}"`);
