import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { asciiBytes, type Bytes } from '../../src/asn1/bytes.ts';
import { der, derInteger, derOctetString, derSequence, derTag, derTrue } from '../../src/asn1/der.ts';
import { encodeName, parseName } from '../../src/names/name.ts';
import { basicConstraints, extension, extensionOid } from '../../src/pki/certificate/extensions.ts';
import { keyIdentifier } from '../../src/pki/certificate/issuer.ts';
import { extendedKeyUsage, keyUsage } from '../../src/pki/certificate/key-usage.ts';
import { PrivateKey, type VerifyChainOptions, verifyChain } from '../../src/pki/index.ts';
import { signerOf } from '../../src/pki/keys/private-key.ts';
import { runs, seed } from '../property.ts';
import { ignoresDeltas } from './delta-crls.ts';
import { forge, forgeList } from './forge.ts';
import { type OpensslResult, openssl, profile, withoutOpenssl } from './openssl.ts';
import { buildOldOpenssl, verifyByOldOpenssl, withoutOldOpenssl } from './openssl-1.1.1.ts';

const keys = await Promise.all(
  (['ecdsa-p256', 'ecdsa-p256', 'rsa-2048', 'ed25519'] as const).map((kind) => PrivateKey.generate(kind)),
);
const names = ['CN=A', 'CN=B', 'CN=C'];
const day = 86_400_000;
const key = fc.nat(keys.length - 1);
const aName = fc.constantFrom(...names);
const directory = (text: string) => der(0xa4, encodeName(parseName(text)));
const uri = (text: string) => der(0x86, asciiBytes(text));

type Of<T> = T extends fc.Arbitrary<infer Value> ? Value : never;

/** Generates the usual value most of the time, and one of the other values rarely. */
function mostly<T>(usual: T, ...others: readonly T[]): fc.Arbitrary<T> {
  return fc.oneof({ weight: 14, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: fc.constantFrom(...others) });
}

/** Generates a period of validity, as days from now: a current one, an expired one, or one that has not begun. */
const period = mostly<readonly [number, number]>([-2, 2], [-4, -1], [1, 3], [-1, 5]);

/** Generates the name of a distribution point: a full name, or a name relative to the issuer. */
const pointName: fc.Arbitrary<Bytes> = fc.oneof(
  fc.constantFrom('http://a/1', 'http://a/2').map((text) => der(0xa0, der(0xa0, uri(text)))),
  fc.constantFrom('/CN=A/CN=p', '/CN=B/CN=p').map((text) => der(0xa0, der(0xa0, directory(text)))),
  fc.constant(der(0xa0, der(0xa1, encodeName(parseName('CN=p')).subarray(4)))),
);

const point: fc.Arbitrary<Bytes> = fc
  .record({
    name: fc.option(pointName, { nil: undefined }),
    reasons: fc.option(fc.constantFrom(0x60, 0x1e, 0xfe), { nil: undefined, freq: 3 }),
    issuer: fc.option(aName, { nil: undefined, freq: 3 }),
  })
  .filter(({ name, issuer }) => name !== undefined || issuer !== undefined)
  .map(({ name, reasons, issuer }) =>
    derSequence(
      ...(name === undefined ? [] : [name]),
      ...(reasons === undefined ? [] : [der(0x81, Uint8Array.of(0, reasons))]),
      ...(issuer === undefined ? [] : [der(0xa2, directory(issuer))]),
    ),
  );

const certificate = fc.record({
  subject: aName,
  issuer: aName,
  key,
  issuerKey: key,
  period,
  isCa: mostly(true, false),
  pathLength: mostly<number | undefined>(undefined, 0, 1),
  usage: mostly<'sign' | 'none' | 'no crl' | 'no cert'>('sign', 'none', 'no crl', 'no cert'),
  akid: mostly<'right' | 'wrong' | 'none' | 'serial'>('none', 'right', 'wrong', 'serial'),
  skid: fc.boolean(),
  purposes: mostly<readonly ('clientAuth' | 'serverAuth')[]>([], ['clientAuth'], ['serverAuth']),
  constraint: mostly<string | undefined>(undefined, 'CN=A', 'CN=u'),
  serial: fc.integer({ min: 1, max: 5 }),
});

