import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asciiBytes, type Bytes } from '../../src/asn1/bytes.ts';
import { der, derNull, derOid, derSequence } from '../../src/asn1/der.ts';
import type { chainProblemTable } from '../../src/codes.ts';
import { basicConstraints, extension, extensionOid } from '../../src/pki/certificate/extensions.ts';
import { extendedKeyUsage, keyUsage } from '../../src/pki/certificate/key-usage.ts';
import { CertificateAuthority, checkRevocation, inspectCrl, PrivateKey, verifyChain } from '../../src/pki/index.ts';
import { fileState, planCaRollover, planClientCertificates, planRenewal, type TlsPlan } from '../../src/tls/index.ts';
import { forge } from '../pki/forge.ts';
import { applied, clientState, names, serverState } from './state.ts';

const authority = await CertificateAuthority.create({ subject: '/CN=First', pathLength: 3 });
const next = await CertificateAuthority.create({ subject: '/CN=Second' });
const key = await PrivateKey.generate();
const conf = "ssl = on\nssl_ca_file = 'root.crt'\n";
const forServers = extendedKeyUsage(['serverAuth']);
const [past, future] = [-200, 200].map((days) => new Date(Date.now() + days * 24 * 60 * 60 * 1000)) as [Date, Date];

/** A certificate with these extensions, and the chain and key of its issuer. */
interface Above {
  readonly subject: string;
  readonly chain: string;
  readonly privateKey: PrivateKey;
}

async function below(
  { subject: issuer, chain, privateKey: issuerKey }: Above,
  subject: string,
  extensions: readonly Bytes[],
  dates: { readonly notBefore?: Date; readonly notAfter?: Date } = {},
): Promise<Above> {
  const certificate = await forge({ subject, issuer, key, issuerKey, extensions, ...dates });
  return { subject, chain: certificate + chain, privateKey: key };
}

const root: Above = { subject: 'CN=First', chain: '', privateKey: authority.privateKey };
const ca = (pathLength?: number) => [basicConstraints({ isCa: true, ...(pathLength !== undefined && { pathLength }) })];

async function leaf(above: Above, more: readonly Bytes[] = [], dates = {}): Promise<string> {
  return (await below(above, 'CN=db.example.com', [forServers, ...more], dates)).chain;
}

/** Chains for the key above, and whether the current CA answers for them, by the code of their problem. */
const chains: Readonly<Partial<Record<keyof typeof chainProblemTable | 'none', () => Promise<string>>>> = {
  none: () => leaf(root),
  expired: () => leaf(root, [], { notBefore: past, notAfter: new Date(Date.now() - 1000) }),
  'not-yet-valid': () => leaf(root, [], { notBefore: future, notAfter: future }),
  'not-an-authority': async () => leaf(await below(root, 'CN=leaf', [])),
  'lacks-cert-sign': async () => leaf(await below(root, 'CN=mid', [...ca(), keyUsage(['digitalSignature'])])),
  'path-too-long': async () => leaf(await below(await below(root, 'CN=mid', ca(0)), 'CN=low', ca())),
  'name-not-permitted': async () => {
    const nameConstraints = { permitted: { dns: ['a.example.com'] } };
    const team = await authority.issueIntermediateAuthority({ subject: '/CN=team', nameConstraints });
    const name = der(0x82, asciiBytes('payroll.example.com'));
    const above = { subject: 'CN=team', chain: team.certificate, privateKey: team.privateKey };
    return leaf(above, [extension(extensionOid.subjectAltName, derSequence(name))]);
  },
  'proxy-certificate': () =>
    leaf(root, [extension(extensionOid.proxyCertInfo, derSequence(derSequence(derOid('1.3.6.1.5.5.7.21.1'))))]),
  'unknown-critical-extension': () => leaf(root, [extension('1.2.3.4', derNull, { critical: true })]),
  'wrong-purpose': async () => leaf(await below(root, 'CN=mid', [...ca(), extendedKeyUsage(['clientAuth'])])),
  'extension-invalid': () => leaf(root, [extension(extensionOid.keyUsage, derNull)]),
  'issuer-missing': async () => leaf({ ...root, subject: 'CN=Nobody' }),
  'signature-invalid': async () => leaf({ ...root, privateKey: key }),
};

