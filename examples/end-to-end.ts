// From a stock server to TLS with a client certificate, in one go. Run it as the account of the data directory, and after
// any failure run it again:
// node end-to-end.js <data directory> <postgresql:// URL of the user> <directory for the client's files>
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

const [
  dataDirectory = '/var/lib/postgresql/data',
  connection = 'postgresql://webadmin@localhost/app',
  directory = 'client',
] = process.argv.slice(2);

// Completes an earlier run that was killed; otherwise this does nothing.
const { outcome } = await recoverApply(dataDirectory, { direction: 'complete', clientDirectory: directory });
const server = await readServer(dataDirectory);
const client = await readClient(directory);

// A CA of your own, made by the first run. Who has its key can log in as anybody: keep it off the server.
const subject = '/O=Example/CN=Example database authority';
const authority = await loadOrCreateAuthority('authority', { subject });

// What has to be done, as data: certificates, settings, and the rule for this user. Nothing is written yet.
const plan = await planClientCertificates({ server, client, authority, connection, withoutCertificate: 'reject' });
console.log(describePlan(plan));

// All files are written, or none.
const { action } = await applyPlan(plan);
console.log(`The server needs: ${outcome === 'completed' ? 'reload' : action}. Then connect:`);
console.log(`psql "${libpqUri(plan.client, { directory })}"`);
