import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { der, derSequence, derTag } from '../../src/asn1/der.ts';
import { decodePem, encodePem } from '../../src/asn1/pem.ts';
import { readChildren, readDer } from '../../src/asn1/reader.ts';
import {
  authorityKeyIdentifier,
  basicConstraints,
  extension,
  extensionOid,
} from '../../src/pki/certificate/extensions.ts';
import { keyIdentifier } from '../../src/pki/certificate/issuer.ts';
import { keyUsage } from '../../src/pki/certificate/key-usage.ts';
import { CertificateAuthority, inspectCertificate, PrivateKey, verifyChain } from '../../src/pki/index.ts';
import { signerOf } from '../../src/pki/keys/private-key.ts';
import { endsSoon } from '../ends-soon.ts';
import { forge, forgeList } from '../pki/forge.ts';
import { openssl, withoutOpenssl } from '../pki/openssl.ts';

const authority = [basicConstraints({ isCa: true }), keyUsage(['keyCertSign', 'cRLSign'])];
const [oldKey, newKey, leafKey] = (await Promise.all([1, 2, 3].map(() => PrivateKey.generate()))) as [
  PrivateKey,
  PrivateKey,
  PrivateKey,
];
const serialNumber = Uint8Array.of(0x22);
const ca = (key: PrivateKey, issuerKey = key) =>
  forge({ subject: 'CN=CA', issuer: 'CN=CA', key, issuerKey, extensions: authority });
const leafOf = (issuerKey: PrivateKey, more: object = {}) =>
  forge({ subject: 'CN=alice', issuer: 'CN=CA', key: leafKey, issuerKey, serialNumber, extensions: [], ...more });

interface Files {
  readonly roots: string;
  readonly chain: string;
  readonly crls?: string;
}

/**
 * Returns the codes of the problems that the library finds in a chain, and checks that OpenSSL finds a problem exactly
 * if the library does.
 */
async function codesOf({ roots, chain, crls }: Files): Promise<readonly string[]> {
  const { ok, problems } = await verifyChain({ chain, roots, purpose: 'clientAuth', ...(crls && { crls }) });
  const args = ['verify', '-purpose', 'sslclient', '-auth_level', '2', '-CAfile', 'roots', '-untrusted', 'chain'];
  const revocation = crls === undefined ? [] : ['-crl_check_all', '-CRLfile', 'crls'];
  const { output } = openssl([...args, ...revocation, 'chain'], { roots, chain, ...(crls && { crls }) });
  const codes = problems.map(({ code }) => code);
  assert.equal(ok, output.trim() === 'chain: OK', `${codes.join()} | ${output}`);
  return codes;
}