test('the next CA issues only certificates for which the current CA answers', async () => {
  const roots = authority.certificate;
  for (const [code, chain] of Object.entries(chains)) {
    const certificate = await chain();
    const { problems } = await verifyChain({ chain: certificate, roots, purpose: 'serverAuth' });
    if (code === 'none') assert.deepEqual(problems, []);
    // A certificate that names another issuer key than that of the root has no issuer.
    else if (code !== 'signature-invalid')
      assert.ok(
        problems.some((problem) => problem.code === code),
        code,
      );
    const server = serverState({ conf, ca: roots + next.certificate, certificate, privateKey: key.toPem() });
    const plan = await planCaRollover({ server, current: authority, next });
    const isIssued = ['none', 'expired', 'not-yet-valid'].includes(code);
    assert.deepEqual([names(plan), plan.requests], [isIssued ? ['server.crt'] : [], undefined], code);
    const codes = plan.diagnostics.map((diagnostic) => diagnostic.code);
    const ofExpired = code === 'expired' ? ['tls-certificate-expired'] : [];
    const kind = isIssued ? 'tls-clients-need-root' : 'tls-certificate-foreign';
    assert.deepEqual(codes, [...ofExpired, kind], code);
    const elsewhere = await planCaRollover({ server, current: authority, next: next.certificate });
    assert.equal(elsewhere.requests?.length, isIssued ? 1 : undefined, code);
    const ofRequest = elsewhere.diagnostics.map((diagnostic) => diagnostic.code);
    assert.deepEqual(ofRequest, isIssued ? ofExpired : ['tls-certificate-foreign'], code);
  }
});

test('a next CA whose certificates everybody refuses issues none', async () => {
  const odd = await PrivateKey.generate();
  const unknown = extension('1.2.3.4', derNull, { critical: true });
  const certificate = await forge({
    ...{ subject: 'CN=Odd', issuer: 'CN=Odd', key: odd, issuerKey: odd },
    extensions: [...ca(), unknown],
  });
  const own = await authority.issueServerCertificate({ hosts: ['db'], key });
  const files = { certificate: own.chain, privateKey: key.toPem(), ca: authority.certificate + certificate };
  const loaded = await CertificateAuthority.load({ certificate, privateKey: odd.toPem() });
  const rollover = planCaRollover({ server: serverState({ conf, ...files }), current: authority, next: loaded });
  await assert.rejects(rollover, { code: 'authority-unfit', message: /critical extension 1\.2\.3\.4/ });
});

test('a rollover does not issue a CA certificate again, for example the certificate of the current root', async () => {
  const certificate = await forge({ subject: 'CN=own', issuer: 'CN=own', key, issuerKey: key, extensions: ca() });
  const server = serverState({ conf, ca: certificate + next.certificate, certificate, privateKey: key.toPem() });
  const refused = { code: 'not-a-leaf', file: server.certificate.path };
  await assert.rejects(planCaRollover({ server, current: certificate, next }), refused);
});

test('a rollover names the revocations that a given CRL drops', async () => {
  const crls = `${(await authority.issueCrl({ number: '2' })).crl}${(await next.issueCrl()).crl}`;
  const { crl } = await authority.issueCrl({ revoked: [{ serialNumber: '0a' }] });
  const server = {
    ...serverState({ conf: `${conf}ssl_crl_file = 'root.crl'\n`, ca: authority.certificate }),
    crl: fileState('/nowhere/data/root.crl', crl),
  };
  const plan = await planCaRollover({ server, current: authority, next: next.certificate, crls });
  const [dropped] = plan.diagnostics.filter(({ code }) => code === 'tls-no-longer-revoked');
  assert.match(dropped?.message ?? '', /no longer revokes the serial numbers 0a\./);
});

test('a rollover names the loss of the CRL of the next CA only if the server trusted the next CA before', async () => {
  const crl = fileState('/nowhere/data/root.crl', (await authority.issueCrl()).crl);
  for (const [roots, expected] of [
    [authority.certificate, []],
    [authority.certificate + next.certificate, ['tls-crl-behind']],
  ] as const) {
    const server = { ...serverState({ conf: `${conf}ssl_crl_file = 'root.crl'\n`, ca: roots }), crl };
    const plan = await planCaRollover({ server, current: authority, next });
    assert.ok(names(plan).includes('root.crl'));
    const codes = plan.diagnostics.map(({ code }) => code).filter((code) => code === 'tls-crl-behind');
    assert.deepEqual(codes, expected);
  }
});

