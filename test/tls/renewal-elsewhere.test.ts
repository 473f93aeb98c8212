import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CertificateAuthority, inspectCertificate, PrivateKey } from '../../src/pki/index.ts';
import {
  type ClientState,
  fileState,
  planCaRollover,
  planCertificateRequests,
  planRenewal,
  planServerCertificate,
  type RenewalRequest,
  type ServerState,
  type TargetFile,
  type TlsPlan,
} from '../../src/tls/index.ts';
import { applied, clientState, names, serverState, written } from './state.ts';

// The keys of these CAs are never given to a plan.
const day = 86_400_000;
const validity = { notBefore: new Date(Date.now() - 300 * day), notAfter: new Date(Date.now() + 1000 * day) };
const dueNow = { ...validity, notAfter: new Date(Date.now() + 60 * day) };
const company = await CertificateAuthority.create({ subject: '/CN=Company', pathLength: 1, validity });
const issuing = await company.issueIntermediateAuthority({ subject: '/CN=Company issuing', validity });
const successor = await CertificateAuthority.create({ subject: '/CN=Successor', pathLength: 1 });
const below = await successor.issueIntermediateAuthority({ subject: '/CN=Successor issuing' });
const roots = company.certificate;
const hosts = ['db.example.com', '10.0.0.5'];
const user = 'alice';
const conf = "ssl = on\nssl_ca_file = 'root.crt'\n";

interface States {
  readonly server: ServerState;
  readonly client: ClientState;
}

/** Returns the states of a server and a client whose certificates are due for renewal. */
async function setUp(issuer = issuing, more = ''): Promise<States> {
  const [ofServer, ofClient] = await Promise.all([
    issuer.issueServerCertificate({ hosts, validity: dueNow }),
    issuer.issueClientCertificate({ user, validity: dueNow, subject: 'O=Example' }),
  ]);
  const server = serverState({
    conf: conf + more,
    certificate: ofServer.chain,
    privateKey: ofServer.privateKey.toPem(),
    ca: roots,
  });
  const client = clientState({ certificate: ofClient.chain, privateKey: ofClient.privateKey.toPem() });
  return { server, client: { ...client, ca: fileState(client.ca.path, roots) } };
}

/** Lets a CA issue the certificates that a plan requests. */
async function signed(plan: TlsPlan, issuer: CertificateAuthority): Promise<{ server?: string; client?: string }> {
  const found = plan.requests!.map(async ({ holder, request }) => {
    const profile = holder === 'server' ? { hosts } : { user, subject: 'O=Example' };
    return [holder, (await issuer.signRequest(request, profile)).chain];
  });
  return Object.fromEntries(await Promise.all(found));
}

test('certificates that are due are requested with their names and keys, and then installed', async () => {
  const states = await setUp();
  const plan = await planRenewal(states);
  assert.equal(plan.summary, 'Requests a certificate for the server and the client');
  assert.deepEqual(
    [names(plan), plan.action, plan.requests!.map(({ holder }) => holder)],
    [[], 'none', ['server', 'client']],
  );
  const { server, client } = await signed(plan, issuing);
  const taken = await planRenewal({
    ...states,
    serverCertificate: { roots, certificate: server! },
    clientCertificate: { roots, certificate: client! },
  });
  assert.equal(taken.summary, "Renews the server's certificate, the client's certificate");
  assert.deepEqual(names(taken), ['server.crt', 'postgresql.crt']);
  const next = applied(states.server, states.client, taken);
  const again = await planRenewal(next);
  assert.deepEqual([again.summary, again.requests, again.writes], ['Nothing is due for renewal', undefined, []]);
  // The key of the client's CA is on this machine, and the key of the server's CA is on another one.
  const mixed = await planRenewal({
    ...states,
    authority: issuing,
    serverCertificate: { roots, certificate: server! },
  });
  assert.deepEqual(names(mixed), ['server.crt', 'postgresql.crt']);
});

