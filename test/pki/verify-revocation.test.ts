import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { asciiBytes, type Bytes } from '../../src/asn1/bytes.ts';
import { der, derInteger, derSequence } from '../../src/asn1/der.ts';
import { encodeName, parseName } from '../../src/names/name.ts';
import { authorityKeyIdentifier, basicConstraints, extension } from '../../src/pki/certificate/extensions.ts';
import { keyIdentifier } from '../../src/pki/certificate/issuer.ts';
import { keyUsage } from '../../src/pki/certificate/key-usage.ts';
import { PrivateKey, verifyChain } from '../../src/pki/index.ts';
import { signerOf } from '../../src/pki/keys/private-key.ts';
import { runs, seed } from '../property.ts';
import { ignoresDeltas } from './delta-crls.ts';
import { forge, forgeList } from './forge.ts';
import { openssl, profile, withoutOpenssl } from './openssl.ts';

const [rootKey, otherKey, leafKey] = (await Promise.all([1, 2, 3].map(() => PrivateKey.generate()))) as [
  PrivateKey,
  PrivateKey,
  PrivateKey,
];
const now = new Date('2026-06-01T00:00:00Z');
const at = (seconds: number) => new Date(now.getTime() + seconds * 1000);
const day = 86_400;
const period = { notBefore: at(-400 * day), notAfter: at(400 * day) };
const rootSerial = Uint8Array.of(0x11);
const leafSerial = Uint8Array.of(0x22);
const identifierOf = async (key: PrivateKey) => keyIdentifier(signerOf(key).publicKey);

/** Encodes the name of a distribution point, as certificates and CRLs hold it. */
const point = (url: string) => der(0xa0, der(0xa0, der(0x86, asciiBytes(url))));
const directory = (name: string) => der(0xa1, der(0xa4, encodeName(parseName(name))));

const foreignIssuer = der(0xa2, der(0xa4, encodeName(parseName('CN=Other'))));

const root = await forge({
  subject: 'CN=Root',
  issuer: 'CN=Root',
  key: rootKey,
  issuerKey: rootKey,
  serialNumber: rootSerial,
  ...period,
  extensions: [basicConstraints({ isCa: true }), keyUsage(['keyCertSign', 'cRLSign'])],
});
const leafOf = (extensions: readonly Bytes[]) =>
  forge({
    subject: 'CN=alice',
    issuer: 'CN=Root',
    key: leafKey,
    issuerKey: rootKey,
    serialNumber: leafSerial,
    ...period,
    extensions,
  });
const leaves = {
  plain: await leafOf([]),
  pointed: await leafOf([extension('2.5.29.31', derSequence(derSequence(point('http://a/1'))))]),
  // A distribution point of another CRL issuer, for some reasons only.
  foreign: await leafOf([
    extension(
      '2.5.29.31',
      derSequence(derSequence(point('http://a/1'), der(0x81, Uint8Array.of(1, 6)), foreignIssuer)),
    ),
  ]),
};

const authorityNames: Readonly<Record<string, () => Promise<readonly Bytes[]>>> = {
  own: async () => [authorityKeyIdentifier(await identifierOf(rootKey))],
  none: async () => [],
  other: async () => [authorityKeyIdentifier(await identifierOf(otherKey))],
  'own serial number': async () => [extension('2.5.29.35', derSequence(directory('CN=root'), der(0x82, rootSerial)))],
  'another serial number': async () => [
    extension('2.5.29.35', derSequence(directory('CN=Root'), der(0x82, leafSerial))),
  ],
  'another issuer': async () => [extension('2.5.29.35', derSequence(directory('CN=Rood'), der(0x82, rootSerial)))],
};

