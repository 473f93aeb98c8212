import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { der, derOid, derSequence } from '../../src/asn1/der.ts';
import { subjectAltName } from '../../src/pki/certificate/alternative-names.ts';
import { basicConstraints, extension, extensionOid } from '../../src/pki/certificate/extensions.ts';
import { parseHost } from '../../src/pki/certificate/host.ts';
import { extendedKeyUsage, keyUsage } from '../../src/pki/certificate/key-usage.ts';
import { nameConstraints } from '../../src/pki/certificate/name-constraints.ts';
import { CertificateAuthority, checkRevocation, PrivateKey, renewalsDue, verifyChain } from '../../src/pki/index.ts';
import { runs, seed } from '../property.ts';
import { forge } from './forge.ts';
import { openssl, withoutOpenssl } from './openssl.ts';

type Purpose = 'serverAuth' | 'clientAuth';

/** Returns the verdict of `openssl verify` on a chain, with the flags that PostgreSQL sets. */
function judge(chain: string, roots: string, purpose: Purpose, at?: Date, crls?: string): string {
  const crl = crls === undefined ? [] : ['-crl_check_all', ...(crls === '' ? [] : ['-CRLfile', 'crl'])];
  const time = at === undefined ? [] : ['-attime', String(Math.floor(at.getTime() / 1000))];
  const kind = purpose === 'clientAuth' ? 'sslclient' : 'sslserver';
  const args = ['verify', '-CAfile', 'roots', '-untrusted', 'chain', '-purpose', kind, ...time, ...crl, 'chain'];
  return openssl(args, { roots, chain, crl: crls ?? '' }).output.trim();
}

const [rootKey, middleKey, lowKey, leafKey] = (await Promise.all(
  Array.from({ length: 4 }, () => PrivateKey.generate()),
)) as [PrivateKey, PrivateKey, PrivateKey, PrivateKey];

const day = 24 * 60 * 60 * 1000;
const past = new Date(Date.now() - 3 * day);
const future = new Date(Date.now() + 3 * day);
const proxy = extension(extensionOid.proxyCertInfo, derSequence(derSequence(derOid('1.3.6.1.5.5.7.21.1'))));
const certSign = keyUsage(['keyCertSign', 'cRLSign']);
const authority = [basicConstraints({ isCa: true }), certSign];

/** Defects of a CA certificate, by name. The first entry has no defect. */
const authorityDefects = {
  sound: { extensions: authority },
  bare: { extensions: [basicConstraints({ isCa: true })] },
  expired: { extensions: authority, notBefore: new Date(past.getTime() - day), notAfter: past },
  notYetValid: { extensions: authority, notBefore: future, notAfter: new Date(future.getTime() + day) },
  noAuthority: { extensions: [basicConstraints({ isCa: false })] },
  noConstraints: { extensions: [] },
  noCertSign: { extensions: [basicConstraints({ isCa: true }), keyUsage(['digitalSignature', 'cRLSign'])] },
  pathLength0: { extensions: [basicConstraints({ isCa: true, pathLength: 0 }), certSign] },
  pathLength1: { extensions: [basicConstraints({ isCa: true, pathLength: 1 }), certSign] },
  onlyServers: { extensions: [...authority, extendedKeyUsage(['serverAuth'])] },
  onlyClients: { extensions: [...authority, extendedKeyUsage(['clientAuth'])] },
  onlyExample: { extensions: [...authority, nameConstraints({ permitted: { dns: ['example.com'] } })] },
  notExample: {
    extensions: [...authority, nameConstraints({ excluded: { dns: ['example.com'], ip: ['10.0.0.0/8'] } })],
  },
  unknownCritical: { extensions: [...authority, extension('1.2.3.4', der(0x05), { critical: true })] },
  proxy: { extensions: [keyUsage(['keyCertSign']), proxy] },
  proxyOfAuthority: { extensions: [...authority, proxy] },
  withoutIdentifiers: { extensions: authority, withoutIdentifiers: true },
} as const;

