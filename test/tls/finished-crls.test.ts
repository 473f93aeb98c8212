import assert from 'node:assert/strict';
import { test } from 'node:test';
import { derInteger, derOid, derSequence } from '../../src/asn1/der.ts';
import { basicConstraints, extension, extensionOid } from '../../src/pki/certificate/extensions.ts';
import { extendedKeyUsage, keyUsage } from '../../src/pki/certificate/key-usage.ts';
import {
  CertificateAuthority,
  inspectCertificate,
  inspectCrl,
  Ledger,
  memoryLedgerStore,
  PrivateKey,
} from '../../src/pki/index.ts';
import {
  fileState,
  planClientCertificates,
  planRevocation,
  planUserRemoval,
  type RevocationRequest,
} from '../../src/tls/index.ts';
import { pathTo, without } from '../../src/tls/plan/pairs/rollover-ca.ts';
import { forge, forgeList } from '../pki/forge.ts';
import { applied, clientState, names, serverState, written } from './state.ts';

// The key of this CA is on another machine, so the plans get CRLs that the CA has already issued.
const company = await CertificateAuthority.create({ subject: '/CN=Company', pathLength: 1 });
const issuing = await company.issueIntermediateAuthority({ subject: '/CN=Company issuing' });
const impostor = await CertificateAuthority.create({ subject: '/CN=Company' });
const inDays = (days: number): Date => new Date(Date.now() + days * 86_400_000);
const serials = (crl: string): string[] => inspectCrl(crl).revoked.map(({ serialNumber }) => serialNumber);

const [first, second, other] = await Promise.all([
  company.issueCrl({ revoked: [{ serialNumber: '01' }] }),
  company.issueCrl({ revoked: [{ serialNumber: '01' }, { serialNumber: '02' }], number: '2' }),
  company.issueCrl({ revoked: [{ serialNumber: '02' }], number: '2' }),
]).then((all) => all.map(({ crl }) => crl));
const ofIssuing = await issuing.issueCrl();

const pemOf = (label: string, der: Buffer): string =>
  `-----BEGIN ${label}-----\n${der.toString('base64').replace(/.{64}/g, '$&\n')}\n-----END ${label}-----\n`;

const conf = "ssl = on\nssl_ca_file = 'root.crt'\n";
const bare = serverState({ conf, ca: company.certificate });
const withCrl = (crl: string) => ({
  ...serverState({ conf: `${conf}ssl_crl_file = 'root.crl'\n`, ca: company.certificate }),
  crl: fileState('/nowhere/data/root.crl', crl),
});
const codes = ({ diagnostics }: Awaited<ReturnType<typeof planRevocation>>) => diagnostics.map(({ code }) => code);

test('a CRL that a CA on another machine issued replaces the former CRL of that CA', async () => {
  const plan = await planRevocation({ server: bare, crls: first! });
  assert.deepEqual(names(plan), ['root.crl', 'postgresql.conf']);
  assert.equal(plan.summary, 'Revokes a certificate');
  const next = await planRevocation({ server: withCrl(first!), crls: second! });
  assert.equal(written(next, 'root.crl'), second);
  assert.equal(next.summary, 'Revokes a certificate');
  assert.ok(!codes(next).includes('tls-no-longer-revoked'));
  assert.deepEqual((await planRevocation({ server: withCrl(second!), crls: second! })).writes, []);
  // If two CRLs of a CA are given, the newer one is installed.
  assert.deepEqual(serials(written(await planRevocation({ server: bare, crls: first! + second! }), 'root.crl')!), [
    '01',
    '02',
  ]);
});