test('the next CA issues no certificate below a revoked CA', async () => {
  const sub = await authority.issueIntermediateAuthority({ subject: '/CN=Stolen' });
  const { chain, privateKey } = await sub.issueServerCertificate({ hosts: ['other.example.com'] });
  const revoked = [{ certificate: sub.certificate }];
  const { crl } = await authority.issueCrl({ revoked });
  const crls = `${crl}${(await sub.issueCrl()).crl}${(await next.issueCrl()).crl}`;
  const ca = authority.certificate + next.certificate;
  const files = { ca, certificate: chain, privateKey: privateKey.toPem() };
  const server = {
    ...serverState({ conf: `${conf}ssl_crl_file = 'root.crl'\n`, ...files }),
    crl: fileState('/nowhere/data/root.crl', crls),
  };
  for (const nextCa of [next, next.certificate]) {
    const plan = await planCaRollover({ server, current: authority, next: nextCa });
    assert.deepEqual([names(plan), plan.requests], [[], undefined]);
    assert.deepEqual(
      plan.diagnostics.map(({ code, message }) => `${code}: ${message}`),
      [
        'tls-certificate-revoked: The CA certificate "CN=Stolen" above the certificate is revoked, so the next CA does not issue the certificate again',
      ],
    );
  }
  const before = await planCaRollover({ server: serverState({ conf, ...files }), current: authority, next });
  assert.deepEqual(names(before), ['server.crt']);
});

test('a warning names each expired CA above a certificate that the next CA issues again', async () => {
  const dates = { notBefore: past, notAfter: new Date(Date.now() - 1000) };
  const certificate = await leaf(await below(root, 'CN=mid', ca(), dates));
  const files = { ca: authority.certificate + next.certificate, certificate, privateKey: key.toPem() };
  const state = serverState({ conf, ...files });
  for (const nextCa of [next, next.certificate]) {
    const plan = await planCaRollover({ server: state, current: authority, next: nextCa });
    const [warning] = plan.diagnostics;
    assert.equal(warning?.code, 'tls-certificate-expired');
    assert.match(
      warning.message,
      /^The CA certificate "CN=mid" above the certificate has expired, and the names of the certificate stay/,
    );
  }
});

test('a rollover to the same CA, renewed with its old key, replaces the roots and then ends', async () => {
  const connection = 'postgresql://webadmin@db.example.com/app';
  const renewed = await authority.renew({ key: authority.privateKey });
  let state = { server: serverState(), client: clientState() };
  const apply = (plan: TlsPlan) => {
    state = applied(state.server, state.client, plan);
  };
  apply(await planClientCertificates({ ...state, authority, connection }));
  const seen: string[] = [];
  for (const retireCurrent of [false, false, true, true]) {
    const plan = await planCaRollover({ ...state, current: authority, next: renewed, retireCurrent });
    assert.deepEqual(plan.diagnostics, []);
    seen.push(`${plan.summary}: ${names(plan).join(' ')}`);
    apply(plan);
  }
  assert.deepEqual(seen, [
    'Step 1 of 4: both CAs are trusted: root.crt root.crt',
    'All steps but the last have been taken on this server: ',
    'Step 4 of 4: the current CA is no longer trusted: root.crt root.crt',
    'The next CA has replaced the current CA: ',
  ]);
  for (const [file, peer, purpose] of [
    [state.server.certificate, state.client.ca, 'serverAuth'],
    [state.client.certificate, state.server.ca, 'clientAuth'],
  ] as const) {
    const [chain, roots] = [file, peer].map((one) => new TextDecoder().decode(one.content!())) as [string, string];
    assert.equal(roots, renewed.certificate);
    assert.deepEqual((await verifyChain({ chain, roots, purpose })).problems, []);
  }
});

test('a rollover that takes longer than the life of the first CRL of the next CA renews this CRL', async () => {
  const connection = 'postgresql://webadmin@db.example.com/app';
  let state = { server: serverState(), client: clientState() };
  const apply = (plan: TlsPlan) => {
    state = applied(state.server, state.client, plan);
  };
  const after = (days: number) => new Date(Date.now() + days * 24 * 60 * 60 * 1000);
  apply(await planClientCertificates({ ...state, authority, connection, crls: true }));
  const seen: string[] = [];
  for (const [days, retireCurrent] of [
    [0, false],
    [19, false],
    [40, false],
    [40, false],
    [80, false],
    [80, false],
    [120, true],
    [120, true],
    [120, true],
  ] as const) {
    const now = after(days);
    apply(await planRenewal({ ...state, authority, now }));
    const plan = await planCaRollover({ ...state, current: authority, next, retireCurrent, now });
    assert.ok(!plan.diagnostics.some(({ code }) => code === 'tls-crl-refuses'));
    seen.push(`${plan.summary}: ${names(plan).join(' ')}`);
    apply(plan);
    const [crls, authorities] = [state.server.crl!, state.server.ca].map(text) as [string, string];
    const problems = await checkRevocation({ authorities, crls, at: now });
    assert.deepEqual(problems, [], plan.summary);
  }
  assert.deepEqual(seen, [
    'Step 1 of 4: both CAs are trusted: root.crl root.crt root.crt',
    "Step 2 of 4: the next CA issues the server's certificate: server.crt",
    'The server gets a new CRL of the next CA: root.crl',
    "Step 3 of 4: the next CA issues the client's certificate: postgresql.crt",
    'The server gets a new CRL of the next CA: root.crl',
    'All steps but the last have been taken on this server: ',
    'The server gets a new CRL of the next CA: root.crl',
    'Step 4 of 4: the current CA is no longer trusted: root.crt root.crt',
    'The next CA has replaced the current CA: ',
  ]);
});

