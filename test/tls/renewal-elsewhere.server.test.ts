import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { CertificateAuthority, type IssuedKeyPair, PrivateKey } from '../../src/pki/index.ts';
import {
  applyPlan,
  planCaRollover,
  planClientCertificates,
  planRenewal,
  planRevocation,
  readClient,
  readServer,
  signalReload,
  type TlsPlan,
} from '../../src/tls/index.ts';
import { forEachMajor, startServer, type TestServer, temporaryFolder } from '../server/index.ts';
import { logins, type ShownPair } from './logins.ts';

// The keys of these CAs are on other machines. The plans get only certificates and CRLs of the CAs.
const day = 86_400_000;
const validity = { notBefore: new Date(Date.now() - 300 * day), notAfter: new Date(Date.now() + 1000 * day) };
const dueNow = { ...validity, notAfter: new Date(Date.now() + 60 * day) };
const company = await CertificateAuthority.create({ subject: '/CN=Company', validity });
const issuing = await company.issueIntermediateAuthority({ subject: '/CN=Company issuing', validity });
const successor = await CertificateAuthority.create({ subject: '/CN=Successor' });
const below = await successor.issueIntermediateAuthority({ subject: '/CN=Successor issuing' });
const hosts = ['localhost'];
const user = 'alice';

forEachMajor([10, 14, 18, 19], (major) => {
  let server: TestServer;
  let directory: string;
  before(async () => {
    server = await startServer({ major, hba: 'local all all trust\n' });
    directory = join(temporaryFolder(), 'client');
    for (const role of [user, 'bob']) await server.query(`CREATE ROLE ${role} LOGIN`);
  });
  after(() => server.remove());

  const states = async () => ({
    server: await readServer(server.dataDirectory),
    client: await readClient(directory),
  });
  const apply = (plan: TlsPlan) => applyPlan(plan, { reload: () => signalReload(server.dataDirectory) });
  const textOf = (file: { readonly content?: (() => Uint8Array) | undefined }) =>
    new TextDecoder().decode(file.content!());
  /** Returns the certificate and key in the client's directory. */
  const own = async (): Promise<ShownPair> => {
    const { certificate, privateKey } = await readClient(directory);
    return { chain: textOf(certificate), privateKey: await PrivateKey.read(textOf(privateKey)) };
  };
  const signed = async (plan: TlsPlan, issuer: CertificateAuthority) => {
    const answers = plan.requests!.map(async ({ holder, request }) => {
      const profile = holder === 'server' ? { hosts } : { user };
      return [holder, (await issuer.signRequest(request, profile)).chain] as const;
    });
    return Object.fromEntries(await Promise.all(answers)) as { server: string; client: string };
  };
  const issue = (issuer: CertificateAuthority, role: string): Promise<IssuedKeyPair> =>
    issuer.issueClientCertificate({ user: role });

  test('after a renewal by requests, the server accepts new certificates, and former ones until they expire', async () => {
    const roots = company.certificate;
    const [ofServer, ofClient] = await Promise.all([
      issuing.issueServerCertificate({ hosts, validity: dueNow }),
      issuing.issueClientCertificate({ user, validity: dueNow }),
    ]);
    const foreign = ({ chain, privateKey }: IssuedKeyPair) => ({
      roots,
      certificate: chain,
      privateKey: privateKey.toPem(),
    });
    const address = { host: 'localhost', hostaddr: server.host, port: server.port };
    await apply(
      await planClientCertificates({
        ...(await states()),
        connection: { ...address, user, database: 'postgres' },
        withoutCertificate: 'reject',
        serverCertificate: foreign(ofServer),
        clientCertificate: foreign(ofClient),
      }),
    );
    const former = await own();
    const stranger = await issue(successor, user);
    assert.deepEqual(await logins(server, { former, stranger, bob: await issue(issuing, 'bob') }, roots), ['former']);

    const asked = await planRenewal(await states());
    assert.deepEqual([asked.writes, asked.requests!.length], [[], 2]);
    const given = await signed(asked, issuing);
    await apply(
      await planRenewal({
        ...(await states()),
        serverCertificate: { roots, certificate: given.server },
        clientCertificate: { roots, certificate: given.client },
      }),
    );
    const renewed = await own();
    assert.notEqual(renewed.chain, former.chain);
    assert.deepEqual(await logins(server, { former, renewed, stranger }, roots), ['former', 'renewed']);

    // The plan writes a new key of the server beside the former key. Its certificate is only requested.
    const waiting = await planRenewal({ server: (await states()).server, newKey: 'server' });
    await apply(waiting);
    assert.deepEqual(await logins(server, { renewed }, roots), ['renewed']);
    const { server: certificate } = await signed(waiting, issuing);
    const taken = await planRenewal({ server: (await states()).server, serverCertificate: { roots, certificate } });
    assert.match(taken.writes.map(({ path }) => path).join(), /server-[0-9a-f]{8}\.crt,.*postgresql\.conf$/);
    await apply(taken);
    assert.deepEqual(await logins(server, { renewed, stranger }, roots), ['renewed']);
  });

  test('a rollover with certificate requests and given CRLs locks nobody out before the last step', async () => {
    const crls = async (...issuers: CertificateAuthority[]) =>
      (await Promise.all(issuers.map(async (issuer) => (await issuer.issueCrl()).crl))).join('');
    const first = { crls: await crls(company, issuing), issuers: issuing.certificate };
    await apply(await planRevocation({ server: (await states()).server, ...first }));
    const old = await own();
    assert.deepEqual(await logins(server, { old }, company.certificate), ['old']);

    const request = {
      current: company.certificate,
      next: successor.certificate,
      crls: await crls(successor, below),
      issuers: below.certificate,
    };
    const both = company.certificate + successor.certificate;
    const fresh = await issue(below, user);
    let given: { serverCertificate?: string; clientCertificate?: string } = {};
    const summaries: string[] = [];
    for (let i = 0; ; i++) {
      assert.ok(i < 8);
      const plan = await planCaRollover({ ...(await states()), ...request, ...given, retireCurrent: true });
      if (plan.writes.length === 0 && plan.requests === undefined) break;
      summaries.push(plan.summary.slice(0, 6));
      if (plan.requests !== undefined) {
        const answers = await signed(plan, below);
        given = { serverCertificate: answers.server, clientCertificate: answers.client };
        continue;
      }
      await apply(plan);
      const now = await own();
      const isLast = plan.summary.startsWith('Step 4');
      assert.deepEqual(await logins(server, { now, fresh, old }, both), ['now', 'fresh', ...(isLast ? [] : ['old'])]);
      assert.deepEqual(await logins(server, { bob: await issue(below, 'bob') }, both), []);
    }
    assert.deepEqual(summaries, ['Step 1', 'Step 2', 'Step 2', 'Step 3', 'Step 4']);
    const { chain, privateKey } = await own();
    const { crl } = await below.issueCrl({ number: '9', revoked: [{ certificate: chain }] });
    await apply(await planRevocation({ server: (await states()).server, crls: crl, issuers: below.certificate }));
    assert.deepEqual(await logins(server, { lost: { chain, privateKey }, fresh }, both), ['fresh']);
  });
});
