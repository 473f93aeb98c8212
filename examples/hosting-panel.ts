// The life of a server with three tenants. Each tenant gets a certificate. Later Bob leaves, Alice gets a new key, and the
// CA is replaced while the tenants keep connecting. Run it as the account of the data directory:
// node hosting-panel.js <data directory> <directory for everything else>
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { libpqFiles } from 'pg-hostssl/client';
import { Ledger } from 'pg-hostssl/pki';
import * as tls from 'pg-hostssl/tls';

const [data = '/var/lib/postgresql/data', folder = 'panel'] = process.argv.slice(2);
const current = await tls.loadOrCreateAuthority(`${folder}/authority`, { subject: '/O=Example/CN=Authority 2026' });
const next = await tls.loadOrCreateAuthority(`${folder}/next`, { subject: '/O=Example/CN=Authority 2027' });
const ledger = new Ledger(tls.fileLedgerStore(`${folder}/ledger.json`));
const server = () => tls.readServer(data);
const files = async (who: string) => ({ server: await server(), client: await tls.readClient(`${folder}/${who}`) });
const apply = async (plan: tls.TlsPlan) => {
  await tls.applyPlan(plan, { reload: () => tls.signalReload(data) });
  if (plan.writes.length > 0) console.log(plan.summary);
};

// One plan lets all tenants in, and keeps the panel's own way in. Host and port come from the settings of the server.
const withoutCertificate = 'reject';
const users = ['bob', 'carol'].map((user) => ({ user, withoutCertificate }) as const);
const connection = { user: 'alice', database: 'postgres' };
const keep = { transport: 'local', user: 'postgres', method: 'trust' } as const;
const request = { server: await server(), authority: current, connection, withoutCertificate, users, keep } as const;
const { clients, ...plan } = await tls.planClientCertificates(request);
await apply(plan);
for (const bundle of clients) {
  await ledger.record(bundle.certificate);
  const directory = `${folder}/${bundle.target.user}`;
  await mkdir(directory, { mode: 0o700 });
  for (const file of libpqFiles(bundle, directory)) await writeFile(file.path, file.content(), { mode: file.mode });
}

// Bob leaves: his rules are removed, and his certificates are revoked.
const revocation = { authority: current, user: { name: 'bob', ledger } };
await apply(await tls.planUserRemoval({ server: await server(), user: 'bob', otherRules: 'reject', revocation }));
await ledger.revoke({ user: 'bob' });

// The ledger needs each renewed certificate, because planUserRemoval revokes only certificates that the ledger holds.
const record = async (who: string) => ledger.record(await readFile(`${folder}/${who}/postgresql.crt`, 'utf8'));

// Alice gets a new key. Without newKey, the same call renews only what is due, for example from a timer.
await apply(await tls.planRenewal({ ...(await files('alice')), authority: current, newKey: 'client' }));
await record('alice');

// The next CA replaces the current CA, step by step for all tenants. The last step ends the trust in the current CA.
for (const retireCurrent of [false, false, false, true]) {
  for (const tenant of ['alice', 'carol']) {
    await apply(await tls.planCaRollover({ ...(await files(tenant)), current, next, retireCurrent }));
    await record(tenant);
  }
}