test('a certificate of a CA with the name of the present CA is reported if its root has another key', async () => {
  const { server } = await setUp(company);
  const namesake = await CertificateAuthority.create({ subject: '/CN=Company', validity });
  for (const [issuer, codes] of [
    [company, []],
    [namesake, ['tls-clients-need-root']],
  ] as const) {
    const certificate = (await signed(await planRenewal({ server }), issuer)).server!;
    const plan = await planRenewal({ server, serverCertificate: { certificate, roots: issuer.certificate } });
    assert.deepEqual(
      plan.diagnostics.map(({ code }) => code),
      codes,
    );
  }
});

test('a new key of the server waits for its certificate, and a revoked certificate is not requested again', async () => {
  const states = await setUp(company);
  const { server } = states;
  const owner = { uid: 26, gid: 26 };
  const plan = await planRenewal({ server: { ...server, owner }, newKey: true });
  assert.match(names(plan).join(), /^server-[0-9a-f]{8}\.key$/);
  const { mode, owner: ofKey, secret, step } = plan.writes[0]!;
  assert.deepEqual([mode, ofKey, secret, step], [0o600, owner, true, 'new-file']);
  assert.equal(plan.action, 'none');
  const waiting = fileState(plan.writes[0]!.path, plan.writes[0]!.content(), { mode: 0o600 });
  const certificate = (await signed(plan, company)).server!;
  const taken = await planRenewal({
    server: { ...server, ownFiles: [waiting] },
    serverCertificate: { roots, certificate },
  });
  assert.match(names(taken).join(), /^server-[0-9a-f]{8}\.crt,postgresql\.conf$/);
  await assert.rejects(planRenewal({ ...states, newKey: true }), { code: 'argument-invalid', message: /newKey/ });

  const { serialNumber } = inspectCertificate(new TextDecoder().decode(states.client.certificate.content!()));
  const { crl } = await company.issueCrl({ revoked: [{ serialNumber }] });
  const withCrl = {
    ...(await setUp(company, "ssl_crl_file = 'root.crl'\n")).server,
    crl: fileState('/nowhere/data/root.crl', crl),
  };
  const revoked = await planRenewal({ server: withCrl, client: states.client });
  assert.deepEqual(
    revoked.requests!.map(({ holder }) => holder),
    ['server'],
  );
  assert.ok(revoked.diagnostics.some(({ code }) => code === 'tls-certificate-revoked'));
  // Another CA may have issued a certificate with the same serial number, and revoked that certificate.
  const other = await CertificateAuthority.create({ subject: '/CN=Other' });
  const ofBoth = (await company.issueCrl()).crl + (await other.issueCrl({ revoked: [{ serialNumber }] })).crl;
  const kept = { ...withCrl, crl: fileState('/nowhere/data/root.crl', ofBoth) };
  const both = await planRenewal({ server: kept, client: states.client });
  assert.deepEqual(
    both.requests!.map(({ holder }) => holder),
    ['server', 'client'],
  );
  const late = await planRenewal({ server: withCrl, now: new Date(Date.now() + 40 * day) });
  assert.ok(late.diagnostics.some(({ code, message }) => code === 'tls-crl-refuses' && /expired/.test(message)));
});

