import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { asciiBytes, type Bytes } from '../../src/asn1/bytes.ts';
import { der, derInteger, derOid, derSequence, derTag } from '../../src/asn1/der.ts';
import { encodeName, parseName } from '../../src/names/name.ts';
import { basicConstraints, extension } from '../../src/pki/certificate/extensions.ts';
import { extendedKeyUsage, keyUsage } from '../../src/pki/certificate/key-usage.ts';
import { CertificateAuthority, type DistinguishedName, PrivateKey, verifyChain } from '../../src/pki/index.ts';
import { endsSoon } from '../ends-soon.ts';
import { runs, seed } from '../property.ts';
import { forge } from './forge.ts';
import { openssl, profile, withoutOpenssl } from './openssl.ts';

const [rootKey, middleKey, leafKey] = (await Promise.all([1, 2, 3].map(() => PrivateKey.generate()))) as [
  PrivateKey,
  PrivateKey,
  PrivateKey,
];
const certSign = keyUsage(['keyCertSign', 'cRLSign']);
const authority = [basicConstraints({ isCa: true }), certSign];

/**
 * Functions that encode the kinds of GeneralName: e-mail address, DNS name, URI, IP address, directory name, otherName
 * and registeredID.
 */
const email = (text: string) => der(0x81, asciiBytes(text));
const dns = (text: string) => der(0x82, asciiBytes(text));
const uri = (text: string) => der(0x86, asciiBytes(text));
const ip = (...octets: number[]) => der(0x87, Uint8Array.from(octets));
const directory = (name: string | DistinguishedName) => der(0xa4, encodeName(parseName(name)));
const otherName = (type: string, tag: number, text: string) =>
  der(0xa0, derOid(type), der(0xa0, der(tag, asciiBytes(text))));
const other = otherName('1.2.3.4', 0x0c, 'x');
/** An e-mail address as RFC 9598 encodes it. */
const mailbox = (text: string, tag = 0x0c) => otherName('1.3.6.1.5.5.7.8.9', tag, text);
const registered = der(0x88, asciiBytes('*'));

const bases: readonly Bytes[] = [
  ...['', 'example.com', '.example.com', 'EXAMPLE.com', 'b.example.com'].map(dns),
  ...['example.com', '.example.com', 'a@example.com', 'A@EXAMPLE.com', '@example.com', '', 'example.com\0'].map(email),
  ...['example.com', '.example.com', 'EXAMPLE.com'].map(uri),
  ip(10, 0, 0, 0, 255, 0, 0, 0),
  ip(10, 1, 0, 0, 255, 255, 0, 255),
  ip(0, 0, 0, 0, 0, 0, 0, 0),
  ip(10, 0, 0, 0),
  ip(...new Array<number>(32).fill(0)),
  directory('O=Example'),
  directory('O= EXAMPLE '),
  directory([[{ type: 'O', value: 'Example', der: '13074578616d706c65' }]]),
  directory('CN=alice,O=Example'),
  other,
  otherName('1.2.3.5', 0x0c, 'x'),
  registered,
];

const names: readonly Bytes[] = [
  ...[
    'example.com',
    'a.example.com',
    'b.EXAMPLE.com',
    'x.b.example.com',
    'notexample.com',
    'com',
    '',
    '*.example.com',
    '.example.com',
  ].map(dns),
  ...[
    'a@example.com',
    'A@example.com',
    'a@sub.example.com',
    'a@EXAMPLE.com',
    'b@example.org',
    'noat',
    '@example.com',
  ].map(email),
  ...[
    'http://example.com',
    'http://sub.example.com:80/x',
    'https://user@example.com/',
    'http://EXAMPLE.com/a:b',
    'urn:x',
    'http:///x',
    'http://example.org',
    'http://sub.example.com',
    'http://example.com:99999/',
    'http://example.com:80x',
    'http://example.com:/',
    'http://[::1]:80/',
    'spiffe://example.com/a?b@c',
    '://example.com',
    'x:y://sub.example.com#a',
    '//example.com',
  ].map(uri),
  ip(10, 1, 2, 3),
  ip(11, 1, 2, 3),
  ip(10, 1, 2),
  ip(...new Array<number>(16).fill(1)),
  directory('O=Example'),
  directory('CN=x,O=example'),
  directory('O=Other'),
  other,
  ...['a@example.com', 'a@SUB.example.com', 'a@x..example.com', 'b@example.org', 'noat'].map((text) => mailbox(text)),
  mailbox('a@example.com', 0x16),
  registered,
];