const authority = fc.oneof(
  certificate,
  // Makes the certificate self-issued, because a chain needs a root.
  certificate.map((one) => ({ ...one, issuer: one.subject, issuerKey: one.key, akid: 'none' as const })),
);

const leaf = fc.record({
  issuer: aName,
  issuerKey: key,
  period,
  akid: mostly<'right' | 'wrong' | 'none' | 'serial'>('none', 'right', 'wrong'),
  points: fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, fc.array(point, { minLength: 1, maxLength: 2 })),
  serial: fc.integer({ min: 1, max: 5 }),
});

const list = fc.record({
  issuer: aName,
  issuerKey: key,
  period,
  akid: mostly<'right' | 'wrong' | 'none'>('none', 'right', 'wrong'),
  akidKey: key,
  scope: fc.option(
    fc.record({
      name: fc.option(pointName, { nil: undefined }),
      only: mostly<number | undefined>(undefined, 0x81, 0x82, 0x85),
      isIndirect: mostly(false, true),
      hasReasons: mostly(false, true),
    }),
    { nil: undefined, freq: 1 },
  ),
  isDelta: mostly(false, true),
  unknown: mostly<'none' | 'critical' | 'plain'>('none', 'critical', 'plain'),
  revoked: fc.array(
    fc.record({
      serial: fc.integer({ min: 1, max: 5 }),
      issuer: mostly<string | undefined>(undefined, ...names),
      reason: mostly<number | undefined>(undefined, 1, 6, 8, 0xf8),
    }),
    { maxLength: 3 },
  ),
});

function akidOf(kind: 'right' | 'wrong' | 'none' | 'serial', issuer: string, issuerKey: number): readonly Bytes[] {
  const identifier = keyIdentifier(signerOf(keys[issuerKey]!).publicKey);
  const content = {
    none: undefined,
    right: [der(0x80, identifier)],
    wrong: [
      der(
        0x80,
        identifier.map((octet) => octet ^ 1),
      ),
    ],
    serial: [der(0xa1, directory(issuer)), der(0x82, Uint8Array.of(1))],
  }[kind];
  return content === undefined ? [] : [extension(extensionOid.authorityKeyIdentifier, derSequence(...content))];
}

function times([start, end]: readonly [number, number]): { notBefore: Date; notAfter: Date } {
  return { notBefore: new Date(Date.now() + start * day), notAfter: new Date(Date.now() + end * day) };
}

async function authorityPem(one: Of<typeof authority>): Promise<string> {
  const usage = {
    sign: ['keyCertSign', 'cRLSign'] as const,
    none: undefined,
    'no crl': ['keyCertSign'] as const,
    'no cert': ['cRLSign'] as const,
  }[one.usage];
  return forge({
    subject: one.subject,
    issuer: one.issuer,
    key: keys[one.key]!,
    issuerKey: keys[one.issuerKey]!,
    ...times(one.period),
    withoutIdentifiers: true,
    serialNumber: Uint8Array.of(one.serial),
    extensions: [
      basicConstraints({ isCa: one.isCa, ...(one.pathLength === undefined ? {} : { pathLength: one.pathLength }) }),
      ...(usage === undefined ? [] : [keyUsage(usage)]),
      ...(one.purposes.length === 0 ? [] : [extendedKeyUsage(one.purposes)]),
      ...(one.skid
        ? [
            extension(
              extensionOid.subjectKeyIdentifier,
              derOctetString(keyIdentifier(signerOf(keys[one.key]!).publicKey)),
            ),
          ]
        : []),
      ...(one.constraint === undefined
        ? []
        : [
            extension(extensionOid.nameConstraints, derSequence(der(0xa0, derSequence(directory(one.constraint)))), {
              critical: true,
            }),
          ]),
      ...akidOf(one.akid, one.issuer, one.issuerKey),
    ],
  });
}