test('a given certificate that does not fit is refused with the reason', async () => {
  const states = await setUp();
  const keyOf = (file: TargetFile) => new TextDecoder().decode(file.content!());
  const [serverKey, clientKey] = [keyOf(states.server.privateKey), keyOf(states.client.privateKey)];
  const chainOf = async (issued: Promise<{ chain: string }>): Promise<string> => (await issued).chain;
  const subject = 'O=Example';
  const trusting = roots + successor.certificate;
  const refused: readonly (readonly [given: Partial<RenewalRequest>, code: string, message: RegExp])[] = [
    [
      { serverCertificate: { roots, certificate: await chainOf(issuing.issueServerCertificate({ hosts })) } },
      'key-mismatch',
      /does not belong to the certificate serverCertificate/,
    ],
    [
      {
        serverCertificate: {
          roots,
          certificate: await chainOf(issuing.issueServerCertificate({ hosts: hosts.slice(0, 1), key: serverKey })),
        },
      },
      'certificate-unfit',
      /not valid for all hosts of the present certificate/,
    ],
    [
      {
        clientCertificate: {
          roots,
          certificate: await chainOf(issuing.issueClientCertificate({ user: 'bob', subject, key: clientKey })),
        },
      },
      'certificate-unfit',
      /names another user than the present certificate/,
    ],
    [
      {
        clientCertificate: {
          roots: trusting,
          certificate: await chainOf(below.issueClientCertificate({ user, subject, key: clientKey })),
        },
      },
      'certificate-unfit',
      /not accepted by the server/,
    ],
    [
      {
        serverCertificate: {
          roots: trusting,
          certificate: await chainOf(below.issueServerCertificate({ hosts, key: serverKey })),
        },
      },
      'certificate-unfit',
      /not accepted by clients/,
    ],
    [
      {
        clientCertificate: {
          roots,
          certificate: (await company.issueServerCertificate({ hosts: [user], key: clientKey })).chain,
        },
      },
      'certificate-unfit',
      /./,
    ],
    [{ serverCertificate: { roots } as never }, 'argument-invalid', /serverCertificate\.certificate/],
    [
      { serverCertificate: { roots, certificate: roots, privateKey: serverKey } as never },
      'argument-invalid',
      /serverCertificate\.privateKey/,
    ],
  ];
  for (const [given, code, message] of refused) {
    await assert.rejects(planRenewal({ ...states, ...given }), { code, message });
  }
  const bare = { server: serverState(), serverCertificate: { roots, certificate: roots } };
  await assert.rejects(planRenewal(bare), {
    code: 'argument-invalid',
    message: /server\.crt, but this file does not exist/,
  });
  const stranger = { ...states.server, privateKey: fileState(states.server.privateKey.path, clientKey) };
  await assert.rejects(planRenewal({ server: stranger }), { code: 'key-mismatch' });
});

test('a rollover to a CA on another machine requests the certificates and installs them, step by step', async () => {
  let states = await setUp();
  const rollover = { current: roots, next: successor.certificate };
  const step = async (number: number, more: object = {}): Promise<TlsPlan> => {
    const plan = await planCaRollover({ ...states, ...rollover, ...more });
    assert.match(plan.summary, new RegExp(`^Step ${number} of 4`));
    states = applied(states.server, states.client, plan);
    return plan;
  };
  assert.deepEqual(names(await step(1)), ['root.crt', 'root.crt']);
  const asked = await step(2);
  assert.deepEqual([names(asked), asked.action, asked.requests!.length], [[], 'none', 2]);
  const { server, client } = await signed(asked, below);
  const given = { serverCertificate: server!, clientCertificate: client! };
  const old = await signed(asked, issuing);
  const wrong = planCaRollover({ ...states, ...rollover, serverCertificate: old.server! });
  await assert.rejects(wrong, { code: 'certificate-unfit', message: /not accepted by clients/ });
  assert.deepEqual(names(await step(2, given)), ['server.crt']);
  assert.deepEqual(
    (await step(3)).requests!.map(({ holder }) => holder),
    ['client'],
  );
  const mallory = await below.issueClientCertificate({ user: 'mallory' });
  const other = planCaRollover({ ...states, ...rollover, clientCertificate: mallory.chain });
  await assert.rejects(other, { code: 'key-mismatch' });
  assert.deepEqual(names(await step(3, given)), ['postgresql.crt']);
  assert.deepEqual((await planCaRollover({ ...states, ...rollover })).writes, []);
  const last = await step(4, { retireCurrent: true });
  assert.equal(written(last, 'root.crt'), successor.certificate);
  const whole = await planCaRollover({ ...states, ...rollover, retireCurrent: true });
  assert.deepEqual(
    [whole.summary, whole.requests, whole.diagnostics],
    ['The next CA has replaced the current CA', undefined, []],
  );
});

