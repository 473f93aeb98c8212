import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { CertificateAuthority, type IssuedKeyPair } from '../../src/pki/index.ts';
import {
  applyPlan,
  type KeptAccess,
  planClientCertificates,
  planRevocation,
  planUserRemoval,
  readServer,
  signalReload,
  type TlsPlan,
} from '../../src/tls/index.ts';
import { forEachMajor, startServer, superuser, type TestServer } from '../server/index.ts';
import { login } from './logins.ts';

const authority = await CertificateAuthority.create({ subject: '/CN=First' });
const stranger = await CertificateAuthority.create({ subject: '/CN=Stranger' });
const ofAlice = await authority.issueClientCertificate({ user: 'alice' });
const ofBob = await authority.issueClientCertificate({ user: 'bob' });
const forged = await stranger.issueClientCertificate({ user: 'alice' });

/** A login that the plans must keep, with the options that its client needs to connect to a real server. */
interface Way {
  readonly keep: KeptAccess;
  readonly pair?: IssuedKeyPair;
}

const from = (
  transport: 'plain' | 'ssl',
  user: string,
  method: KeptAccess['method'],
  more: object = {},
): KeptAccess => ({
  transport,
  address: '127.0.0.1',
  user,
  database: 'postgres',
  method,
  ...more,
});
const byCertificate = (user: string, pair: IssuedKeyPair, more: object = {}): Way => ({
  keep: from('ssl', user, 'cert', { certificate: pair.chain, ...more }),
  pair,
});

const ways: Readonly<Record<string, Way>> = {
  'the Unix socket': { keep: { transport: 'local', user: superuser, method: 'trust' } },
  'a password without TLS, of the user of the plan': { keep: from('plain', 'alice', 'md5') },
  'a password with TLS, of the user of the plan': { keep: from('ssl', 'alice', 'md5') },
  'a password without TLS': { keep: from('plain', 'bob', 'md5') },
  'a password with TLS': { keep: from('ssl', 'bob', 'md5') },
  'the certificate of the user': byCertificate('alice', ofAlice),
  'the certificate of the user, to another database': byCertificate('alice', ofAlice, { database: 'template1' }),
  'the certificate of another user': byCertificate('alice', ofBob),
  'a certificate of another CA': byCertificate('alice', forged),
  'a password, by a client with a certificate of another CA': {
    keep: from('ssl', 'bob', 'md5', { certificate: forged.chain }),
    pair: forged,
  },
};

forEachMajor([10, 18, 19], (major) => {
  let server: TestServer;

  before(async () => {
    server = await startServer({ major, hba: 'local all all trust\nhost all all 127.0.0.1/32 md5\n' });
    for (const role of ['alice', 'bob']) await server.query(`CREATE ROLE ${role} LOGIN PASSWORD 'secret'`);
  });
  after(() => server.remove());

  const enter = ({ keep, pair }: Way): Promise<string | true> => {
    const keys = pair && { cert: pair.chain, key: pair.privateKey.toPem() };
    return login(server, {
      host: keep.transport === 'local' ? server.socketDirectory : server.host,
      user: keep.user,
      database: keep.database ?? 'postgres',
      ssl: keep.transport === 'ssl' && { ca: authority.certificate, servername: 'localhost', ...keys },
      ...(keep.method === 'md5' && { password: 'secret' }),
    });
  };
  const isKept = (plan: Promise<TlsPlan>): Promise<boolean> =>
    plan.then(
      ({ diagnostics }) => {
        assert.ok(!diagnostics.some(({ code }) => code === 'tls-way-in-unknown'));
        return true;
      },
      (error) => {
        assert.equal(error.code, 'way-in-lost', error);
        return false;
      },
    );
  /**
   * Plans a change once for each login, with this login as the option `keep`, and then applies a plan without `keep`.
   * Checks that planning succeeded for exactly those logins that the server lets in afterwards.
   */
  const compare = async (plan: (keep?: KeptAccess) => Promise<TlsPlan>): Promise<Record<string, boolean>> => {
    const said: Record<string, boolean> = {};
    for (const [name, { keep }] of Object.entries(ways)) said[name] = await isKept(plan(keep));
    await applyPlan(await plan(), { reload: () => signalReload(server.dataDirectory) });
    const seen: Record<string, boolean> = {};
    for (const [name, way] of Object.entries(ways)) seen[name] = (await enter(way)) === true;
    assert.deepEqual(said, seen);
    return seen;
  };
  const state = () => readServer(server.dataDirectory);
  const kept = (seen: Record<string, boolean>): string[] => Object.keys(seen).filter((name) => seen[name]);

  test('a set-up is refused for each login that the server then refuses', async () => {
    const current = await state();
    const connection = { host: 'localhost', port: server.port, user: 'alice', database: 'postgres' };
    const seen = await compare((keep) =>
      planClientCertificates({
        server: current,
        authority,
        connection,
        withoutCertificate: 'reject',
        ...(keep && { keep }),
      }),
    );
    assert.deepEqual(kept(seen), [
      'the Unix socket',
      'a password without TLS',
      'a password with TLS',
      'the certificate of the user',
    ]);
  });

  test('a revocation is refused for each login that the server then refuses', async () => {
    const current = await state();
    const revoked = [{ certificate: ofAlice.certificate }];
    const seen = await compare((keep) =>
      planRevocation({ server: current, authority, revoked, ...(keep && { keep }) }),
    );
    assert.deepEqual(kept(seen), ['the Unix socket', 'a password without TLS', 'a password with TLS']);
  });

  test('the removal of a user is refused for each login that the server then refuses', async () => {
    const current = await state();
    const seen = await compare((keep) =>
      planUserRemoval({ server: current, user: 'bob', otherRules: 'reject', ...(keep && { keep }) }),
    );
    assert.deepEqual(kept(seen), ['the Unix socket']);
  });
});
