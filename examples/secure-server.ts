// TLS with a client certificate for one user of a server on this machine. Run it as the account of the data directory, and
// after any failure run it again:
// node secure-server.js <data directory> <authority directory> <postgresql:// URL> <client directory>
import { libpqUri } from 'pg-hostssl/client';
import {
  applyPlan,
  describePlan,
  loadOrCreateAuthority,
  planClientCertificates,
  readClient,
  readServer,
  recoverApply,
} from 'pg-hostssl/tls';

const [dataDirectory, authorityDirectory, connection, clientDirectory] = process.argv.slice(2);
if (!dataDirectory || !authorityDirectory || !connection || !clientDirectory) {
  throw new Error('usage: secure-server <data directory> <authority directory> <URL> <client directory>');
}

// Completes an earlier run that was killed; otherwise this does nothing.
const { outcome } = await recoverApply(dataDirectory, { direction: 'complete', clientDirectory });
const server = await readServer(dataDirectory);
const client = await readClient(clientDirectory);
const authority = await loadOrCreateAuthority(authorityDirectory, {
  subject: '/O=Example/CN=Example database authority',
});
const plan = await planClientCertificates({ server, client, authority, connection, withoutCertificate: 'reject' });
console.log(describePlan(plan));
const { action } = await applyPlan(plan);
console.log(`Connect with ${libpqUri(plan.client, { directory: clientDirectory })}`);
console.log(`The server needs: ${outcome === 'completed' ? 'reload' : action}`);