const leafDefects = {
  client: { extensions: [keyUsage(['digitalSignature']), extendedKeyUsage(['clientAuth'])] },
  server: { extensions: [extendedKeyUsage(['serverAuth']), subjectAltName([parseHost('db.example.com')])] },
  bare: { extensions: [] },
  proxy: { extensions: [proxy] },
  expired: { extensions: [], notBefore: new Date(past.getTime() - day), notAfter: past },
  notYetValid: { extensions: [], notBefore: future, notAfter: new Date(future.getTime() + day) },
  anyPurpose: { extensions: [extension('2.5.29.37', der(0x30, derOid('2.5.29.37.0')))] },
  encipherOnly: { extensions: [keyUsage(['keyEncipherment'])] },
  agreementOnly: { extensions: [keyUsage(['keyAgreement'])] },
  signCertOnly: { extensions: [keyUsage(['keyCertSign'])] },
  otherHost: { extensions: [subjectAltName([parseHost('db.example.org')])] },
  address: { extensions: [subjectAltName([parseHost('10.1.2.3')])] },
  authority: { extensions: authority },
  unknownCritical: { extensions: [extension('1.2.3.4', der(0x05), { critical: true })] },
} as const;

interface Sketch {
  readonly root: keyof typeof authorityDefects;
  readonly middle: keyof typeof authorityDefects;
  readonly low: keyof typeof authorityDefects | 'absent';
  readonly leaf: keyof typeof leafDefects;
  readonly user: string;
  readonly purpose: Purpose;
  readonly wrongKey: 'none' | 'middle' | 'leaf';
  readonly sent: 'all' | 'no-middle' | 'with-root';
  readonly trusted: 'root' | 'other' | 'middle' | 'both';
}

async function build(sketch: Sketch): Promise<{ chain: string; roots: string }> {
  const sign = (key: PrivateKey, wrong: boolean) => (wrong ? leafKey : key);
  const root = await forge({
    subject: 'CN=Root',
    issuer: 'CN=Root',
    key: rootKey,
    issuerKey: rootKey,
    ...authorityDefects[sketch.root],
  });
  const middle = await forge({
    subject: 'CN=Middle',
    issuer: 'CN=Root',
    key: middleKey,
    issuerKey: sign(rootKey, sketch.wrongKey === 'middle'),
    ...authorityDefects[sketch.middle],
    ...(sketch.wrongKey === 'middle' ? { withoutIdentifiers: true } : {}),
  });
  const low =
    sketch.low === 'absent'
      ? undefined
      : await forge({
          subject: 'CN=Low',
          issuer: 'CN=Middle',
          key: lowKey,
          issuerKey: middleKey,
          ...authorityDefects[sketch.low],
        });
  const above =
    low === undefined ? { issuer: 'CN=Middle', issuerKey: middleKey } : { issuer: 'CN=Low', issuerKey: lowKey };
  const leaf = await forge({
    subject: `CN=${sketch.user}`,
    key: leafKey,
    ...above,
    ...leafDefects[sketch.leaf],
    ...(sketch.wrongKey === 'leaf' ? { issuerKey: leafKey, withoutIdentifiers: true } : {}),
  });
  const other = await forge({
    subject: 'CN=Other',
    issuer: 'CN=Other',
    key: rootKey,
    issuerKey: rootKey,
    extensions: authority,
  });
  return {
    chain: leaf + (low ?? '') + (sketch.sent === 'no-middle' ? '' : middle) + (sketch.sent === 'with-root' ? root : ''),
    roots: { root, other, middle, both: other + root }[sketch.trusted],
  };
}