async function leafPem(one: Of<typeof leaf>): Promise<string> {
  return forge({
    subject: 'CN=u',
    issuer: one.issuer,
    key: keys[0]!,
    issuerKey: keys[one.issuerKey]!,
    ...times(one.period),
    withoutIdentifiers: true,
    serialNumber: Uint8Array.of(one.serial),
    extensions: [
      ...(one.points.length === 0 ? [] : [extension(extensionOid.distributionPoints, derSequence(...one.points))]),
      ...akidOf(one.akid, one.issuer, one.issuerKey),
    ],
  });
}

async function listPem(one: Of<typeof list>): Promise<string> {
  const { notBefore, notAfter } = times(one.period);
  const isTrue = Uint8Array.of(0xff);
  const scope = one.scope && [
    ...(one.scope.name === undefined ? [] : [one.scope.name]),
    ...[0x81, 0x82].filter((tag) => tag === one.scope!.only).map((tag) => der(tag, isTrue)),
    ...(one.scope.hasReasons ? [der(0x83, Uint8Array.of(0, 0xfe))] : []),
    ...(one.scope.isIndirect ? [der(0x84, isTrue)] : []),
    ...(one.scope.only === 0x85 ? [der(0x85, isTrue)] : []),
  ];
  const number = extension('2.5.29.20', derInteger(3));
  return forgeList({
    issuer: one.issuer,
    issuerKey: keys[one.issuerKey]!,
    thisUpdate: notBefore,
    nextUpdate: notAfter,
    revoked: one.revoked.map(({ serial, issuer, reason }) => ({
      serialNumber: Uint8Array.of(serial),
      extensions: [
        ...(reason === undefined ? [] : [extension('2.5.29.21', der(derTag.enumerated, Uint8Array.of(reason)))]),
        ...(issuer === undefined ? [] : [extension('2.5.29.29', derSequence(directory(issuer)), { critical: true })]),
      ],
    })),
    extensions: [
      number,
      ...(scope === undefined ? [] : [extension('2.5.29.28', derSequence(...scope), { critical: true })]),
      ...(one.isDelta ? [extension('2.5.29.27', derInteger(2), { critical: true })] : []),
      ...(one.unknown === 'none' ? [] : [extension('1.2.3.4', derTrue, { critical: one.unknown === 'critical' })]),
      ...akidOf(one.akid, one.issuer, one.akidKey),
    ],
  });
}

const situation = fc
  .record({
    leaf,
    trusted: fc.array(authority, { minLength: 1, maxLength: 5 }),
    sent: fc.array(authority, { maxLength: 3 }),
    lists: fc.option(fc.array(list, { minLength: 1, maxLength: 6 }), { nil: undefined, freq: 2 }),
    keyOf: fc.array(key, { minLength: 3, maxLength: 3 }),
    isTidy: mostly(true, false),
  })
  // In most cases, each name has only one key. Otherwise almost no chain would verify.
  .map(({ leaf: own, trusted, sent, lists, keyOf, isTidy }) => {
    const keyFor = (name: string) => keyOf[names.indexOf(name)]!;
    const tidy = (one: Of<typeof authority>) =>
      isTidy ? { ...one, key: keyFor(one.subject), issuerKey: keyFor(one.issuer) } : one;
    return {
      leaf: isTidy ? { ...own, issuerKey: keyFor(own.issuer) } : own,
      trusted: trusted.map(tidy),
      sent: sent.map(tidy),
      lists: lists?.map((one) =>
        isTidy ? { ...one, issuerKey: keyFor(one.issuer), akidKey: keyFor(one.issuer) } : one,
      ),
    };
  });

