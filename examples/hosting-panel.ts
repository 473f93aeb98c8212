// The life of a server with three tenants: each gets a certificate, one leaves, one gets a new key, and the CA is
// replaced while the others keep connecting. Run it as the account of the data directory:
// node hosting-panel.js <data directory> <port> <directory for everything else>
import { Ledger } from 'pg-hostssl/pki';
import {
  applyPlan,
  fileLedgerStore,
  loadOrCreateAuthority,
  planCaRollover,
  planClientCertificates,
  planRenewal,
  planUserRemoval,
  readClient,
  readServer,
  signalReload,
  type TlsPlan,
} from 'pg-hostssl/tls';

const [data = '/var/lib/postgresql/data', port = '5432', folder = 'panel'] = process.argv.slice(2);
const current = await loadOrCreateAuthority(`${folder}/authority`, { subject: '/O=Example/CN=Authority 2026' });
const next = await loadOrCreateAuthority(`${folder}/next`, { subject: '/O=Example/CN=Authority 2027' });
const ledger = new Ledger(fileLedgerStore(`${folder}/ledger.json`));
const files = async (tenant: string) => ({
  server: await readServer(data),
  client: await readClient(`${folder}/${tenant}`),
});
const apply = async (plan: TlsPlan) => {
  await applyPlan(plan, { reload: () => signalReload(data) });
  if (plan.writes.length > 0) console.log(plan.summary);
};

for (const user of ['alice', 'bob', 'carol']) {
  const connection = { host: 'localhost', port: Number(port), user, database: 'postgres' };
  const request = { authority: current, connection, withoutCertificate: 'reject' } as const;
  const plan = await planClientCertificates({ ...(await files(user)), ...request });
  await apply(plan);
  await ledger.record(plan.client.certificate);
}

// Bob leaves: his rules and certificates go.
const { server } = await files('bob');
const revocation = { authority: current, user: { name: 'bob', ledger } };
await apply(await planUserRemoval({ server, user: 'bob', otherRules: 'reject', revocation }));
await ledger.revoke({ user: 'bob' });

// Alice gets a new key. From a timer, without newKey, this renews what is due.
await apply(await planRenewal({ ...(await files('alice')), authority: current, newKey: 'client' }));

// The next CA replaces the current one, step by step for all tenants, and trust in the current one ends last.
for (const retireCurrent of [false, false, false, true]) {
  for (const tenant of ['alice', 'carol']) {
    await apply(await planCaRollover({ ...(await files(tenant)), current, next, retireCurrent }));
  }
}
