import assert from 'node:assert/strict';
import { test } from 'node:test';
import { der, derInteger, derSequence } from '../../src/asn1/der.ts';
import { extension } from '../../src/pki/certificate/extensions.ts';
import { CertificateAuthority, inspectCertificate, inspectCrl, type PrivateKey } from '../../src/pki/index.ts';
import {
  fileState,
  planCaRollover,
  planClientCertificates,
  planMigration,
  planRenewal,
  planServerCertificate,
  type ServerState,
} from '../../src/tls/index.ts';
import { forgeList } from '../pki/forge.ts';
import { clientState, names, serverState, written } from './state.ts';

// A CA must not issue a certificate again only because the owner of the data directory has put it there.
const day = 86_400_000;
const inDays = (days: number): Date => new Date(Date.now() + days * day);
const authority = await CertificateAuthority.create({
  subject: '/CN=Fleet CA',
  validity: { notBefore: inDays(-2000), notAfter: inDays(2000) },
});
const conf = "ssl = on\nssl_ca_file = 'root.crt'\nssl_crl_file = 'root.crl'\nlisten_addresses = '*'\n";
const own = await authority.issueServerCertificate({ hosts: ['payroll.example.com'] });

type Pair = { readonly chain: string; readonly privateKey: PrivateKey };

function serverWith({ chain, privateKey }: Pair, crl: string): ServerState {
  const files = { certificate: chain, privateKey: privateKey.toPem(), ca: authority.certificate };
  return { ...serverState({ conf, ...files }), crl: fileState('/nowhere/data/root.crl', crl) };
}

/** The server certificate that a plan writes. */
function next(plan: Parameters<typeof names>[0]): ReturnType<typeof inspectCertificate> {
  const name = names(plan).find((each) => /^server.*\.crt$/.test(each));
  assert.ok(name !== undefined, plan.summary);
  return inspectCertificate(written(plan, name)!);
}

const severities = ({ diagnostics }: Parameters<typeof names>[0], wanted: string): string[] =>
  diagnostics.filter(({ code }) => code === wanted).map(({ severity }) => severity);

test('a revoked certificate of the server is replaced with a new key and without its hosts, and a warning says so', async () => {
  const { crl } = await authority.issueCrl({ revoked: [{ certificate: own.certificate, reason: 'keyCompromise' }] });
  const server = serverWith(own, crl);
  const connection = 'postgresql://app@new.example.com/app';
  const key = inspectCertificate(own.certificate).subjectKeyIdentifier;
  const same = 'postgresql://app@payroll.example.com/app';
  for (const [plan, hosts] of [
    [await planClientCertificates({ server, authority, connection }), ['new.example.com']],
    [await planClientCertificates({ server, authority, connection: same }), ['payroll.example.com']],
    [await planMigration({ server, authority, step: 'offer', connection }), ['new.example.com']],
    [await planServerCertificate({ server, authority, hosts: ['payroll.example.com'] }), ['payroll.example.com']],
  ] as const) {
    const { dnsNames, subjectKeyIdentifier } = next(plan);
    assert.deepEqual(dnsNames, hosts);
    assert.notEqual(subjectKeyIdentifier, key);
    assert.deepEqual(severities(plan, 'tls-certificate-revoked'), ['warning']);
  }
  const wanted = await planServerCertificate({ server, authority, hosts: ['a'], newKey: true });
  assert.deepEqual(severities(wanted, 'tls-certificate-revoked'), ['info']);
  const renewed = names(await planRenewal({ server, authority, now: inDays(300) }));
  assert.deepEqual(
    renewed.filter((name) => /^server.*\.(crt|key)$/.test(name)),
    [],
  );
});

test('a given CRL that revokes a certificate makes the plan replace the certificate, as a CRL in place does', async () => {
  const connection = 'postgresql://app@new.example.com/app';
  const user = await authority.issueClientCertificate({ user: 'app' });
  const client = clientState({ certificate: user.chain, privateKey: user.privateKey.toPem() });
  const server = serverWith(own, (await authority.issueCrl()).crl);
  const revoked = [{ certificate: own.certificate }, { certificate: user.certificate }];
  const { crl: crls } = await authority.issueCrl({ revoked, number: '2' });
  const kept = await planClientCertificates({ server, client, authority, connection });
  assert.deepEqual(severities(kept, 'tls-certificate-revoked'), []);
  assert.deepEqual(next(kept).dnsNames, ['new.example.com', 'payroll.example.com']);
  const plan = await planClientCertificates({ server, client, authority, connection, crls });
  assert.deepEqual(severities(plan, 'tls-certificate-revoked'), ['warning', 'warning']);
  assert.deepEqual(next(plan).dnsNames, ['new.example.com']);
  assert.ok(names(plan).includes('postgresql.key'));
});

