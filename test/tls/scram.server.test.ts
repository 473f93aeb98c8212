import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkBundle, clientBundle } from '../../src/client/index.ts';
import { readConfiguration } from '../../src/configuration/index.ts';
import { CertificateAuthority } from '../../src/pki/index.ts';
import { applyPlan, planServerCertificate, readServer } from '../../src/tls/index.ts';
import { forEachMajor, withoutPsql, withServer } from '../server/index.ts';
import { psqlLogin } from './psql-login.ts';

const user = 'bob';

forEachMajor([11, 18], (major) => {
  test('psql does not log in with SCRAM where a plan says tls-scram-fails', { skip: withoutPsql }, async () => {
    const options = { major, hba: 'local all all trust\nhost all all all scram-sha-256\n' };
    await withServer(options, async (server) => {
      await server.query(`SET password_encryption = 'scram-sha-256'; CREATE ROLE ${user} LOGIN PASSWORD 'secret'`);
      const login = () => psqlLogin(server, { user, database: 'postgres' }, { password: 'secret' });
      for (const keyAlgorithm of ['ecdsa-p256', 'ed25519'] as const) {
        const authority = await CertificateAuthority.create({ subject: '/CN=Own', keyAlgorithm });
        const plan = await planServerCertificate({
          server: await readServer(server.dataDirectory),
          authority,
          hosts: ['localhost'],
          replaceForeign: true,
          keep: { transport: 'ssl', address: '127.0.0.1', user, database: 'postgres', method: 'scram-sha-256' },
        });
        await applyPlan(plan);
        await server.reload();
        const configuration = await readConfiguration(server.dataDirectory);
        const target = { host: 'localhost', user, database: 'postgres' };
        const certificate = plan.writes.find(({ path }) => path.endsWith('.crt'))!;
        const { problems } = await checkBundle(clientBundle({ target, ca: authority.certificate }), {
          serverCertificate: new TextDecoder().decode(certificate.content()),
          configuration,
        });
        const said = [...plan.diagnostics, ...problems].map(({ code, severity }) => `${severity} ${code}`);
        if (keyAlgorithm === 'ecdsa-p256') {
          assert.deepEqual(said, []);
          assert.equal(await login(), user);
        } else {
          const found = ['tls-clients-need-root', 'tls-scram-fails', 'tls-way-in-unknown', 'channel-binding-digest'];
          assert.deepEqual(
            said,
            found.map((code) => `warning ${code}`),
          );
          await assert.rejects(login(), /could not find digest for NID/);
        }
      }
    });
  });
});