interface Judgement {
  readonly ok: boolean;
  readonly judge: boolean;
  readonly what: string;
}

interface Files {
  readonly roots: string;
  readonly u: string;
  readonly sent?: string;
  readonly crls?: string;
}

async function compare(
  one: Of<typeof situation>,
  judgeOf: (files: Files) => OpensslResult,
  options: Pick<VerifyChainOptions, 'openssl' | 'allowWeak'>,
): Promise<Judgement> {
  const trusted = await Promise.all(one.trusted.map(authorityPem));
  const sent = await Promise.all(one.sent.map(authorityPem));
  const crls = one.lists && (await Promise.all(one.lists.map(listPem)));
  const chain = await leafPem(one.leaf);
  const roots = trusted.join('');
  const judge = judgeOf({
    roots,
    u: chain,
    ...(sent.length === 0 ? {} : { sent: sent.join('') }),
    ...(crls === undefined ? {} : { crls: crls.join('') }),
  });
  const verdict = await verifyChain({
    chain: chain + sent.join(''),
    roots,
    purpose: 'clientAuth',
    ...(crls === undefined ? {} : { crls: crls.join('') }),
    ...options,
  });
  const what = `${verdict.problems.map(({ code, depth }) => `${code}@${depth}`)} | ${judge.output}\n${JSON.stringify(one)}`;
  return { ok: verdict.ok, judge: judge.ok, what };
}

/** Compares the verdicts on random chains with those of OpenSSL, until each kind of verdict has occurred. */
async function compareMany(judge: (one: Of<typeof situation>) => Promise<Judgement>): Promise<void> {
  const counts = { good: 0, refused: 0, 'good with CRLs': 0, revoked: 0 };
  const property = fc.asyncProperty(situation, async (one) => {
    const { ok, judge: expected, what } = await judge(one);
    assert.equal(ok, expected, what);
    counts[ok ? (one.lists === undefined ? 'good' : 'good with CRLs') : 'refused'] += 1;
    if (what.startsWith('revoked')) counts.revoked += 1;
  });
  const areAllSeen = (): boolean => Object.values(counts).every((count) => count > 0);
  // Several rounds may be needed, because a round of few cases can lack a rare verdict by chance.
  for (let round = 0; round < 9 && !areAllSeen(); round++) {
    await fc.assert(property, { numRuns: runs(60), seed: seed + round });
  }
  console.log(`seed ${seed}: ${JSON.stringify(counts)}`);
  assert.ok(areAllSeen(), JSON.stringify(counts));
}

/** Returns the verdict of `openssl verify` on the chain of a client. */
function judgeByOpenssl(files: Files): OpensslResult {
  return openssl(
    [
      ...['verify', '-no-CApath', '-no-CAstore', '-CAfile', 'roots', '-purpose', 'sslclient', '-auth_level', '2'],
      ...(files.sent === undefined ? [] : ['-untrusted', 'sent']),
      ...(files.crls === undefined ? [] : ['-crl_check_all', ...(files.crls === '' ? [] : ['-CRLfile', 'crls'])]),
      'u',
    ],
    { ...files },
  );
}

async function withOldOpenssl(use: (judge: (files: Files) => OpensslResult) => Promise<void>): Promise<void> {
  const { program, remove } = buildOldOpenssl();
  try {
    await use((files) => verifyByOldOpenssl(program, files));
  } finally {
    remove();
  }
}

const oldProfile = { openssl: '1.1.1', allowWeak: true } as const;

test('verifies random chains and CRLs as OpenSSL does', { skip: withoutOpenssl }, () =>
  compareMany((one) => compare(ignoresDeltas ? one : withoutDeltas(one), judgeByOpenssl, { openssl: profile })),
);

test('verifies random chains and CRLs as OpenSSL 1.1.1 does', { skip: withoutOldOpenssl }, () =>
  withOldOpenssl((judge) => compareMany((one) => compare(one, judge, oldProfile))),
);

