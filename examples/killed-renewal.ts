// Renews a server certificate with a new key, and is killed in the middle. The quickstart runs this program, and then
// completes the renewal.

import { readFileSync } from 'node:fs';
import { CertificateAuthority } from 'pg-hostssl/pki';
import { applyPlan, diskFiles, planClientCertificates, readClient, readServer, type TlsFiles } from 'pg-hostssl/tls';

const [dataDirectory, clientDirectory, connection, certificate] = process.argv.slice(2);
if (!dataDirectory || !clientDirectory || !connection || !certificate) {
  throw new Error('Run the quickstart instead: npm run quickstart');
}
// The key comes from stdin, because every account of the machine can see the parameters of a process.
const privateKey = readFileSync(process.stdin.fd, 'utf8');

const plan = await planClientCertificates({
  server: await readServer(dataDirectory),
  client: await readClient(clientDirectory),
  authority: await CertificateAuthority.load({ certificate, privateKey }),
  connection,
  withoutCertificate: 'reject',
  newKey: 'server',
});
// Kills the process before the first rename: the new pair is written, and postgresql.conf does not name it yet.
const files: TlsFiles = {
  ...diskFiles,
  replace: async () => {
    process.kill(process.pid, 'SIGKILL');
  },
};
await applyPlan(plan, { files });