test('a given CRL of another CA is installed once, in the place of the former one', async () => {
  const own = await CertificateAuthority.create({ subject: '/CN=Own' });
  const request = { authority: own, connection: 'postgresql://app@db.example.com/app', crls: first! };
  const plan = await planClientCertificates({ ...request, server: bare });
  const { server, client } = applied(bare, clientState(), plan);
  const installed = { ...server, crl: fileState('/nowhere/data/root.crl', written(plan, 'root.crl')!) };
  assert.ok(!names(await planClientCertificates({ ...request, server: installed, client })).includes('root.crl'));
  const next = await planClientCertificates({ ...request, crls: second!, server: installed, client });
  const [ofCompany, ofOwn] = [second!, written(plan, 'root.crl')!.slice(first!.length)];
  assert.equal(written(next, 'root.crl'), ofCompany + ofOwn);
});

test('the first CRL is refused if the server has a certificate below an intermediate CA without a CRL', async () => {
  const { chain, privateKey } = await issuing.issueServerCertificate({ hosts: ['db.example.com'] });
  const server = serverState({ conf, ca: company.certificate, certificate: chain, privateKey: privateKey.toPem() });
  const request = { authority: company, revoked: [{ serialNumber: '05' }] };
  const incomplete = { code: 'crl-incomplete', message: /CN=Company issuing/ };
  await assert.rejects(planRevocation({ ...request, server }), incomplete);
  const { crl } = ofIssuing;
  assert.deepEqual(names(await planRevocation({ ...request, server, crls: crl, issuers: issuing.certificate })), [
    'root.crl',
    'postgresql.conf',
  ]);
  // The CA issues for servers only, so no client has a certificate below it.
  const ofServers = await forge({
    ...{ subject: '/CN=Servers', issuer: '/CN=Company', key: issuing.privateKey, issuerKey: company.privateKey },
    extensions: [basicConstraints({ isCa: true }), extendedKeyUsage(['serverAuth'])],
  });
  const leaf = chain.slice(0, chain.indexOf('-----END CERTIFICATE-----\n') + 26);
  const forServers = { ...server, certificate: fileState('/nowhere/data/server.crt', leaf + ofServers) };
  assert.deepEqual(names(await planRevocation({ ...request, server: forServers })), ['root.crl', 'postgresql.conf']);
  // No client has a certificate below a CA that the server does not trust.
  const elsewhere = { ...server, ca: fileState('/nowhere/data/root.crt', impostor.certificate) };
  assert.ok((await planRevocation({ ...request, authority: impostor, server: elsewhere })).writes.length > 0);
});

test('the next CRL keeps the entries of all CRLs of its CA, and its number is the highest', async () => {
  const now = new Date();
  const provider = { now: () => now };
  const authority = await CertificateAuthority.load({
    ...{ certificate: company.certificate, privateKey: company.privateKey, provider },
  });
  const old = await authority.issueCrl();
  const newer = await authority.issueCrl({ previous: old.crl, revoked: [{ serialNumber: '0a' }] });
  const tenth = await authority.issueCrl({ number: '10', revoked: [{ serialNumber: '0b' }] });
  const request = { authority, revoked: [{ serialNumber: '0c' }] };
  const revokedAfter = async (present: string, crls?: string): Promise<string[]> => {
    const next = written(await planRevocation({ ...request, server: withCrl(present), crls }), 'root.crl')!;
    const numbers = (present + (crls ?? '')).split(/(?<=END X509 CRL-----\n)/).map((crl) => inspectCrl(crl).number);
    assert.equal(Number(inspectCrl(next).number), Math.max(...numbers.map(Number)) + 1);
    return serials(next).toSorted();
  };
  assert.deepEqual(await revokedAfter(old.crl, newer.crl), ['0a', '0c']);
  assert.deepEqual(await revokedAfter(old.crl + newer.crl), ['0a', '0c']);
  assert.deepEqual(await revokedAfter(newer.crl + old.crl), ['0a', '0c']);
  assert.deepEqual(await revokedAfter(newer.crl + tenth.crl), ['0a', '0b', '0c']);

  // A ledger that was made again begins with the number 1, and its CRL is newer than the present CRL.
  const later = await CertificateAuthority.load({
    ...{ certificate: company.certificate, privateKey: company.privateKey },
    provider: { now: () => new Date(now.getTime() + 60_000) },
  });
  const fresh = await later.issueCrl({ revoked: [{ serialNumber: '0d' }] });
  assert.deepEqual(await revokedAfter(tenth.crl, fresh.crl), ['0b', '0c', '0d']);
  const plan = await planRevocation({ authority, server: withCrl(tenth.crl), crls: fresh.crl });
  assert.equal(plan.summary, 'Revokes a certificate');
  const damaged = Buffer.from(fresh.crl.split('\n').slice(1, -2).join(''), 'base64');
  damaged[damaged.indexOf(Buffer.from([2, 1, 0x0d, 0x17])) + 2] = 5;
  await assert.rejects(revokedAfter(tenth.crl, pemOf('X509 CRL', damaged)), { code: 'issuer-mismatch' });
});