const scopes: Readonly<Record<string, readonly Bytes[]>> = {
  all: [],
  'only users': [extension('2.5.29.28', derSequence(der(0x81, Uint8Array.of(255))), { critical: true })],
  'only CA certificates': [extension('2.5.29.28', derSequence(der(0x82, Uint8Array.of(255))), { critical: true })],
  'only attributes': [extension('2.5.29.28', derSequence(der(0x85, Uint8Array.of(255))), { critical: true })],
  'some reasons': [extension('2.5.29.28', derSequence(der(0x83, Uint8Array.of(1, 6))), { critical: true })],
  indirect: [extension('2.5.29.28', derSequence(der(0x84, Uint8Array.of(255))), { critical: true })],
  'point 1': [extension('2.5.29.28', derSequence(point('http://a/1')), { critical: true })],
  'point 2': [extension('2.5.29.28', derSequence(point('http://a/2')), { critical: true })],
  delta: [extension('2.5.29.27', derInteger(1), { critical: true })],
  'unknown, critical': [extension('1.2.3.4', der(0x05), { critical: true })],
  'unknown, not critical': [extension('1.2.3.4', der(0x05))],
};

const entries: Readonly<Record<string, readonly { serialNumber: Bytes; extensions?: readonly Bytes[] }[]>> = {
  none: [],
  leaf: [{ serialNumber: leafSerial }],
  another: [{ serialNumber: Uint8Array.of(0x33) }],
  'leaf, removed from the CRL': [
    { serialNumber: leafSerial, extensions: [extension('2.5.29.21', der(0x0a, Uint8Array.of(8)))] },
  ],
  'another, unknown and critical': [
    { serialNumber: Uint8Array.of(0x33), extensions: [extension('1.2.3.4', der(0x05), { critical: true })] },
  ],
};

const delta = await forgeList({
  issuer: 'CN=Root',
  issuerKey: rootKey,
  thisUpdate: at(-day),
  nextUpdate: at(day),
  revoked: [],
  extensions: scopes.delta!,
});

interface Sketch {
  readonly names: string;
  readonly scope: string;
  readonly revoked: string;
  readonly signedBy: 'root' | 'other';
  /** The period of validity of a CRL, in days from now. */
  readonly start: number;
  readonly end: number | undefined;
}

const sound: Sketch = { names: 'own', scope: 'all', revoked: 'none', signedBy: 'root', start: -5, end: 20 };

/** The scopes for which the openssl command of this machine decides as the newest version does. */
const knownScopes = Object.keys(scopes).filter((scope) => scope !== 'delta' || ignoresDeltas);

test('a delta CRL does not count, except for OpenSSL 1.1.1', async () => {
  const verdict = (lists: string, openssl: '1.1.1' | '3') =>
    verifyChain({ chain: leaves.plain, roots: root, purpose: 'clientAuth', crls: lists, at: now, openssl });
  assert.match((await verdict(delta, '3')).problems[0]!.message, /delta CRL, .* issue a full CRL/);
  assert.ok((await verdict(delta, '1.1.1')).ok);
  const complete = await forgeList({
    issuer: 'CN=Root',
    issuerKey: rootKey,
    thisUpdate: at(-5 * day),
    nextUpdate: at(day),
    revoked: entries.leaf!,
    extensions: [],
  });
  for (const lists of [complete + delta, delta + complete]) {
    assert.deepEqual(
      (await verdict(lists, '3')).problems.map(({ code }) => code),
      ['revoked'],
    );
    assert.ok((await verdict(lists, '1.1.1')).ok);
  }
});

