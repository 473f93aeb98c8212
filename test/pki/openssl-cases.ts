import { asciiBytes, type Bytes } from '../../src/asn1/bytes.ts';
import { der, derInteger, derNull, derOid, derSequence, derTrue } from '../../src/asn1/der.ts';
import { basicConstraints, extension, extensionOid } from '../../src/pki/certificate/extensions.ts';
import { type OpensslProfile, PrivateKey } from '../../src/pki/index.ts';
import { type Forgery, forge, forgeList } from './forge.ts';

/** A client's chain, about which versions of OpenSSL decide differently or could do so. */
export interface OpensslCase {
  readonly name: string;
  /** The moment of the check. */
  readonly at: string;
  readonly chain: string;
  readonly roots: string;
  readonly crls?: string;
}

/** A case with the profiles of the versions of OpenSSL that accept the chain. */
export interface JudgedCase extends OpensslCase {
  readonly accepted: readonly OpensslProfile[];
}

/** Makes all cases, with new keys. */
export async function opensslCases(): Promise<readonly OpensslCase[]> {
  const [rootKey, leafKey] = await Promise.all([1, 2].map(() => PrivateKey.generate()));
  const [start, now, end] = ['2026-06-01T00:00:00Z', '2026-07-01T00:00:00Z', '2026-08-01T00:00:00Z'] as const;
  const long = { notBefore: new Date(start), notAfter: new Date('2027-01-01T00:00:00Z') };
  const short = { ...long, notAfter: new Date(end) };
  const make = (
    subject: string,
    issuer: string,
    keys: readonly PrivateKey[],
    more: Partial<Forgery> & Pick<Forgery, 'extensions'>,
  ) => forge({ subject, issuer, key: keys[0]!, issuerKey: keys[1]!, ...long, ...more });
  const makeRoot = (more: readonly Bytes[] = [], period = long) =>
    make('CN=Root', 'CN=Root', [rootKey!, rootKey!], {
      ...period,
      extensions: [basicConstraints({ isCa: true }), ...more],
      serialNumber: Uint8Array.of(1),
    });
  const makeLeaf = (extensions: readonly Bytes[] = [], period = long) =>
    make('CN=alice', 'CN=Root', [leafKey!, rootKey!], { ...period, extensions, serialNumber: Uint8Array.of(2) });
  const makeList = (extensions: readonly Bytes[] = [], revoked: readonly number[] = [], nextUpdate = long.notAfter) =>
    forgeList({
      issuer: 'CN=Root',
      issuerKey: rootKey!,
      thisUpdate: long.notBefore,
      nextUpdate,
      revoked: revoked.map((serial) => ({ serialNumber: Uint8Array.of(serial) })),
      extensions,
    });
  const constrained = (...subtree: readonly Bytes[]) =>
    makeRoot([
      extension(extensionOid.nameConstraints, derSequence(der(0xa0, derSequence(...subtree))), { critical: true }),
    ]);
  const named = (name: Bytes) => makeLeaf([extension(extensionOid.subjectAltName, derSequence(name))]);
  const name = (tag: number, text: string) => der(tag, asciiBytes(text));
  const otherName = (type: string, tag: number, text: string) => der(0xa0, derOid(type), der(0xa0, name(tag, text)));
  const [root, leaf] = [await makeRoot(), await makeLeaf()];
  const onlyUsers = extension('2.5.29.28', derSequence(der(0x81, Uint8Array.of(255))), { critical: true });
  const cases: OpensslCase[] = [
    { name: 'plain', at: now, roots: root, chain: leaf },
    { name: 'the last second of the leaf', at: end, roots: root, chain: await makeLeaf([], short) },
    { name: 'the last second of the root', at: end, roots: await makeRoot([], short), chain: leaf },
    {
      ...{ name: 'the last second of the CRL', at: end, roots: root, chain: leaf },
      crls: await makeList([], [], new Date(end)),
    },
    { name: 'the root revoked itself', at: now, roots: root, chain: leaf, crls: await makeList([], [1]) },
    { name: 'the leaf is revoked', at: now, roots: root, chain: leaf, crls: await makeList([], [2]) },
    {
      name: 'the CRL of the root covers only users',
      at: now,
      roots: root,
      chain: leaf,
      crls: await makeList([onlyUsers]),
    },
    { name: 'a self-signed leaf that is in a CRL', at: now, roots: root, chain: root, crls: await makeList([], [1]) },
    {
      ...{ name: 'a delta CRL', at: now, roots: root, chain: leaf },
      crls: await makeList([extension('2.5.29.27', derInteger(1), { critical: true })]),
    },
    {
      ...{ name: 'OCSP no check is critical', at: now, roots: root },
      chain: await makeLeaf([extension('1.3.6.1.5.5.7.48.1.5', derNull, { critical: true })]),
    },
    {
      ...{ name: 'an unknown extension is critical', at: now, roots: root },
      chain: await makeLeaf([extension('1.2.3.4', derTrue, { critical: true })]),
    },
    {
      ...{
        name: 'the minimum 0 of a subtree',
        at: now,
        roots: await constrained(name(0x82, 'a'), der(0x80, Uint8Array.of(0))),
      },
      chain: await named(name(0x82, 'a')),
    },
  ];
  const uris = [
    ...['http://example.com', 'http://user@example.com', 'http://user:p@example.com:80/', 'http://a@b@example.com'],
    ...['spiffe://example.com/a?b@c', 'http://example.com/a:b', 'http://example.com?a', 'http://example.com#a'],
    ...['http://example.com:80x', 'http://example.com:+80', 'http://example.com:', 'http://example.com:99999/'],
    ...[
      'http://a/@example.com',
      'a://b://example.com',
      '://example.com',
      'http:///x',
      'http://example.com\0x',
      'urn:x',
    ],
    ...['http://[example.com]', 'http://[::1'],
  ];
  const ofHost = await constrained(name(0x86, 'example.com'));
  for (const uri of uris) {
    cases.push({ name: `the URI ${JSON.stringify(uri)}`, at: now, roots: ofHost, chain: await named(name(0x86, uri)) });
  }
  const mailboxes = [
    ...(['a@example.com', 'a@sub.example.com', 'a@sub..example.com', 'example.com'] as const).map(
      (text) => [text, otherName('1.3.6.1.5.5.7.8.9', 0x0c, text)] as const,
    ),
    ['an IA5String', otherName('1.3.6.1.5.5.7.8.9', 0x16, 'a@example.com')],
    ['another type', otherName('1.2.3.4', 0x0c, 'a@example.com')],
  ] as const;
  for (const [base, tree] of [
    ...(['example.com', '.example.com', 'a@example.com'] as const).map((text) => [text, name(0x81, text)] as const),
    ['an otherName', otherName('1.2.3.4', 0x0c, 'a@example.com')],
  ] as const) {
    const roots = await constrained(tree);
    for (const [text, mailbox] of mailboxes) {
      cases.push({ name: `the mailbox ${text} and the base ${base}`, at: now, roots, chain: await named(mailbox) });
    }
  }
  return cases;
}
