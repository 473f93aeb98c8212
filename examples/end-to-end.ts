// From a stock server to TLS with a client certificate. Run it as the account of the data directory, and after any failure
// run it again: node end-to-end.js <data directory> <postgresql:// URL of the user> <directory for the client's files>
import { libpqUri } from 'pg-hostssl/client';
import * as tls from 'pg-hostssl/tls';

const [data = '/var/lib/postgresql/data', connection = 'postgresql://webadmin@localhost/app', directory = 'client'] =
  process.argv.slice(2);

// Completes an earlier run that was killed. If there is none, this call does nothing.
const { outcome } = await tls.recoverApply(data, { direction: 'complete', clientDirectory: directory });

// A CA of your own, made by the first run. Whoever has its key can log in as anybody: keep the key off the server.
const authority = await tls.loadOrCreateAuthority('authority', { subject: '/O=Example/CN=Example database authority' });

// The plan is data: certificates, settings, and the rules for this user. Nothing is written yet.
const [server, client] = [await tls.readServer(data), await tls.readClient(directory)];
const plan = await tls.planClientCertificates({ server, client, authority, connection, withoutCertificate: 'reject' });
console.log(tls.describePlan(plan));

// All files are written, or none.
const { action } = await tls.applyPlan(plan);
console.log(`The server needs: ${outcome === 'completed' ? 'reload' : action}. Then connect:`);
console.log(`psql "${libpqUri(plan.client, { directory })}"`);
