// A renewal with a new key whose process is killed in the middle. The quickstart starts it, and completes the renewal.

import { readFileSync } from 'node:fs';
import { CertificateAuthority } from 'pg-hostssl/pki';
import { applyPlan, diskFiles, planClientCertificates, readClient, readServer, type TlsFiles } from 'pg-hostssl/tls';

const [dataDirectory, clientDirectory, connection, certificate] = process.argv.slice(2);
if (!dataDirectory || !clientDirectory || !connection || !certificate) {
  throw new Error('Run the quickstart instead: npm run quickstart');
}
// Not as a parameter, which every account of the machine can see.
const privateKey = readFileSync(process.stdin.fd, 'utf8');

const plan = await planClientCertificates({
  server: await readServer(dataDirectory),
  client: await readClient(clientDirectory),
  authority: await CertificateAuthority.load({ certificate, privateKey }),
  connection,
  withoutCertificate: 'reject',
  newKey: 'server',
});
// As if the machine stopped when the new pair is there and postgresql.conf does not name it yet.
const files: TlsFiles = {
  ...diskFiles,
  replace: async () => {
    process.kill(process.pid, 'SIGKILL');
  },
};
await applyPlan(plan, { files });