describe('verifyChain uses the same CRL as OpenSSL', { skip: withoutOpenssl }, () => {
  test('for each property of a CRL alone, and with a sound CRL before and after it', async () => {
    const odd: Sketch[] = [
      ...Object.keys(authorityNames).map((names) => ({ ...sound, names })),
      ...knownScopes.map((scope) => ({ ...sound, scope })),
      ...Object.keys(entries).map((revoked) => ({ ...sound, revoked })),
      { ...sound, signedBy: 'other' },
      { ...sound, start: 1 },
      { ...sound, start: -20, end: -1 },
      { ...sound, end: undefined },
      { ...sound, revoked: 'leaf', end: undefined },
      { ...sound, revoked: 'leaf', end: 6 },
    ];
    const verdicts = new Map<string, number>();
    for (const one of odd) {
      for (const leaf of ['plain', 'pointed', 'foreign'] as const) await compare(leaf, [one], now, verdicts);
      for (const start of [-9, -1]) await compare('pointed', [one, { ...sound, start }], now, verdicts);
    }
    const halves = ['only users', 'only CA certificates'].map((scope, i) => ({ ...sound, scope, start: -5 - i }));
    const together = new Map<string, number>();
    await compare('plain', halves, now, together);
    assert.deepEqual([...together.keys()], ['OK']);
    const revoked = halves.map((one) => ({ ...one, revoked: 'leaf' }));
    for (const lists of [revoked, [halves[0]!, revoked[1]!], [revoked[0]!, halves[1]!]])
      await compare('plain', lists, now);
    assert.ok(verdicts.size >= 7 && verdicts.get('OK')! > 10, JSON.stringify([...verdicts]));
  });

  test('for several CRLs with any properties', async () => {
    const mostly = <T>(first: T, ...others: readonly T[]) =>
      fc.oneof(
        { weight: 3, arbitrary: fc.constant(first) },
        { weight: 1, arbitrary: fc.constantFrom(first, ...others) },
      );
    const sketch = fc.record({
      names: mostly(...(Object.keys(authorityNames) as [string])),
      scope: mostly(...(knownScopes as [string])),
      revoked: fc.constantFrom(...Object.keys(entries)),
      signedBy: mostly<Sketch['signedBy']>('root', 'other'),
      start: fc.integer({ min: -10, max: 2 }),
      end: fc.option(fc.integer({ min: -2, max: 30 }), { nil: undefined, freq: 6 }),
    });
    // If two CRLs have the same thisUpdate, OpenSSL may use either CRL.
    const lists = fc.uniqueArray(sketch, { minLength: 1, maxLength: 3, selector: ({ start }) => start });
    await fc.assert(
      fc.asyncProperty(fc.constantFrom('plain' as const, 'pointed' as const), lists, (leaf, sketches) =>
        compare(
          leaf,
          sketches.map((one) => ({
            ...one,
            end: one.end === undefined ? undefined : Math.max(one.end, one.start + 1),
          })),
          now,
        ),
      ),
      { numRuns: runs(150), seed },
    );
  });

  test('to the second', async () => {
    for (const seconds of [-1, 0, 1]) {
      await compare('plain', [sound], at(20 * day + seconds));
      await compare('plain', [sound], at(-5 * day + seconds));
      await compare('plain', [{ ...sound, end: undefined }], new Date(period.notAfter.getTime() + seconds * 1000));
      await compare(
        'plain',
        [{ ...sound, start: -500, end: undefined }],
        new Date(period.notBefore.getTime() + seconds * 1000),
      );
    }
  });
});

async function compare(
  leaf: keyof typeof leaves,
  sketches: readonly Sketch[],
  moment: Date,
  verdicts: Map<string, number> = new Map(),
): Promise<void> {
  const lists = await Promise.all(
    sketches.map(async ({ names, scope, revoked, signedBy, start, end }) =>
      forgeList({
        issuer: 'CN=Root',
        issuerKey: signedBy === 'root' ? rootKey : otherKey,
        thisUpdate: at(start * day),
        nextUpdate: end === undefined ? undefined : at(end * day),
        revoked: entries[revoked]!,
        extensions: [...(await authorityNames[names]!()), ...scopes[scope]!],
      }),
    ),
  );
  const files = { root, leaf: leaves[leaf], lists: lists.join('') };
  const time = ['-attime', String(moment.getTime() / 1000)];
  const args = ['verify', '-CAfile', 'root', '-purpose', 'sslclient', '-crl_check_all', '-CRLfile', 'lists', ...time];
  const { output } = openssl([...args, 'leaf'], files);
  const verdict =
    output.trim() === 'leaf: OK' ? 'OK' : (/error \d+ at \d+ depth lookup: (.*)/.exec(output)?.[1] ?? output);
  verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + 1);
  const mine = await verifyChain({
    chain: leaves[leaf],
    roots: root,
    purpose: 'clientAuth',
    crls: files.lists,
    at: moment,
    openssl: profile,
  });
  const what = `${leaf} ${JSON.stringify(sketches)} at ${moment.toISOString()}\n${output}\n${JSON.stringify(mine.problems)}`;
  assert.equal(mine.ok, verdict === 'OK', what);
}