test('no plan issues a certificate with a CA that a CRL revokes, or with a CA below it', async () => {
  const inner = await authority.issueIntermediateAuthority({ subject: '/CN=Inner', pathLength: 1 });
  const lowest = await inner.issueIntermediateAuthority({ subject: '/CN=Lowest' });
  const empty = [await authority.issueCrl(), await inner.issueCrl(), await lowest.issueCrl()].map(({ crl }) => crl);
  const { crl } = await authority.issueCrl({ revoked: [{ certificate: inner.certificate }], number: '2' });
  const hosts = ['payroll.example.com'];
  const connection = 'postgresql://app@payroll.example.com/app';
  const roots = authority.certificate;
  for (const issuer of [inner, lowest]) {
    const pair = await issuer.issueServerCertificate({ hosts });
    const [revoking, before] = [serverWith(pair, crl), serverWith(pair, empty.join(''))];
    const later = inDays(300);
    const plans = [
      (server: ServerState) => planClientCertificates({ server, authority: issuer, roots, connection }),
      (server: ServerState) => planMigration({ server, authority: issuer, roots, connection, step: 'offer' }),
      (server: ServerState) => planServerCertificate({ server, authority: issuer, hosts }),
      (server: ServerState) => planRenewal({ server, authority: issuer, now: later }),
    ];
    const refused = { code: 'authority-unfit', file: '/nowhere/data/root.crl', message: /"CN=Inner"/ };
    for (const plan of plans) {
      await plan(before);
      await assert.rejects(plan(revoking), refused);
    }
    const given = { authority: issuer, roots, connection, crls: crl };
    await assert.rejects(planClientCertificates({ ...given, server: before }), refused);
    // The step back issues no certificate.
    await planMigration({ server: revoking, authority: issuer, roots, connection, step: 'back' });
  }
});

test('a plan accepts a CA whose expired and revoked predecessor is in the root file', async () => {
  const validity = { notAfter: inDays(10) };
  const old = await authority.issueIntermediateAuthority({ subject: '/CN=Inner', validity });
  const inner = await authority.issueIntermediateAuthority({ subject: '/CN=Inner', key: old.privateKey });
  const { crl } = await authority.issueCrl({ revoked: [{ certificate: old.certificate, reason: 'superseded' }] });
  const hosts = ['payroll.example.com'];
  const server = serverWith(await inner.issueServerCertificate({ hosts }), crl + (await inner.issueCrl()).crl);
  for (const certificates of [[old, inner, authority], [inner, old, authority], [authority]]) {
    const ca = fileState(server.ca.path, certificates.map(({ certificate }) => certificate).join(''));
    const request = { server: { ...server, ca }, authority: inner, now: inDays(20) };
    await planServerCertificate({ ...request, hosts });
    await planRenewal(request);
  }
});

test('a CRL that OpenSSL ignores hides no revocation', async () => {
  const revoked = [{ certificate: own.certificate }];
  const { crl } = await authority.issueCrl({ revoked, validity: { notBefore: inDays(-1), notAfter: inDays(20) } });
  const newer = {
    issuer: 'CN=Fleet CA',
    issuerKey: authority.privateKey,
    thisUpdate: new Date(),
    nextUpdate: inDays(20),
  };
  const onlyAuthorities = derSequence(der(0x82, Uint8Array.of(255)));
  for (const [id, value] of [
    ['2.5.29.27', derInteger(1)],
    ['2.5.29.28', onlyAuthorities],
  ] as const) {
    const ignored = await forgeList({ ...newer, revoked: [], extensions: [extension(id, value, { critical: true })] });
    const plan = await planServerCertificate({
      server: serverWith(own, crl + ignored),
      authority,
      hosts: ['payroll.example.com'],
    });
    assert.deepEqual(severities(plan, 'tls-certificate-revoked'), ['warning']);
  }
});

test('a certificate that an older CRL of the CA revokes is not renewed, because the next CRL keeps the entry', async () => {
  const validity = { notBefore: inDays(-1), notAfter: inDays(200) };
  const { crl } = await authority.issueCrl({ revoked: [{ certificate: own.certificate }], validity });
  const { crl: newer } = await authority.issueCrl({ number: '2', validity: { notAfter: inDays(400) } });
  const plan = await planRenewal({ server: serverWith(own, crl + newer), authority, now: inDays(300) });
  assert.deepEqual(names(plan), ['root.crl']);
  assert.deepEqual(
    inspectCrl(written(plan, 'root.crl')!).revoked.map(({ serialNumber }) => serialNumber),
    [own.serialNumber],
  );
  assert.deepEqual(severities(plan, 'tls-certificate-revoked'), ['warning']);
});