describe('verifyChain gives the verdict of OpenSSL', { skip: withoutOpenssl }, () => {
  test('on each defect alone', async () => {
    const sound: Sketch = {
      root: 'sound',
      middle: 'sound',
      low: 'absent',
      leaf: 'bare',
      user: 'alice',
      purpose: 'clientAuth',
      wrongKey: 'none',
      sent: 'all',
      trusted: 'root',
    };
    const sketches: Sketch[] = [
      sound,
      { ...sound, low: 'sound' },
      ...(Object.keys(authorityDefects) as (keyof typeof authorityDefects)[]).flatMap((defect): Sketch[] => [
        { ...sound, root: defect },
        { ...sound, middle: defect },
        { ...sound, middle: defect, low: 'sound', user: 'db.example.com', leaf: 'server', purpose: 'serverAuth' },
        { ...sound, root: defect, low: 'sound', user: 'a.b' },
      ]),
      ...(Object.keys(leafDefects) as (keyof typeof leafDefects)[]).flatMap((leaf): Sketch[] => [
        { ...sound, leaf },
        { ...sound, leaf, purpose: 'serverAuth' },
        { ...sound, leaf, middle: 'notExample', purpose: 'serverAuth' },
      ]),
      ...(['middle', 'leaf'] as const).map((wrongKey): Sketch => ({ ...sound, wrongKey })),
      ...(['no-middle', 'with-root'] as const).map((sent): Sketch => ({ ...sound, sent })),
      ...(['other', 'middle', 'both'] as const).map((trusted): Sketch => ({ ...sound, trusted, sent: 'with-root' })),
      { ...sound, trusted: 'middle' },
    ];
    const verdicts = new Map<string, number>();
    for (const sketch of sketches) await compare(sketch, verdicts);
    assert.ok((verdicts.get('OK') ?? 0) > 20 && verdicts.size > 10, JSON.stringify([...verdicts]));
  });

  test('on any combination of defects', async () => {
    const mostly = <T extends string>(first: T, ...others: readonly T[]) =>
      fc.oneof(
        { weight: 2, arbitrary: fc.constant(first) },
        { weight: 1, arbitrary: fc.constantFrom(first, ...others) },
      );
    const authorities = Object.keys(authorityDefects) as (keyof typeof authorityDefects)[];
    const sketch: fc.Arbitrary<Sketch> = fc.record({
      root: mostly('sound', ...authorities),
      middle: mostly('sound', ...authorities),
      low: mostly<Sketch['low']>('absent', ...authorities),
      leaf: fc.constantFrom(...(Object.keys(leafDefects) as (keyof typeof leafDefects)[])),
      user: fc.constantFrom('alice', 'db.example.com', 'a.b'),
      purpose: fc.constantFrom<Purpose>('serverAuth', 'clientAuth'),
      wrongKey: mostly<Sketch['wrongKey']>('none', 'middle', 'leaf'),
      sent: mostly<Sketch['sent']>('all', 'no-middle', 'with-root'),
      trusted: mostly<Sketch['trusted']>('root', 'other', 'middle', 'both'),
    });
    await fc.assert(
      fc.asyncProperty(sketch, (value) => compare(value)),
      { numRuns: runs(120), seed },
    );
  });

  async function compare(sketch: Sketch, verdicts: Map<string, number> = new Map()): Promise<void> {
    const { chain, roots } = await build(sketch);
    const mine = await verifyChain({ chain, roots, purpose: sketch.purpose });
    const output = judge(chain, roots, sketch.purpose);
    const verdict = output.endsWith(': OK')
      ? 'OK'
      : (/error \d+ at \d+ depth lookup: (.*)/.exec(output)?.[1] ?? output);
    verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + 1);
    assert.equal(mine.ok, verdict === 'OK', `${JSON.stringify(sketch)}\n${output}\n${JSON.stringify(mine.problems)}`);
  }

  test('on revocation, at every moment', async () => {
    const now = new Date('2026-06-01T00:00:00Z');
    const provider = { now: () => now };
    const root = await CertificateAuthority.create({ subject: 'CN=R', provider });
    const middle = await root.issueIntermediateAuthority({ subject: 'CN=M' });
    const [alice, bob] = [
      await middle.issueClientCertificate({ user: 'alice' }),
      await middle.issueClientCertificate({ user: 'bob' }),
    ];
    const ofRoot = (await root.issueCrl({ validity: { days: 60 } })).crl;
    const ofMiddle = (await middle.issueCrl({ revoked: [{ certificate: bob.certificate, reason: 'keyCompromise' }] }))
      .crl;
    const revokedMiddle = (await root.issueCrl({ revoked: [{ certificate: middle.certificate }] })).crl;
    const namesake = await CertificateAuthority.create({ subject: 'CN=R', provider });
    const ofNamesake = (await namesake.issueCrl()).crl;
    for (const [chain, crls, at, codes] of [
      [alice.chain, ofRoot + ofMiddle, now, []],
      [bob.chain, ofRoot + ofMiddle, now, ['revoked']],
      [alice.chain, revokedMiddle + ofMiddle, now, ['revoked']],
      [alice.chain, ofMiddle, now, ['crl-missing', 'crl-missing']],
      [alice.chain, ofRoot, now, ['crl-missing']],
      [alice.chain, '', now, ['crl-missing', 'crl-missing', 'crl-missing']],
      [alice.chain, ofNamesake + ofMiddle, now, ['crl-missing', 'crl-missing']],
      [alice.chain, ofRoot + ofMiddle, new Date('2026-07-15T00:00:00Z'), ['crl-expired']],
      [alice.chain, ofRoot + ofMiddle, new Date('2026-05-31T22:59:00Z'), undefined],
    ] as const) {
      const verdict = await verifyChain({ chain, roots: root.certificate, purpose: 'clientAuth', crls, at });
      const output = judge(chain, root.certificate, 'clientAuth', at, crls);
      assert.equal(verdict.ok, output.endsWith(': OK'), output);
      if (codes !== undefined)
        assert.deepEqual(
          verdict.problems.map(({ code }) => code),
          codes,
          output,
        );
    }
  });
});