describe('judges chains that were once judged wrongly as OpenSSL does', { skip: withoutOpenssl }, () => {
  test('a CA with a key of another type under its old name, and a leaf without key identifiers', async () => {
    const rsaKey = await PrivateKey.generate('rsa-2048');
    const [rsa, ecdsa] = await Promise.all([rsaKey, newKey].map((key) => ca(key)));
    for (const roots of [rsa! + ecdsa!, ecdsa! + rsa!]) {
      for (const issuerKey of [rsaKey, newKey]) {
        const chain = await leafOf(issuerKey, { withoutIdentifiers: true });
        assert.deepEqual(await codesOf({ roots, chain }), []);
      }
    }
  });

  test('a leaf by the old key of a CA, a certificate of the old key by the new key, and one CRL by the new key', async () => {
    const roots = await ca(newKey);
    const oldWithNew = await ca(oldKey, newKey);
    const leaf = await leafOf(oldKey);
    const chain = leaf + oldWithNew;
    const list = { issuer: 'CN=CA', issuerKey: newKey, thisUpdate: new Date(Date.now() - 1e6) };
    const extensions = [authorityKeyIdentifier(keyIdentifier(signerOf(newKey).publicKey))];
    assert.deepEqual(await codesOf({ roots, chain }), []);
    assert.deepEqual(await codesOf({ roots, chain, crls: await forgeList({ ...list, revoked: [], extensions }) }), []);
    const revoking = await forgeList({ ...list, revoked: [{ serialNumber }], extensions });
    assert.deepEqual(await codesOf({ roots, chain, crls: revoking }), ['revoked']);
    // If the CRL has no authority key identifier, OpenSSL takes it for a CRL of the leaf's issuer, which has the old
    // key.
    const nameless = await forgeList({ ...list, revoked: [], extensions: [] });
    assert.deepEqual(await codesOf({ roots, chain, crls: nameless }), ['crl-not-signed']);
    // If the root with the old key is trusted, the path does not contain the certificate with the new key.
    const codes = await codesOf({ roots: await ca(oldKey), chain, crls: revoking });
    assert.deepEqual([...new Set(codes)], ['crl-missing']);
  });

  test('a missing issuer has the cause that the certificates with the name of the issuer show', async () => {
    const [constraints] = authority;
    const rsa = await ca(await PrivateKey.generate('rsa-2048'));
    const leaf = await leafOf(oldKey);
    const named = (extensions: Parameters<typeof forge>[0]['extensions']) =>
      forge({ subject: 'CN=CA', issuer: 'CN=CA', key: oldKey, issuerKey: oldKey, extensions });
    const likeItsCa = await leafOf(oldKey, { subject: 'CN=CA' });
    for (const [roots, chain, cause] of [
      [await named([constraints!, constraints!]), leaf, /has a malformed extension$/],
      [rsa, await leafOf(oldKey, { withoutIdentifiers: true }), /has a key of another type than the signature$/],
      [await ca(newKey), leaf, /may belong to an older or newer CA$/],
      [
        (await CertificateAuthority.create({ subject: 'CN=R' })).certificate,
        likeItsCa,
        /: give the certificate of the CA$/,
      ],
    ] as const) {
      assert.deepEqual(await codesOf({ roots, chain }), ['issuer-missing']);
      const { problems } = await verifyChain({ chain, roots, purpose: 'clientAuth' });
      assert.match(problems[0]!.message, cause);
    }
    assert.deepEqual(await codesOf({ roots: await ca(oldKey), chain: likeItsCa }), []);
    const roots = await named([constraints!, keyUsage(['cRLSign'])]);
    const { problems } = await verifyChain({ chain: leaf, roots, purpose: 'clientAuth', openssl: '1.1.1' });
    assert.match(problems[0]!.message, /lacks the key usage keyCertSign$/);
  });

  test('a malformed certificate among the roots, which is not on the path', async () => {
    const root = await ca(oldKey);
    const chain = await leafOf(oldKey);
    const stranger = (extensions: Parameters<typeof forge>[0]['extensions']) =>
      forge({ subject: 'CN=Stranger', issuer: 'CN=Stranger', key: newKey, issuerKey: newKey, extensions });
    const [constraints] = authority;
    const malformed = [
      await stranger([constraints!, constraints!]),
      await stranger([...authority, extension(extensionOid.subjectAltName, new Uint8Array())]),
      await stranger([...authority, extension(extensionOid.subjectAltName, derSequence())]),
      withTwoAlgorithms(await stranger(authority)),
    ];
    for (const one of malformed) {
      for (const roots of [root + one, one + root]) assert.deepEqual(await codesOf({ roots, chain }), []);
    }
  });

  test('a CRL whose signature has unused bits', async () => {
    const roots = await ca(oldKey);
    const chain = await leafOf(oldKey);
    const list = { issuer: 'CN=CA', issuerKey: oldKey, thisUpdate: new Date(Date.now() - 1e6), extensions: [] };
    const crl = await forgeList({ ...list, revoked: [] });
    assert.deepEqual(await codesOf({ roots, chain, crls: crl }), []);
    const [content, algorithm, signature] = readChildren(readDer(decodePem(crl)[0]!.der));
    for (const unused of [1, 3, 7]) {
      const bits = Uint8Array.from(signature!.content);
      bits[0] = unused;
      const whole = derSequence(content!.bytes, algorithm!.bytes, der(derTag.bitString, bits));
      const codes = await codesOf({ roots, chain, crls: encodePem('X509 CRL', whole) });
      assert.deepEqual([...new Set(codes)], ['crl-not-signed'], String(unused));
    }
  });

  test('a subject of 20,000 attributes, in as many levels and in one level', async () => {
    const attributes = Array.from({ length: 20_000 }, (_, i) => ({ type: 'OU', value: `u${i}` }));
    for (const subject of [attributes.map((one) => [one]), [attributes]] as const) {
      const large = await CertificateAuthority.create({ subject });
      assert.equal(inspectCertificate(large.certificate).subject.flat().length, 20_000);
      const { chain } = await large.issueClientCertificate({ user: 'alice' });
      assert.deepEqual(await codesOf({ roots: large.certificate, chain }), []);
    }
  });

  test('name constraints that OpenSSL does not compare, because there are too many', async () => {
    const count = 1100;
    const trees = Array.from({ length: count }, (_, i) => derSequence(der(0x82, new TextEncoder().encode(`${i}.a`))));
    const constraints = extension(extensionOid.nameConstraints, derSequence(der(0xa1, ...trees)), { critical: true });
    const root = await forge({
      subject: 'CN=CA',
      issuer: 'CN=CA',
      key: oldKey,
      issuerKey: oldKey,
      extensions: [...authority, constraints],
    });
    for (const [names, expected] of [
      [900, []],
      [1000, ['names-too-many']],
    ] as const) {
      const hosts = Array.from({ length: names }, (_, i) => der(0x82, new TextEncoder().encode(`h${i}.b`)));
      const chain = await leafOf(oldKey, {
        extensions: [extension(extensionOid.subjectAltName, derSequence(...hosts))],
      });
      assert.deepEqual(await endsSoon(() => codesOf({ roots: root, chain })), expected);
    }
  });
});

test('a leaf whose validity would end after its CA ends with the CA', async () => {
  let now = Date.now();
  const provider = { now: () => new Date(now) };
  const short = await CertificateAuthority.create({ subject: '/CN=CA', validity: { days: 1 }, provider });
  now += 1500;
  const end = inspectCertificate(short.certificate).notAfter;
  const issued = [
    await short.issueClientCertificate({ user: 'alice', validity: { days: 1 } }),
    await short.issueServerCertificate({ hosts: ['db'], validity: { days: 1 } }),
    await short.issueIntermediateAuthority({ subject: '/CN=Middle', validity: { days: 1 } }),
  ];
  for (const one of issued) assert.deepEqual(inspectCertificate(one.certificate).notAfter, end);
});

/**
 * Returns the certificate with a changed signature algorithm outside the signed part, so that it names two different
 * algorithms.
 */
function withTwoAlgorithms(pem: string): string {
  const [content, algorithm, signature] = readChildren(readDer(decodePem(pem)[0]!.der));
  const other = Uint8Array.from(algorithm!.bytes);
  // This changes the object identifier from ecdsa-with-SHA256 to ecdsa-with-SHA384.
  other[other.length - 1]! ^= 1;
  return encodePem('CERTIFICATE', derSequence(content!.bytes, other, signature!.bytes));
}