test('planClientCertificates names revocations that a given CRL drops, and a CRL that is missing', async () => {
  const request = { authority: company, connection: 'postgresql://webadmin@db.example.com/app' };
  const dropped = await planClientCertificates({ ...request, server: withCrl(first!), crls: other! });
  assert.ok(codes(dropped).includes('tls-no-longer-revoked'));
  const server = { ...withCrl(first!), crl: { path: '/nowhere/data/root.crl' } };
  assert.ok(codes(await planClientCertificates({ ...request, server, crls: true })).includes('tls-crl-behind'));
});

test('a diagnostic names the serial numbers that the new CRL no longer revokes', async () => {
  const plan = await planRevocation({ server: withCrl(first!), crls: other! });
  const dropped = plan.diagnostics.find(({ code }) => code === 'tls-no-longer-revoked');
  assert.match(dropped!.message, /no longer revokes the serial numbers 01\./);
});

test('the CRL of an intermediate CA needs the certificate of that CA', async () => {
  const request = { server: bare, crls: first! + ofIssuing.crl };
  await assert.rejects(planRevocation(request), { code: 'crl-unfit', message: /CN=Company issuing: .* no CA/ });
  const plan = await planRevocation({ ...request, issuers: issuing.certificate });
  assert.equal(written(plan, 'root.crl'), first! + ofIssuing.crl);
  const { certificate } = await impostor.issueIntermediateAuthority({ subject: '/CN=Company issuing' });
  await assert.rejects(planRevocation({ ...request, issuers: certificate }), { code: 'crl-unfit' });
  // This test changes the serial number in a signed certificate, so the signature of the company does not fit any more.
  const der = Buffer.from(issuing.certificate.split('\n').slice(1, -2).join(''), 'base64');
  const serial = Buffer.from(inspectCertificate(issuing.certificate).serialNumber, 'hex');
  der[der.indexOf(serial) + serial.length - 1]! ^= 1;
  await assert.rejects(planRevocation({ ...request, issuers: pemOf('CERTIFICATE', der) }), { code: 'crl-unfit' });
  await assert.rejects(planRevocation({ ...request, crls: ofIssuing.crl, issuers: issuing.certificate }), {
    code: 'crl-incomplete',
  });
});

