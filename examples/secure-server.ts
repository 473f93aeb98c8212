// TLS with a client certificate for one user of a server on this machine:
// node secure-server.js <data directory> <authority directory> <postgresql:// URL> <client directory>
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { libpqUri } from 'pg-hostssl/client';
import { CertificateAuthority } from 'pg-hostssl/pki';
import { applyPlan, describePlan, planClientCertificates, readClient, readServer } from 'pg-hostssl/tls';

const [dataDirectory, authorityDirectory, connection, clientDirectory] = process.argv.slice(2);
if (!dataDirectory || !authorityDirectory || !connection || !clientDirectory) {
  throw new Error('usage: secure-server <data directory> <authority directory> <URL> <client directory>');
}

const authority = await CertificateAuthority.load({
  certificate: await readFile(join(authorityDirectory, 'authority.crt'), 'utf8'),
  privateKey: await readFile(join(authorityDirectory, 'authority.key'), 'utf8'),
});
const plan = await planClientCertificates({
  server: await readServer(dataDirectory),
  client: await readClient(clientDirectory),
  authority,
  connection,
  withoutCertificate: 'reject',
});
console.log(describePlan(plan));
const { action } = await applyPlan(plan);
console.log(`Connect with ${libpqUri(plan.client, { directory: clientDirectory })}`);
console.log(`The server needs: ${action}`);
