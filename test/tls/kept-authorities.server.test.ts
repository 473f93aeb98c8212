import assert from 'node:assert/strict';
import { chownSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { CertificateAuthority } from '../../src/pki/index.ts';
import {
  applyPlan,
  planClientCertificates,
  planRenewal,
  planServerCertificate,
  readClient,
  readServer,
} from '../../src/tls/index.ts';
import { forEachMajor, serverAccount, startServer, type TestServer, temporaryFolder } from '../server/index.ts';
import { logins } from './logins.ts';

const hosts = ['localhost'];
/** More hosts than the present certificate has, so that it is issued again. */
const more = ['localhost', 'db.example.com'];
const user = 'alice';
const root = await CertificateAuthority.create({ subject: '/CN=Root' });
const policy = await root.issueIntermediateAuthority({ subject: '/CN=Policy', pathLength: 1 });
const issuing = await policy.issueIntermediateAuthority({ subject: '/CN=Issuing' });
const next = await CertificateAuthority.create({ subject: '/CN=Next' });
const cross = await root.issueIntermediateAuthority({ subject: '/CN=Next', key: next.privateKey });
const load = (certificate: string, { privateKey }: CertificateAuthority) =>
  CertificateAuthority.load({ certificate, privateKey: privateKey.toPem() });
const [crossed, below] = [await load(next.certificate, next), await load(issuing.certificate, issuing)];
const files = (directory: string, { certificate, chain, privateKey }: Issued, above: string) => ({
  [`${directory}.crt`]: (above === '' ? chain : certificate) + above,
  [`${directory}.key`]: privateKey.toPem(),
});
type Issued = Awaited<ReturnType<CertificateAuthority['issueServerCertificate']>>;

forEachMajor([18], () => {
  let server: TestServer;

  before(async () => {
    const hba = 'local all all trust\nhostssl all all all cert\n';
    const ofServer = files('server', await issuing.issueServerCertificate({ hosts }), '');
    server = await startServer({
      major: 18,
      hba,
      conf: "ssl = on\nssl_ca_file = 'root.crt'\n",
      files: { ...ofServer, 'root.crt': root.certificate },
    });
    await server.query(`CREATE ROLE ${user} LOGIN`);
  });
  after(() => server.remove());

  for (const [what, authority, above] of [
    ['the cross certificate of a root', crossed, cross.certificate],
    ['the CA certificate above an intermediate CA', below, issuing.chain],
  ] as const) {
    test(`plans keep ${what}, which peers need`, async () => {
      const of = await authority.issueClientCertificate({ user });
      const reset = async (): Promise<void> => {
        const ofServer = files('server', await authority.issueServerCertificate({ hosts }), above);
        server.writeFiles({ ...ofServer, 'root.crt': root.certificate });
        await server.reload();
      };
      const enters = async (chain: string, privateKey = of.privateKey): Promise<void> =>
        assert.deepEqual(await logins(server, { [user]: { chain, privateKey } }, root.certificate), [user]);
      const folder = temporaryFolder();
      for (const [name, text] of Object.entries(files('postgresql', of, above))) {
        const path = join(folder, name);
        writeFileSync(path, text, { mode: 0o600 });
        if (serverAccount !== undefined) chownSync(path, serverAccount.uid, serverAccount.gid);
      }
      const client = await readClient(folder);
      const state = () => readServer(server.dataDirectory);
      const connection = { host: 'localhost', port: server.port, user, database: 'postgres' };
      await reset();
      await enters(of.certificate + above);
      for (const plan of [
        async () => planRenewal({ server: await state(), authority, lifePart: 0.0001 }),
        async () => planServerCertificate({ server: await state(), authority, hosts: more }),
        async () =>
          planClientCertificates({
            server: await state(),
            client,
            authority,
            connection,
            hosts: more,
            roots: next.certificate + root.certificate,
          }),
      ]) {
        await reset();
        const { diagnostics, ...rest } = await plan();
        assert.deepEqual(
          diagnostics.filter(({ code }) => code === 'tls-clients-need-root'),
          [],
        );
        await applyPlan({ ...rest, diagnostics });
        await server.reload();
        await enters(of.certificate + above);
      }
      const { writes } = await planRenewal({ server: await state(), client, authority, lifePart: 0.0001 });
      await enters(new TextDecoder().decode(writes.find(({ path }) => path.endsWith('postgresql.crt'))!.content()));
    });
  }

  test('a revoked cross certificate makes a CA unfit only if the server needs it', async () => {
    const authority = await load(next.certificate + cross.certificate, next);
    const ofRoot = await root.issueCrl({ revoked: [{ certificate: cross.certificate }] });
    const crls = ofRoot.crl + (await next.issueCrl({ revoked: [] })).crl;
    const of = await authority.issueClientCertificate({ user });
    for (const [trusted, entered] of [
      [root.certificate + next.certificate, [user]],
      [root.certificate, []],
    ] as const) {
      const ofServer = files('server', await authority.issueServerCertificate({ hosts }), '');
      server.writeFiles({ ...ofServer, 'root.crt': trusted, 'root.crl': crls });
      await server.query("ALTER SYSTEM SET ssl_crl_file = 'root.crl'");
      await server.reload();
      assert.deepEqual(await logins(server, { [user]: of }, next.certificate), entered);
      const state = await readServer(server.dataDirectory);
      const renewal = planRenewal({ server: state, authority });
      const alone = planServerCertificate({ server: state, authority, hosts });
      for (const plan of [renewal, alone]) {
        if (entered.length > 0) await plan;
        else await assert.rejects(plan, { code: 'authority-unfit', message: /revokes the CA certificate "CN=Next"/ });
      }
    }
  });
});