test('a CRL that the server would not use, or an older CRL, is rejected', async () => {
  const forged = (await impostor.issueCrl({ number: '9' })).crl;
  const der = Buffer.from(first!.split('\n').slice(1, -2).join(''), 'base64');
  // This changes the serial number of an entry in the CRL. The serial number is found by the date that follows it.
  der[der.indexOf(Buffer.from([2, 1, 1, 0x17])) + 2] = 5;
  const damaged = pemOf('X509 CRL', der);
  const refused: readonly (readonly [
    request: Pick<RevocationRequest, 'crls' | 'now'>,
    code: string,
    message: RegExp,
  ])[] = [
    [{ crls: forged }, 'crl-unfit', /no CA that the server trusts has its name and key/],
    [{ crls: damaged }, 'crl-unfit', /was not signed by the key of the CA/],
    [{ crls: second!, now: inDays(60) }, 'crl-unfit', /expired/],
    [{ crls: second!, now: inDays(-60) }, 'crl-unfit', /valid only from/],
    [{ crls: 'no PEM' }, 'crl-invalid', /no CRL/],
    [{ crls: '' }, 'argument-invalid', /crls/],
  ];
  for (const [request, code, message] of refused) {
    await assert.rejects(planRevocation({ server: withCrl(first!), ...request }), { code, message });
  }
  for (const older of [first!, other!]) {
    await assert.rejects(planRevocation({ server: withCrl(second!), crls: older }), {
      code: 'crl-unfit',
      message: /\(number \d of .*\) is not newer than the CRL .* \(number 2 of /,
    });
  }
});

test('a CRL with a later date but without a higher number is rejected with advice about the number', async () => {
  const later = await CertificateAuthority.load({
    certificate: company.certificate,
    privateKey: company.privateKey,
    provider: { now: () => inDays(0.01) },
  });
  await assert.rejects(planRevocation({ server: withCrl(second!), crls: (await later.issueCrl()).crl }), {
    code: 'crl-unfit',
    hint: /issue the CRL again with a higher number/,
  });
});

test('the next CRL is newer than a CRL from another program that is valid from now on', async () => {
  const notBefore = new Date(Date.now() - 60_000);
  const { crl: present } = await company.issueCrl({ number: '3', validity: { notBefore } });
  const { crl } = await company.issueCrl({ previous: present, revoked: [{ serialNumber: '0a' }] });
  assert.deepEqual(names(await planRevocation({ server: withCrl(present), crls: crl })), ['root.crl']);
  // The CRL with the highest number began earlier than another CRL.
  const { crl: ninth } = await company.issueCrl({ number: '9' });
  const plan = await planRevocation({ server: withCrl(ninth + present), authority: company });
  const next = inspectCrl(written(plan, 'root.crl')!);
  assert.equal(next.number, '10');
  assert.ok(next.thisUpdate > inspectCrl(present).thisUpdate);
});

test('a revocation needs a CA, or CRLs that CAs have issued', async () => {
  const wrong: readonly object[] = [
    {},
    { crls: first, revoked: [{ serialNumber: '01' }] },
    { crls: first, validity: { days: 3 } },
    { crls: first, issuers: [] },
  ];
  for (const more of wrong) {
    await assert.rejects(planRevocation({ server: bare, ...more } as RevocationRequest), { code: 'argument-invalid' });
  }
});

test('a user removal installs given CRLs, and no plan revokes the certificate of a login in keep', async () => {
  const { certificate } = await company.issueClientCertificate({ user: 'alice' });
  const { crl } = await company.issueCrl({ revoked: [{ certificate }] });
  const plan = await planUserRemoval({ server: bare, user: 'bob', revocation: { crls: crl } });
  assert.equal(written(plan, 'root.crl'), crl);
  assert.match(written(plan, 'postgresql.conf')!, /^ssl_crl_file = 'root\.crl'$/m);
  const hba = 'hostssl all all all cert\n';
  const server = serverState({ conf: `${conf}listen_addresses = '*'\n`, hba, ca: company.certificate });
  const address = '10.1.2.3';
  const keep = { transport: 'ssl', address, user: 'alice', method: 'cert', certificate } as const;
  await assert.rejects(planRevocation({ server, crls: crl, keep }), { code: 'way-in-lost', message: /revoked/ });
  await planRevocation({ server, crls: first!, keep });
});

test('a delta CRL is rejected, which older versions of OpenSSL would use as a complete CRL', async () => {
  const delta = await forgeList({
    issuer: 'CN=Company',
    issuerKey: company.privateKey,
    thisUpdate: new Date(),
    nextUpdate: inDays(20),
    revoked: [{ serialNumber: Uint8Array.of(2) }],
    extensions: [extension('2.5.29.27', derInteger(1), { critical: true })],
  });
  await assert.rejects(planRevocation({ server: bare, crls: delta }), { code: 'crl-unfit', message: /delta CRL/ });
});

test('a CRL with an earlier date than the present CRL is rejected, even if its number is higher', async () => {
  const old = await CertificateAuthority.create({ subject: '/CN=Old', provider: { now: () => inDays(-9) } });
  const { certificate } = old;
  const privateKey = old.privateKey.toPem();
  const earlier = await CertificateAuthority.load({ certificate, privateKey, provider: { now: () => inDays(-2) } });
  const present = await (await CertificateAuthority.load({ certificate, privateKey })).issueCrl();
  const { crl } = await earlier.issueCrl({ number: '7' });
  const server = { ...withCrl(present.crl), ca: fileState('/nowhere/data/root.crt', certificate) };
  await assert.rejects(planRevocation({ server, crls: crl }), {
    code: 'crl-unfit',
    message: /\(number 7 of .*\) is not newer than/,
    hint: /issue the CRL again with a later date/,
  });
});

test('a present CRL that begins in the future is replaced by a plan with the CA, and by no given CRL', async () => {
  const { crl: present } = await company.issueCrl({ validity: { notBefore: inDays(3), days: 30 } });
  const { crl } = await company.issueCrl({ previous: present });
  const server = withCrl(present);
  await assert.rejects(planRevocation({ server, crls: crl }), {
    code: 'crl-unfit',
    hint: /begins in the future\. Replace it by planRevocation with that CA as `authority`/,
  });
  const plan = await planRevocation({ server, authority: company });
  assert.ok(inspectCrl(written(plan, 'root.crl')!).thisUpdate <= new Date());
});

test('a client certificate whose CA may not sign CRLs is rejected without advice about a CRL', async () => {
  const key = await PrivateKey.generate();
  const extensions = [basicConstraints({ isCa: true }), keyUsage(['keyCertSign'])];
  const roots = await forge({ subject: 'CN=Odd', issuer: 'CN=Odd', key, issuerKey: key, extensions });
  const odd = await CertificateAuthority.load({ certificate: roots, privateKey: key.toPem() });
  const { certificate, privateKey } = await odd.issueClientCertificate({ user: 'app' });
  const clientCertificate = { roots, certificate, privateKey: privateKey.toPem() };
  const server = { ...withCrl(first!), ca: fileState('/nowhere/data/root.crt', company.certificate + roots) };
  const connection = 'postgresql://app@db.example.com/app';
  await assert.rejects(planClientCertificates({ server, authority: company, connection, clientCertificate }), {
    code: 'certificate-unfit',
    message: /cRLSign/,
    hint: /^Nothing was planned\. Give another certificate/,
  });
});

test('a root file is never left without a certificate', () => {
  const { certificate } = company;
  const both = fileState('/root.crt', certificate + impostor.certificate);
  assert.equal(new TextDecoder().decode(without(both, { certificate })), impostor.certificate);
  assert.throws(() => without(fileState('/root.crt', certificate), { certificate }), { code: 'root-missing' });
});

test('a root has issued a certificate only if the path to the root and each signature can be verified', async () => {
  const key = await PrivateKey.generate();
  const isIssued = async (issuerKey: PrivateKey, content: Uint8Array<ArrayBuffer>): Promise<boolean> => {
    const usage = extension(extensionOid.extendedKeyUsage, content);
    const names = { subject: 'CN=db', issuer: 'CN=Company' };
    const certificate = await forge({ ...names, key, issuerKey, extensions: [usage] });
    const file = fileState('/nowhere/data/server.crt', certificate);
    return (await pathTo(company, 'server', file, { others: [], now: new Date() })) !== undefined;
  };
  const serverAuth = derSequence(derOid('1.3.6.1.5.5.7.3.1'));
  assert.equal(await isIssued(company.privateKey, serverAuth), true);
  assert.equal(await isIssued(key, serverAuth), false);
  // OpenSSL loads a certificate with a malformed extension. `verifyChain` then verifies no signature.
  assert.equal(await isIssued(company.privateKey, derInteger(1)), false);
  assert.equal(await isIssued(key, derInteger(1)), false);
});

test('a ledger restores the revocations that the CRL of the server has lost, and a warning names the loss', async () => {
  const ledger = new Ledger(memoryLedgerStore());
  const [alice, bob, carol] = await Promise.all([
    company.issueClientCertificate({ user: 'alice' }),
    company.issueClientCertificate({ user: 'bob' }),
    company.issueClientCertificate({ user: 'carol', validity: { notAfter: inDays(1) } }),
  ]);
  const stranger = await impostor.issueClientCertificate({ user: 'alice' });
  await ledger.record(...[alice, bob, carol, stranger].map(({ certificate }) => certificate));
  for (const user of ['alice', 'carol']) await ledger.revoke({ user }, { reason: 'keyCompromise' });
  const planFor = (server: RevocationRequest['server']) =>
    planRevocation({ server, authority: company, user: { name: 'bob', ledger }, now: inDays(2) });

  for (const server of [withCrl((await company.issueCrl()).crl), bare]) {
    const plan = await planFor(server);
    assert.equal(plan.summary, 'Revokes a certificate');
    assert.deepEqual(serials(written(plan, 'root.crl')!), [bob.serialNumber, alice.serialNumber]);
    assert.equal(inspectCrl(written(plan, 'root.crl')!).revoked[1]!.reason, 'keyCompromise');
    const [behind] = plan.diagnostics.filter(({ code }) => code === 'tls-crl-behind');
    // A server that never had a CRL of the CA lost none.
    if (server === bare) assert.equal(behind, undefined);
    else assert.match(behind!.message, /No CRL of the server revoked a certificate of/);
  }
  const complete = withCrl((await company.issueCrl({ revoked: [{ certificate: alice.certificate }] })).crl);
  assert.ok(!codes(await planFor(complete)).includes('tls-crl-behind'));

  const missing = { ...complete, crl: { path: '/nowhere/data/root.crl' } };
  const revoked = [{ certificate: bob.certificate }];
  assert.ok(codes(await planRevocation({ server: missing, authority: company, revoked })).includes('tls-crl-behind'));
  assert.ok(!codes(await planRevocation({ server: bare, authority: company, revoked })).includes('tls-crl-behind'));
});

test('a warning names the loss of the CRL of one CA, also if the server has the CRL of another CA', async () => {
  const revoked = [{ serialNumber: '01' }];
  const codesOf = async (crl: string) =>
    codes(await planRevocation({ server: withCrl(crl), authority: issuing, revoked }));
  assert.ok((await codesOf(first!)).includes('tls-crl-behind'));
  assert.ok(!(await codesOf(first! + ofIssuing.crl)).includes('tls-crl-behind'));
});

test('a warning says that a plan revokes no certificate of a user, because all recorded ones have expired', async () => {
  const ledger = new Ledger(memoryLedgerStore());
  const { certificate } = await company.issueClientCertificate({ user: 'alice', validity: { notAfter: inDays(1) } });
  await ledger.record(certificate);
  const request = { server: bare, authority: company, user: { name: 'alice', ledger } };
  assert.ok(!codes(await planRevocation(request)).includes('tls-user-not-revoked'));
  const revocation = { authority: company, user: request.user };
  for (const plan of [
    await planRevocation({ ...request, now: inDays(2) }),
    await planUserRemoval({ server: bare, user: 'alice', revocation, now: inDays(2) }),
  ]) {
    assert.ok(codes(plan).includes('tls-user-not-revoked'));
  }
});