test('a rollover takes a newer CRL of a next CA elsewhere once the CRL on the server is due', async () => {
  const first = await next.issueCrl();
  const validity = { notBefore: new Date(first.thisUpdate.getTime() + 1000), days: 60 };
  const second = await next.issueCrl({ previous: first.crl, validity });
  const [roots, own] = [authority.certificate + next.certificate, await authority.issueCrl()];
  const { chain, privateKey } = await authority.issueServerCertificate({ hosts: ['db.example.com'] });
  const files = { ca: roots, certificate: chain, privateKey: privateKey.toPem() };
  const state = serverState({ conf: `${conf}ssl_crl_file = 'root.crl'\n`, ...files });
  const server = { ...state, crl: fileState('/nowhere/data/root.crl', own.crl + first.crl) };
  const plan = (days: number, crls?: string) =>
    planCaRollover({
      ...{ server, current: authority.certificate, next: next.certificate, crls },
      now: new Date(Date.now() + days * 24 * 60 * 60 * 1000),
    });
  for (const [days, crls, expected, codes] of [
    [10, second.crl, undefined, []],
    [25, undefined, undefined, []],
    [25, first.crl, undefined, []],
    [25, second.crl, '2', []],
    // The CRL of the current CA has expired, too.
    [40, undefined, undefined, ['tls-crl-refuses', 'tls-crl-refuses']],
    [40, first.crl, undefined, ['tls-crl-refuses', 'tls-crl-refuses']],
    [40, second.crl, '2', ['tls-crl-refuses']],
  ] as const) {
    const { writes, requests, diagnostics } = await plan(days, crls);
    const after = writes.map((write) => text(write)).join('');
    const number = writes.length === 0 ? undefined : inspectCrl(after.slice(own.crl.length)).number;
    assert.deepEqual([number, diagnostics.map(({ code }) => code)], [expected, codes]);
    assert.equal(requests?.length, expected === undefined ? 1 : undefined);
  }
  const again = (await next.issueCrl({ validity })).crl;
  await assert.rejects(plan(40, again), { code: 'crl-unfit', message: /number 1 of/ });
});

test('a rollover warns of an expired CRL of the current CA as long as the server trusts this CA', async () => {
  const crls = (await authority.issueCrl()).crl + (await next.issueCrl({ validity: { days: 200 } })).crl;
  const now = new Date(Date.now() + 45 * 24 * 60 * 60 * 1000);
  for (const [issuer, retireCurrent, step, warns] of [
    [authority, false, 'Step 2', true],
    [next, false, 'All steps but', true],
    [next, true, 'Step 4', false],
  ] as const) {
    const { chain, privateKey } = await issuer.issueServerCertificate({ hosts: ['db.example.com'] });
    const roots = authority.certificate + next.certificate;
    const files = { ca: roots, certificate: chain, privateKey: privateKey.toPem() };
    const state = serverState({ conf: `${conf}ssl_crl_file = 'root.crl'\n`, ...files });
    const server = { ...state, crl: fileState('/nowhere/data/root.crl', crls) };
    const plan = await planCaRollover({ server, current: authority, next, retireCurrent, now });
    const warnings = plan.diagnostics.filter(({ code }) => code === 'tls-crl-refuses');
    assert.ok(plan.summary.startsWith(step), plan.summary);
    assert.equal(warnings.length, warns ? 1 : 0, step);
    if (warns) assert.match(warnings[0]!.message, /its CRL expired/);
  }
});

function text(file: { content?: (() => Uint8Array) | undefined }): string {
  return new TextDecoder().decode(file.content!());
}