const subjects: readonly (string | DistinguishedName)[] = [
  'CN=alice,O=Example',
  'CN=alice,O=eXample',
  [[{ type: 'O', value: 'Example', der: '13074578616d706c65' }], [{ type: 'CN', value: 'b.example.com' }]],
  'CN=b.example.org,O=Example',
  'CN=b.example.com,O=Other',
  'CN=www_1.example.com',
  // A leaf with the name of its issuer.
  'CN=Middle',
  '/O=Example/emailAddress=a@example.com/CN=u',
  '/O=Example/emailAddress=a@example.org',
  [[{ type: 'emailAddress', value: 'a@example.com', der: '0c0d61406578616d706c652e636f6d' }]],
  [[{ type: 'CN', value: 'b.example.org', der: '140d622e6578616d706c652e6f7267' }]],
  [],
];

/** Values for minimum and maximum of a GeneralSubtree: the defaults of RFC 5280, and values that RFC 5280 forbids. */
const limits: readonly (readonly Bytes[])[] = [
  [],
  [],
  [],
  [],
  [der(0x80, Uint8Array.of(0))],
  [der(0x80, Uint8Array.of(1))],
  [der(0x81, Uint8Array.of(5))],
];

describe('verifyChain compares names with constraints as OpenSSL does', { skip: withoutOpenssl }, () => {
  const some = <T>(values: readonly T[], maxLength: number) => fc.array(fc.constantFrom(...values), { maxLength });
  const subtree = fc
    .tuple(fc.constantFrom(...bases), fc.constantFrom(...limits))
    .map(([base, more]) => derSequence(base, ...more));
  const constraints = fc.tuple(fc.array(subtree, { maxLength: 3 }), fc.array(subtree, { maxLength: 2 }));

  // A subtree that OpenSSL cannot compare with the name hides a matching subtree after it, but not a matching subtree
  // before it.
  const [bad, good] = [derSequence(ip(10, 0, 0, 0)), derSequence(ip(10, 0, 0, 0, 255, 0, 0, 0))];
  const examples = [[bad, good], [good, bad], [good], [bad]].flatMap(
    (trees): [[Bytes[], Bytes[]], Bytes[], string, boolean][] => [
      [[trees, []], [ip(10, 1, 2, 3)], 'CN=alice', true],
      [[[], trees], [ip(11, 1, 2, 3)], 'CN=alice', true],
      [[trees, []], [ip(11, 1, 2, 3)], 'CN=Middle', true],
    ],
  );

  test('with names of any kind', async () => {
    const verdicts = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(
        constraints,
        some(names, 3),
        fc.constantFrom(...subjects),
        fc.boolean(),
        async ([permitted, excluded], alternative, subject, isAbove) => {
          const lists = [
            ...(permitted.length === 0 ? [] : [der(0xa0, ...permitted)]),
            ...(excluded.length === 0 ? [] : [der(0xa1, ...excluded)]),
          ];
          const limited =
            lists.length === 0
              ? authority
              : [...authority, extension('2.5.29.30', derSequence(...lists), { critical: true })];
          const root = await authorityOf('CN=Root', 'CN=Root', rootKey, rootKey, isAbove ? limited : authority);
          const middle = await authorityOf('CN=Middle', 'CN=Root', middleKey, rootKey, isAbove ? authority : limited);
          const leaf = await forge({
            subject,
            issuer: 'CN=Middle',
            key: leafKey,
            issuerKey: middleKey,
            extensions: alternative.length === 0 ? [] : [extension('2.5.29.17', derSequence(...alternative))],
          });
          await compare(leaf + middle, root, ['clientAuth'], verdicts);
        },
      ),
      { numRuns: runs(200), seed, examples },
    );
    if (runs(1) >= 1) assert.ok(verdicts.size >= 4 && verdicts.get('OK')! > 20, JSON.stringify([...verdicts]));
  });
});