test('a rollover replaces certificates whose intermediate CA is in the root files alone', async () => {
  const next = await CertificateAuthority.create({ subject: '/CN=Own' });
  for (const current of [company, roots]) {
    let states = await setUp();
    const { server, client } = states;
    const first = ({ certificate }: { certificate: TargetFile }) =>
      fileState(
        certificate.path,
        /^.*?-----END CERTIFICATE-----\n/s.exec(new TextDecoder().decode(certificate.content!()))![0],
      );
    const ca = (path: string) => fileState(path, roots + issuing.certificate);
    states = {
      server: { ...server, certificate: first(server), ca: ca(server.ca.path) },
      client: { ...client, certificate: first(client), ca: ca(client.ca.path) },
    };
    for (const step of [1, 2, 3, 4]) {
      const plan = await planCaRollover({ ...states, current, next, retireCurrent: true });
      assert.match(plan.summary, new RegExp(`^Step ${step} of 4`));
      states = applied(states.server, states.client, plan);
    }
    for (const { certificate } of [states.server, states.client]) {
      assert.ok(await next.hasIssued(new TextDecoder().decode(certificate.content!())));
    }
  }
});

test('a rollover from a CA on another machine to one on this machine also works below an intermediate CA', async () => {
  let states = await setUp();
  const next = await CertificateAuthority.create({ subject: '/CN=Own' });
  for (const step of [1, 2, 3]) {
    const plan = await planCaRollover({ ...states, current: roots, next });
    assert.match(plan.summary, new RegExp(`^Step ${step} of 4`));
    assert.ok(plan.writes.length > 0);
    states = applied(states.server, states.client, plan);
  }
  assert.deepEqual((await planCaRollover({ ...states, current: roots, next })).writes, []);
});

test('a rollover of a server with CRLs installs a CRL that the next CA has issued', async () => {
  const states = await setUp(company, "ssl_crl_file = 'root.crl'\n");
  const { crl } = await company.issueCrl();
  const server = { ...states.server, crl: fileState('/nowhere/data/root.crl', crl) };
  const request = { server, client: states.client, current: roots, next: successor.certificate };
  const missing = { code: 'crl-incomplete', message: /next CA/ };
  await assert.rejects(planCaRollover(request), missing);
  await assert.rejects(planCaRollover({ ...request, crls: crl }), missing);
  const crls = (await successor.issueCrl()).crl;
  const plan = await planCaRollover({ ...request, crls });
  assert.deepEqual(names(plan), ['root.crl', 'root.crt', 'root.crt']);
  assert.equal(written(plan, 'root.crl'), crl + crls);

  // The plan refuses a client certificate below an intermediate CA without a CRL, because the server would refuse it.
  const next = applied(server, states.client, plan);
  const asked = await planCaRollover({ ...next, current: roots, next: successor.certificate });
  const given = await signed(asked, below);
  const certificates = { serverCertificate: given.server!, clientCertificate: given.client! };
  const moved = await planCaRollover({ ...next, current: roots, next: successor.certificate, ...certificates });
  const third = { ...applied(next.server, next.client, moved), current: roots, next: successor.certificate };
  await assert.rejects(planCaRollover({ ...third, ...certificates }), { code: 'certificate-unfit', message: /CRL/ });
  for (const more of [{ crls }, { clientCertificate: given.client! }]) {
    await assert.rejects(planCaRollover({ ...request, next: successor, ...more }), { code: 'argument-invalid' });
  }
});

test('requests for the key of another user are refused, and a server may get a certificate again', async () => {
  const { server, client } = await setUp();
  const asked = planCertificateRequests({ server, client, user: 'bob' });
  await assert.rejects(asked, { code: 'certificate-foreign', message: /another user than "bob", with its key/ });
  await planCertificateRequests({ server, client, user });
  const waiting = { ...client, certificate: { path: client.certificate.path } };
  await planCertificateRequests({ server, client: waiting, user: 'bob' });
  const fresh = await issuing.issueServerCertificate({ hosts, key: await PrivateKey.generate() });
  const serverCertificate = { roots, certificate: fresh.chain, privateKey: fresh.privateKey.toPem() };
  const plan = await planServerCertificate({ server, hosts, serverCertificate, replaceForeign: true });
  assert.equal(plan.requests, undefined);
});