type Situation = Of<typeof situation>;

function withoutDeltas({ lists, ...one }: Situation): Situation {
  return { ...one, lists: lists?.map((list) => ({ ...list, isDelta: false })) };
}

const ca: Situation['trusted'][number] = {
  ...{ subject: 'CN=A', issuer: 'CN=A', key: 0, issuerKey: 0, period: [-2, 2], isCa: true, pathLength: undefined },
  ...{ usage: 'sign', akid: 'none', skid: false, purposes: [], constraint: undefined, serial: 1 },
};
const plain: Situation = {
  leaf: { issuer: 'CN=A', issuerKey: 0, period: [-2, 2], akid: 'none', points: [], serial: 4 },
  trusted: [ca],
  sent: [],
  lists: undefined,
};

test('the first of several entries about a certificate counts, and its reason', { skip: withoutOpenssl }, async () => {
  const [removed, revoked, negative] = [8, 1, 0xf8].map((reason) => ({ serial: 4, issuer: undefined, reason }));
  for (const [entries, isGood] of [
    [[removed!, revoked!], true],
    [[revoked!, removed!], false],
    [[removed!], true],
    [[negative!], false],
    [[{ ...negative!, serial: 5 }], true],
  ] as const) {
    const crl: NonNullable<Situation['lists']>[number] = {
      ...{ issuer: 'CN=A', issuerKey: 0, period: [-2, 2], akid: 'none', akidKey: 0, scope: undefined },
      ...{ isDelta: false, unknown: 'none', revoked: [...entries] },
    };
    const { ok, judge, what } = await compare({ ...plain, lists: [crl] }, judgeByOpenssl, {});
    assert.deepEqual([ok, judge], [isGood, isGood], what);
  }
});

test('1.1.1 chooses an issuer by key identifier, and a delta CRL by scope', { skip: withoutOldOpenssl }, () =>
  withOldOpenssl(async (judgeOf) => {
    const other: Situation['trusted'][number] = { ...ca, key: 1, issuerKey: 1, skid: true };
    const own: Situation['trusted'][number] = { ...ca, skid: true };
    const identified = { ...plain.leaf, akid: 'right' } as const;
    const delta: NonNullable<Situation['lists']>[number] = {
      ...{ issuer: 'CN=A', issuerKey: 0, period: [-2, 2], akid: 'none', akidKey: 0, scope: undefined },
      ...{ isDelta: true, unknown: 'none', revoked: [] },
    };
    const covering = (only: number) => ({ name: undefined, only, isIndirect: false, hasReasons: false });
    const forUsers = { ...delta, scope: covering(0x81) };
    const forAuthorities = { ...delta, scope: covering(0x82) };
    const full: typeof delta = { ...delta, isDelta: false, period: [-3, 2] };
    const revoking = { ...full, revoked: [{ serial: 4, issuer: undefined, reason: undefined }] };
    const rows: readonly (readonly [isGood: boolean, one: Partial<Situation>])[] = [
      [true, { leaf: identified, trusted: [other, own] }],
      [true, { leaf: identified, trusted: [own, other] }],
      [false, { leaf: identified, trusted: [other] }],
      [false, { trusted: [other, own] }],
      [true, { lists: [forUsers, forAuthorities] }],
      [false, { lists: [forUsers] }],
      [false, { lists: [forAuthorities] }],
      [true, { lists: [full, forAuthorities] }],
      [false, { lists: [revoking, forAuthorities] }],
      [true, { lists: [revoking, delta] }],
      [true, { lists: [delta], trusted: [{ ...ca, usage: 'no crl' }] }],
      [false, { lists: [full], trusted: [{ ...ca, usage: 'no crl' }] }],
    ];
    for (const [isGood, one] of rows) {
      const { ok, judge, what } = await compare({ ...plain, ...one }, judgeOf, oldProfile);
      assert.deepEqual([ok, judge], [isGood, isGood], what);
    }
  }),
);