describe('verifyChain judges extensions as OpenSSL does', { skip: withoutOpenssl }, () => {
  const bits = (...octets: number[]) => der(derTag.bitString, Uint8Array.from(octets));
  const netscape = (octet: number) => extension('2.16.840.1.113730.1.1', bits(0, octet));
  const purpose = (...oids: string[]) => extension('2.5.29.37', derSequence(...oids.map(derOid)));

  test('of a root that is a CA by its key usage or by a Netscape extension', async () => {
    for (const extensions of [
      [certSign],
      [keyUsage(['digitalSignature'])],
      [netscape(0x04)],
      [netscape(0x02)],
      [netscape(0x80)],
      [certSign, netscape(0x80)],
      [],
    ]) {
      const root = await authorityOf('CN=Root', 'CN=Root', rootKey, rootKey, extensions);
      const middle = await authorityOf('CN=Middle', 'CN=Root', middleKey, rootKey, extensions);
      const above = await authorityOf('CN=Root', 'CN=Root', rootKey, rootKey, authority);
      const leafOf = (issuer: string, issuerKey: PrivateKey) =>
        forge({ subject: 'CN=alice', issuer, key: leafKey, issuerKey, extensions: [] });
      await compare(await leafOf('CN=Root', rootKey), root);
      await compare((await leafOf('CN=Middle', middleKey)) + middle, above);
    }
  });

  test('of a leaf', async () => {
    const root = await authorityOf('CN=Root', 'CN=Root', rootKey, rootKey, authority);
    for (const extensions of [
      [netscape(0x80)],
      [netscape(0x40)],
      [netscape(0xc0)],
      [netscape(0x80), extendedKeyUsage(['serverAuth'])],
      [purpose('1.3.6.1.4.1.311.10.3.3')],
      [purpose('2.16.840.1.113730.4.1')],
      [purpose('1.3.6.1.5.5.7.3.3')],
      [keyUsage(['digitalSignature', 'keyCertSign'])],
      [extension('2.5.29.15', bits(0))],
      [extension('2.5.29.15', bits(7, 0x80))],
    ]) {
      const leaf = await forge({ subject: 'CN=a', issuer: 'CN=Root', key: leafKey, issuerKey: rootKey, extensions });
      await compare(leaf, root);
    }
  });

  test('that are critical', async () => {
    const root = await authorityOf('CN=Root', 'CN=Root', rootKey, rootKey, authority);
    const oids = [
      '2.5.29.9',
      '2.5.29.16',
      '2.5.29.18',
      '2.5.29.46',
      '1.3.6.1.5.5.7.1.1',
      '1.3.6.1.5.5.7.1.24',
      '1.2.3.4',
    ];
    const values: Readonly<Record<string, Bytes>> = {
      '2.5.29.14': der(0x04, Uint8Array.of(1)),
      '2.5.29.35': derSequence(),
      '2.5.29.17': derSequence(dns('a')),
      '2.5.29.31': derSequence(derSequence(der(0xa0, der(0xa0, uri('http://a'))))),
      '2.5.29.32': derSequence(derSequence(derOid('1.2.3'))),
      '2.5.29.33': derSequence(derSequence(derOid('1.2.3'), derOid('1.2.4'))),
      '2.5.29.36': derSequence(der(0x80, Uint8Array.of(0))),
      '2.5.29.54': der(0x02, Uint8Array.of(0)),
      '1.3.6.1.5.5.7.48.1.5': der(0x05),
      '2.16.840.1.113730.1.1': bits(0, 0xc0),
      '2.16.840.1.113730.1.13': der(0x16, asciiBytes('comment')),
      ...Object.fromEntries(oids.map((oid) => [oid, derSequence()])),
    };
    for (const [oid, value] of Object.entries(values)) {
      const leaf = await forge({
        subject: 'CN=a',
        issuer: 'CN=Root',
        key: leafKey,
        issuerKey: rootKey,
        extensions: [extension(oid, value, { critical: true })],
        withoutIdentifiers: true,
      });
      await compare(leaf, root);
    }
  });
});