test('a plan keeps no host that the CA may no longer name, and names the host', async () => {
  const validity = { notAfter: inDays(2000) };
  const wide = await CertificateAuthority.create({ subject: '/CN=Team', validity });
  const hosts = ['db.example.com', 'db.example.org', '10.0.0.1', '192.0.2.1'];
  const { chain, privateKey } = await wide.issueServerCertificate({ hosts });
  const nameConstraints = { permitted: { dns: ['example.com'], ip: ['10.0.0.0/8'] } };
  const limited = await CertificateAuthority.create({
    subject: '/CN=Team',
    key: wide.privateKey,
    validity,
    nameConstraints,
  });
  const files = { certificate: chain, privateKey: privateKey.toPem(), ca: limited.certificate };
  const server = serverState({ conf: "ssl = on\nssl_ca_file = 'root.crt'\nlisten_addresses = '*'\n", ...files });
  const connection = 'postgresql://app@db.example.com/app';
  const plan = await planClientCertificates({ server, authority: limited, connection, now: inDays(300) });
  assert.deepEqual(next(plan).dnsNames, ['db.example.com']);
  assert.deepEqual(next(plan).ipAddresses, ['10.0.0.1']);
  const [ending] = plan.diagnostics.filter(({ code }) => code === 'tls-hosts-end');
  assert.match(ending!.message, /no longer names db\.example\.org, .*192\.0\.2\.1/);
  // A renewal and a rollover keep all names, so they are refused, and the error names the file and a way out.
  const notPermitted = { code: 'name-not-permitted', file: '/nowhere/data/server.crt', hint: /another CA|CA without/ };
  await assert.rejects(planRenewal({ server, authority: limited, now: inDays(300) }), notPermitted);
  const other = await CertificateAuthority.create({ subject: '/CN=Other', nameConstraints });
  const trusting = fileState('/nowhere/data/root.crt', wide.certificate + other.certificate);
  const rollover = planCaRollover({ server: { ...server, ca: trusting }, current: wide, next: other });
  await assert.rejects(rollover, notPermitted);
});

test('a certificate is renewed only for its own purpose', async () => {
  const admin = await authority.issueClientCertificate({ user: 'admin' });
  const { crl } = await authority.issueCrl({ validity: { notAfter: inDays(1500) } });
  const server = serverWith(admin, crl);
  const other = await CertificateAuthority.create({ subject: '/CN=Second' });
  const refused = { code: 'certificate-foreign', message: /not for a server/ };
  await assert.rejects(planRenewal({ server, authority, now: inDays(300) }), refused);
  await assert.rejects(planRenewal({ server, now: inDays(300) }), refused);
  const both = { ...server, ca: fileState('/nowhere/data/root.crt', authority.certificate + other.certificate) };
  const crls = { ...both, crl: fileState('/nowhere/data/root.crl', crl + (await other.issueCrl()).crl) };
  const rollover = await planCaRollover({ server: crls, current: authority, next: other });
  assert.deepEqual(names(rollover), []);
  assert.deepEqual(severities(rollover, 'tls-certificate-foreign'), ['info']);

  const client = clientState({ certificate: own.chain, privateKey: own.privateKey.toPem() });
  const request = { server: serverState(), client, authority, now: inDays(300) };
  await assert.rejects(planRenewal(request), { code: 'certificate-foreign', message: /not for a client/ });
});

test('the hosts of a certificate for clients, or of an expired certificate, are not kept', async () => {
  const { crl } = await authority.issueCrl({ validity: { notAfter: inDays(1500) } });
  const admin = await authority.issueClientCertificate({ user: 'payroll.example.com' });
  const server = serverWith(own, crl);
  const request = { authority, connection: 'postgresql://app@new.example.com/app' };
  const [now, wanted] = [inDays(400), ['new.example.com']];
  assert.deepEqual(next(await planClientCertificates({ ...request, server })).dnsNames, [
    ...wanted,
    'payroll.example.com',
  ]);
  const plan = await planClientCertificates({ ...request, server, now });
  assert.deepEqual(next(plan).dnsNames, wanted);
  assert.deepEqual(severities(plan, 'tls-hosts-end'), ['warning']);
  const ofClient = await planClientCertificates({ ...request, server: serverWith(admin, crl) });
  assert.deepEqual(next(ofClient).dnsNames, wanted);
  const renewed = await planRenewal({ authority, server, now });
  assert.deepEqual(severities(renewed, 'tls-certificate-expired'), ['warning']);
  const inTime = await planRenewal({ authority, server, now: inDays(300) });
  assert.deepEqual(severities(inTime, 'tls-certificate-expired'), []);
});