test('a path is as long as OpenSSL allows, and not longer', { skip: withoutOpenssl }, async () => {
  const root = await CertificateAuthority.create({ subject: 'CN=0' });
  let lowest = root;
  for (let i = 1; i <= 101; i++) {
    lowest = await lowest.issueIntermediateAuthority({ subject: `CN=${i}`, pathLength: 101 - i });
    if (i < 100) continue;
    const { chain } = await lowest.issueClientCertificate({ user: 'u', key: leafKey });
    const { problems } = await verifyChain({ chain, roots: root.certificate, purpose: 'clientAuth' });
    assert.deepEqual(
      problems.map(({ code }) => code),
      i === 100 ? [] : ['path-too-long'],
    );
    assert.match(judge(chain, root.certificate, 'clientAuth'), i === 100 ? /: OK$/ : /chain too long/);
  }
});

test('an invalid Date is an error, and not a moment at which every chain is good', async () => {
  const root = await CertificateAuthority.create({ subject: 'CN=Root' });
  const { certificate } = root;
  const at = new Date(Number.NaN);
  const invalid = { code: 'validity-invalid' };
  await assert.rejects(verifyChain({ chain: certificate, roots: certificate, purpose: 'serverAuth', at }), invalid);
  await assert.rejects(checkRevocation({ authorities: certificate, crls: '', at }), invalid);
  assert.throws(() => renewalsDue({ now: at, certificates: certificate }), invalid);
});

test('a problem says where it is, and what it is', async () => {
  const root = await CertificateAuthority.create({ subject: 'CN=R' });
  const middle = await root.issueIntermediateAuthority({ subject: 'CN=M' });
  const { certificate, chain } = await middle.issueServerCertificate({ hosts: ['db'] });
  const missing = await verifyChain({ chain: certificate, roots: root.certificate, purpose: 'serverAuth' });
  assert.deepEqual(missing.problems, [
    {
      code: 'issuer-missing',
      depth: 0,
      subject: [[{ type: 'CN', value: 'db' }]],
      message: 'The issuer of the certificate is neither sent along nor trusted',
    },
  ]);
  const whole = await verifyChain({ chain, roots: root.certificate, purpose: 'serverAuth' });
  assert.deepEqual(whole.path, [
    [[{ type: 'CN', value: 'db' }]],
    [[{ type: 'CN', value: 'M' }]],
    [[{ type: 'CN', value: 'R' }]],
  ]);
  assert.deepEqual([whole.ok, whole.problems], [true, []]);
  await assert.rejects(verifyChain({ chain: '', roots: root.certificate, purpose: 'serverAuth' }), {
    code: 'certificate-invalid',
  });
  await assert.rejects(verifyChain({ chain, roots: '', purpose: 'serverAuth' }), { code: 'certificate-invalid' });
});