test('IP addresses and AS numbers, which only OpenSSL compares, are a problem of their own', {
  skip: withoutOpenssl,
}, async () => {
  const inherit = der(derTag.null);
  const prefix = (...octets: number[]) => der(derTag.bitString, Uint8Array.of(0, ...octets));
  const blocks = (choice: Bytes) => derSequence(derSequence(der(derTag.octetString, Uint8Array.of(0, 1)), choice));
  const systems = (choice: Bytes) => derSequence(der(0xa0, choice));
  const values: Readonly<Record<string, readonly [wide: Bytes, narrow: Bytes, inherited: Bytes]>> = {
    '1.3.6.1.5.5.7.1.7': [blocks(derSequence(prefix(10))), blocks(derSequence(prefix(10, 1))), blocks(inherit)],
    '1.3.6.1.5.5.7.1.8': [
      systems(derSequence(derSequence(derInteger(1), derInteger(9)))),
      systems(derSequence(derInteger(5))),
      systems(inherit),
    ],
  };
  for (const [oid, [wide, narrow, inherited]] of Object.entries(values)) {
    for (const [ofRoot, ofLeaf, isAccepted] of [
      [wide, narrow, true],
      [wide, inherited, true],
      [wide, wide, true],
      [narrow, wide, false],
      [inherited, inherited, false],
      [undefined, narrow, false],
      [wide, undefined, true],
      [wide, derInteger(1), false],
      [derInteger(1), undefined, false],
    ] as const) {
      for (const isCritical of [true, false]) {
        const more = (value: Bytes | undefined) =>
          value === undefined ? [] : [extension(oid, value, { critical: isCritical })];
        const root = await authorityOf('CN=Root', 'CN=Root', rootKey, rootKey, [...authority, ...more(ofRoot)]);
        const leaf = await authorityOf('CN=a', 'CN=Root', leafKey, rootKey, more(ofLeaf));
        const { output } = openssl(['verify', '-CAfile', 'root', 'leaf'], { root, leaf });
        assert.equal(output.trim() === 'leaf: OK', isAccepted, output);
        const { problems } = await verifyChain({ chain: leaf, roots: root, purpose: 'clientAuth' });
        const codes = [...new Set(problems.map(({ code }) => code))];
        assert.deepEqual(codes, ['resources-not-compared'], output);
        assert.match(
          problems[0]!.message,
          /Check the chain with "openssl verify", or issue the certificate without them$/,
        );
      }
    }
  }
});

function authorityOf(
  subject: string,
  issuer: string,
  key: PrivateKey,
  issuerKey: PrivateKey,
  extensions: readonly Bytes[],
): Promise<string> {
  return forge({ subject, issuer, key, issuerKey, extensions });
}

const purposes = { clientAuth: 'sslclient', serverAuth: 'sslserver' } as const;

async function compare(
  chain: string,
  roots: string,
  asked: readonly (keyof typeof purposes)[] = ['clientAuth', 'serverAuth'],
  verdicts: Map<string, number> = new Map(),
): Promise<void> {
  for (const purpose of asked) {
    const args = ['verify', '-CAfile', 'roots', '-untrusted', 'chain', '-purpose', purposes[purpose], 'chain'];
    const { output } = openssl(args, { roots, chain });
    const verdict =
      output.trim() === 'chain: OK' ? 'OK' : (/error \d+ at \d+ depth lookup: (.*)/.exec(output)?.[1] ?? output);
    verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + 1);
    const { ok, problems } = await verifyChain({ chain, roots, purpose, openssl: profile });
    if (ok === (verdict === 'OK')) continue;
    const judged = openssl(['x509', '-noout', '-text', '-in', 'chain'], { chain }).output;
    assert.fail(`${purpose}\n${output}\n${JSON.stringify(problems)}\n${judged}`);
  }
}

test('a thousand hosts are compared with a thousand constraints', async () => {
  const hosts = Array.from({ length: 1_000 }, (_, i) => `h${i}.example`);
  const nameConstraints = { permitted: { dns: hosts } };
  const limited = await CertificateAuthority.create({ subject: 'CN=limited', nameConstraints });
  await endsSoon(async () => {
    for (let count = 0; count < 8; count++) await limited.issueServerCertificate({ hosts });
  });
});
