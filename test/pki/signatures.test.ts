import assert from 'node:assert/strict';
import { constants, createPrivateKey, sign } from 'node:crypto';
import { test } from 'node:test';
import { Crypto } from '@peculiar/webcrypto';
import fc from 'fast-check';
import { type Bytes, joinBytes } from '../../src/asn1/bytes.ts';
import { der, derBitString, derInteger, derNull, derOid, derSequence, derTag } from '../../src/asn1/der.ts';
import { decodePem } from '../../src/asn1/pem.ts';
import { readBitString, readChildren, readDer } from '../../src/asn1/reader.ts';
import { certificatePem, readCertificate } from '../../src/pki/certificate/certificate.ts';
import {
  CertificateAuthority,
  checkRevocation,
  createPkcs12,
  PrivateKey,
  type Provider,
  type VerifyChainOptions,
  verifyChain,
} from '../../src/pki/index.ts';
import { signerOf } from '../../src/pki/keys/private-key.ts';
import { runs, seed } from '../property.ts';
import { openssl, opensslFiles, withoutOpenssl } from './openssl.ts';
import { buildOldOpenssl, verifyByOldOpenssl, withoutOldOpenssl } from './openssl-1.1.1.ts';

test('an ECDSA signature that is not DER is invalid, as it is for OpenSSL', { skip: withoutOpenssl }, async () => {
  const authority = await CertificateAuthority.create({ subject: 'CN=Authority' });
  const { certificate } = await authority.issueServerCertificate({ hosts: ['db'] });
  const [content, algorithm, value] = readChildren(readDer(readCertificate(certificate).der));
  const signature = readBitString(value!);
  const [r, s] = readChildren(readDer(signature)).map(({ bytes }) => bytes);
  const padded = joinBytes([Uint8Array.of(derTag.integer, r![1]! + 1, 0), r!.subarray(2)]);
  const spellings: Readonly<Record<string, readonly [Uint8Array, isOk: boolean]>> = {
    unchanged: [signature, true],
    'a length that is too small': [signature.map((octet, at) => (at === 1 ? octet - 0x20 : octet)), false],
    'a padded number': [derSequence(padded, s!), false],
    'a length in its long form': [joinBytes([Uint8Array.of(0x30, 0x81), signature.subarray(1)]), false],
    'a byte after the signature': [joinBytes([signature, Uint8Array.of(0)]), false],
    'a third number': [derSequence(r!, s!, s!), false],
  };
  for (const [name, [spelling, isOk]] of Object.entries(spellings)) {
    const pem = certificatePem(derSequence(content!.bytes, algorithm!.bytes, derBitString(spelling)));
    const { ok } = await verifyChain({ chain: pem, roots: authority.certificate, purpose: 'serverAuth' });
    const judge = openssl(['verify', '-CAfile', 'root', 'leaf'], { root: authority.certificate, leaf: pem });
    assert.deepEqual([ok, judge.ok], [isOk, isOk], `${name}: ${judge.output}`);
  }
});

/** Returns true if OpenSSL accepts the leaf at a security level. Level 0 accepts keys and hashes of any strength. */
function judge(roots: string, leaf: string, crl?: string, level = 0): boolean {
  const args = [
    'verify',
    '-auth_level',
    String(level),
    '-CAfile',
    'root',
    ...(crl ? ['-crl_check', '-CRLfile', 'l'] : []),
  ];
  return openssl([...args, 'leaf'], { root: roots, leaf, ...(crl && { l: crl }) }).output.trim() === 'leaf: OK';
}

async function verdict(roots: string, chain: string, provider: Provider = {}) {
  return verifyChain({ chain, roots, purpose: 'clientAuth', allowWeak: true, provider });
}

/** Splits a certificate into its DER parts, so that a test can join them with changes. */
function takeApart(pem: string): { fields: readonly Bytes[]; algorithm: Bytes; signature: Bytes } {
  const [content, algorithm, value] = readChildren(readDer(readCertificate(pem).der));
  return {
    fields: readChildren(content!).map(({ bytes }) => bytes),
    algorithm: algorithm!.bytes,
    signature: value!.bytes,
  };
}

/** DSA parameters with p of 2,048 bits and q of 256 bits. They are fixed, because generating them takes long. */
const dsaParameters = `-----BEGIN DSA PARAMETERS-----
MIICKQKCAQEA+NNy17q4EtJaaQ8jyPp2q2Xb4Iczyjn3fieHdvs7GJC+hzdFLC/+
GD9RbtuJGsnJdEr0TZqMHZT4hEPTQtydwIaLm824KlT8PV8k/eb7A9gz3F77e14g
nyr1W0xBPbwjqH5P/1yeVv1ICyuAEtOvsxyYKzrQpa0niTCLg3DDnEjy8U1MS4m2
K3iSnaj/mXV+t/G8xhSWitG5y2Kc+N66l3W5HA56JqK+SPiKFXRjR0MznWaDTIcN
IjyiV4RDhSjWNiyeymUEJDUmXlSEmQ2oC9oTMCjQoCjJT84d1hvDijlugQ3XtbCT
XW+ImcKbENF59+Q37tz0XxoAJOEh//4xmQIdAMCLWKZ6AUeIC+TMuyn57bxW+b88
78fEiZvNEm8CggEBAOy1r8Ip/MHjqiPw4ronxdu5yCKdZ4xRSTuyThC7tdYFmMgQ
260fPL8vbro6D7vJdBm70+cxNYxcJ5utOy111PyS0Y3O5DhaZRrVOkPaiQh1g+zx
3Vg4N8dwh9yQTsP98zq81us27Bn2X4S6YJAbi3IpOkjuwcwUP3WbFHgobGCo9Uic
kRALyg6VTpv28Q96kyhRRQQrVSO69XfcMpmpdZmau48TpgFL1dk1nRMV+flbp+Wr
FOjIJh3UkmSe5szprRGqL9wmReAv+BNgJurvIRu7iHXnvSkaUB06q6jDiep5KqRu
SwesSBB7MB285Ip9J0DFhiZRVENzfb7tKvR+s9k=
-----END DSA PARAMETERS-----
`;

const pss = (hash: string, salt: string, mask = hash) => [
  ...['-sigopt', 'rsa_padding_mode:pss', '-sigopt', `rsa_pss_saltlen:${salt}`],
  ...['-sigopt', `rsa_mgf1_md:${mask}`, `-${hash}`],
];
const rsa = (type = 'RSA', size = 2048) => ['genpkey', '-algorithm', type, '-pkeyopt', `rsa_keygen_bits:${size}`];
const ec = (curve = 'P-256', form = 'uncompressed') => {
  return ['ecparam', '-genkey', '-noout', '-name', curve, '-conv_form', form];
};
const dsa = ['genpkey', '-paramfile', 'dsa'];
const restricted = ['md:sha384', 'mgf1_md:sha384', 'saltlen:40'].flatMap((each) => [
  '-pkeyopt',
  `rsa_pss_keygen_${each}`,
]);

/**
 * The kinds of signature: for each, the arguments with which openssl makes the key, and the options with which it
 * signs.
 */
const kinds: readonly (readonly [key: readonly string[], signing: readonly string[]])[] = [
  ...['md5', 'sha1', 'ripemd160', 'sha224', 'sha256', 'sha384', 'sha512', 'sha512-224', 'sha512-256'].map(
    (hash) => [rsa(), [`-${hash}`]] as const,
  ),
  ...['sha3-224', 'sha3-256', 'sha3-384', 'sha3-512'].map((hash) => [rsa(), [`-${hash}`]] as const),
  ...['sha1', 'sha224', 'sha256', 'sha384', 'sha512', 'sha512-224', 'sha512-256'].map(
    (hash) => [rsa(), pss(hash, '20')] as const,
  ),
  ...['sha1', 'sha224', 'sha384', 'sha512', 'sha3-224', 'sha3-256', 'sha3-384', 'sha3-512'].map(
    (hash) => [ec(), [`-${hash}`]] as const,
  ),
  ...['sha1', 'sha224', 'sha256', 'sha384', 'sha512', 'sha3-256'].map((hash) => [dsa, [`-${hash}`]] as const),
  [rsa(), pss('sha256', '32', 'sha512')],
  [rsa(), pss('sha256', '32', 'sha1')],
  [rsa('RSA-PSS'), []],
  [rsa('RSA-PSS', 1024), []],
  [[...rsa('RSA-PSS'), ...restricted], []],
  [rsa('RSA', 1024), ['-sha256']],
  // OpenSSL 3 rounds the strength of an RSA key up, so 1963 bits are enough for level 2.
  [rsa('RSA', 1962), ['-sha256']],
  [rsa('RSA', 1963), ['-sha256']],
  [ec('P-384'), ['-sha256']],
  [ec('P-521'), ['-sha1']],
  [ec('P-256', 'compressed'), []],
  [ec('P-384', 'hybrid'), []],
  [ec('P-521', 'compressed'), []],
  [ec('secp256k1'), []],
  [ec('brainpoolP256r1'), []],
  [ec('secp224r1'), []],
  [ec('sect233k1'), []],
  [ec('prime192v1'), []],
  [['genpkey', '-algorithm', 'ed25519'], []],
  [['genpkey', '-algorithm', 'ed448'], []],
];

type SignedFiles = Readonly<Record<'c' | 'u' | 'l', string>>;
const madeFiles = new Map<(typeof kinds)[number], SignedFiles>();

/**
 * Returns a root, a certificate that the root issued, and a CRL of the root, with one kind of signature. OpenSSL makes
 * these files once for all tests.
 */
function make(kind: (typeof kinds)[number]): SignedFiles {
  const files = madeFiles.get(kind) ?? makeWithOpenssl(kind);
  madeFiles.set(kind, files);
  return files;
}

function makeWithOpenssl([kind, signing]: (typeof kinds)[number]): SignedFiles {
  const list = ['ca', '-gencrl', '-config', 'ca.conf', '-keyfile', 'k', '-cert', 'c', '-crldays', '9', '-out', 'l'];
  const hash = signing.find((word) => /^-(?:md|sha|ripe)/.test(word))?.slice(1);
  return opensslFiles(
    [
      [...kind, '-out', 'k'],
      ['req', '-x509', '-key', 'k', '-out', 'c', '-subj', '/CN=r', ...signing],
      ['req', '-new', '-nodes', '-newkey', 'ed25519', '-keyout', 'j', '-out', 'r', '-subj', '/CN=u'],
      ['x509', '-req', '-in', 'r', '-CA', 'c', '-CAkey', 'k', '-CAcreateserial', '-out', 'u', ...signing],
      [...list, ...signing.filter((word) => word !== `-${hash}`), '-md', hash ?? 'default'],
    ],
    ['c', 'u', 'l'],
    { dsa: dsaParameters, index: '', 'ca.conf': '[ca]\ndefault_ca=d\n[d]\ndatabase=index\ndefault_md=default\n' },
  ) as SignedFiles;
}

test('judges every kind of key and signature that OpenSSL makes as OpenSSL does, at levels 0 and 2', {
  skip: withoutOpenssl,
}, async () => {
  const counts = { good: 0, weak: 0, refused: 0 };
  for (const kind of kinds) {
    const { c, u, l } = make(kind);
    const what = `${kind[0].join(' ')} ${kind[1].join(' ')}`;
    const codes = async (chain: string, options: Partial<VerifyChainOptions> = {}) =>
      (await verifyChain({ chain, roots: c, purpose: 'clientAuth', allowWeak: true, ...options })).problems.map(
        ({ code }) => code,
      );
    const isGood = judge(c, u);
    const found = await codes(u);
    assert.deepEqual([...new Set(found)], isGood ? [] : ['signature-unsupported'], what);
    const isStrong = judge(c, u, undefined, 2);
    const weak = await codes(u, { allowWeak: false });
    assert.equal(weak.length === 0, isStrong, `${what}: ${weak}`);
    if (isGood)
      assert.ok(
        weak.every((code) => code.endsWith('-weak')),
        `${what}: ${weak}`,
      );
    counts[isStrong ? 'good' : isGood ? 'weak' : 'refused'] += 1;
    assert.equal((await codes(u, { crls: l })).length === 0, judge(c, u, l), what);
    // A changed signature of a known kind is reported as invalid, and not as unsupported.
    const { fields, algorithm, signature } = takeApart(u);
    const other = signature.map((octet, i) => (i === signature.length - 9 ? octet ^ 1 : octet));
    const forged = certificatePem(derSequence(derSequence(...fields), algorithm, other));
    assert.ok(!judge(c, forged), what);
    const invalid = [...new Set(await codes(forged))];
    assert.deepEqual(invalid, [isGood ? 'signature-invalid' : 'signature-unsupported'], what);
    // Without `node:crypto`, the library can verify fewer kinds of signature. For the kinds that it can verify, the
    // verdict must be the same.
    for (const crypto of [new Crypto(), { subtle: globalThis.crypto.subtle } as never]) {
      const alone = await codes(u, { provider: { crypto } });
      assert.ok(alone.length === 0 ? isGood : alone.every((code) => code === 'signature-unsupported'), what);
    }
  }
  assert.ok(counts.good > 20 && counts.weak > 5 && counts.refused > 5, JSON.stringify(counts));
});

test('OpenSSL 1.1.1 judges every kind of signature as its profile does', {
  skip: withoutOpenssl || withoutOldOpenssl,
}, async () => {
  const { program, remove } = buildOldOpenssl();
  try {
    for (const kind of kinds) {
      const { c, u } = make(kind);
      const { ok, problems } = await verifyChain({
        ...{ chain: u, roots: c, purpose: 'clientAuth' },
        ...{ allowWeak: true, openssl: '1.1.1' },
      });
      const { ok: expected, output } = verifyByOldOpenssl(program, { roots: c, u });
      assert.equal(ok, expected, `${kind.flat().join(' ')}: ${problems.map(({ code }) => code)} ${output}`);
    }
  } finally {
    remove();
  }
});

test('RSASSA-PSS is judged by all its parameters and by those of the key', { skip: withoutOpenssl }, async () => {
  const hashes: Readonly<Record<string, string>> = {
    ...{ md5: '1.2.840.113549.2.5', sha1: '1.3.14.3.2.26', ripemd160: '1.3.36.3.2.1' },
    ...{ sha256: '2.16.840.1.101.3.4.2.1', sha384: '2.16.840.1.101.3.4.2.2', 'sha3-256': '2.16.840.1.101.3.4.2.8' },
  };
  const name = derOid('1.2.840.113549.1.1.10');
  const parameters = (hash: string, salt: number, mask = hash) => {
    const [own, other] = [hash, mask].map((each) => derSequence(derOid(hashes[each]!), derNull));
    const masking = derSequence(derOid('1.2.840.113549.1.1.8'), other!);
    return derSequence(name, derSequence(der(0xa0, own!), der(0xa1, masking), der(0xa2, derInteger(salt))));
  };
  const key = await PrivateKey.generate('rsa-2048');
  const privateKey = createPrivateKey(key.toPem());
  const authority = await CertificateAuthority.create({ subject: 'CN=r', key });
  const root = takeApart(authority.certificate);
  const leaf = takeApart((await authority.issueClientCertificate({ user: 'u' })).certificate);
  const [, bits] = readChildren(readDer(signerOf(key).publicKey));
  const at = root.fields.findIndex((field) => Buffer.compare(field, signerOf(key).publicKey) === 0);
  let good = 0;
  for (const restriction of [undefined, name, ...[30, 33].map((salt) => parameters('sha256', salt))]) {
    const own =
      restriction === undefined
        ? signerOf(key).publicKey
        : derSequence(restriction.length > 20 ? restriction : derSequence(restriction), bits!.bytes);
    const roots = certificatePem(
      derSequence(derSequence(...root.fields.with(at, own)), root.algorithm, root.signature),
    );
    for (const [hash, salt] of [
      ...Object.keys(hashes).map((each) => [each, 20] as const),
      ...(['sha256', 'sha384'] as const).map((each) => [each, 32] as const),
    ]) {
      const algorithm = parameters(hash, salt);
      const content = derSequence(...leaf.fields.with(2, algorithm));
      const signature = sign(hash, content, {
        key: privateKey,
        padding: constants.RSA_PKCS1_PSS_PADDING,
        saltLength: salt,
      });
      for (const named of [algorithm, parameters(hash, salt + 1), parameters(hash, salt, 'sha384')]) {
        const chain = certificatePem(
          derSequence(derSequence(...leaf.fields.with(2, named)), named, derBitString(signature)),
        );
        const { ok, problems } = await verdict(roots, chain);
        const what = `${hash} ${salt} ${problems.map(({ code }) => code)}\n${roots}${chain}`;
        assert.equal(ok, judge(roots, chain), what);
        good += ok ? 1 : 0;
      }
    }
  }
  assert.ok(good > 4, String(good));
  for (const salt of [2 ** 31, 2 ** 40]) {
    const named = parameters('sha256', salt);
    const content = derSequence(...leaf.fields.with(2, named));
    const chain = certificatePem(derSequence(content, named, leaf.signature));
    assert.ok(!judge(authority.certificate, chain));
    for (const crypto of [undefined, new Crypto(), { subtle: globalThis.crypto.subtle } as never]) {
      const { problems } = await verdict(authority.certificate, chain, { crypto });
      assert.deepEqual(
        problems.map(({ code }) => code),
        ['signature-unsupported'],
        String(salt),
      );
    }
  }
});

test('judges damaged keys, algorithms and signatures as OpenSSL does, and no provider fails', {
  skip: withoutOpenssl,
}, async () => {
  const authorities = await Promise.all(
    (['ecdsa-p256', 'ecdsa-p521', 'ed25519', 'rsa-2048'] as const).map((keyAlgorithm) =>
      CertificateAuthority.create({ subject: 'CN=Authority', keyAlgorithm }),
    ),
  );
  const pairs = await Promise.all(
    authorities.map(async (authority) => {
      const { certificate } = await authority.issueClientCertificate({ user: 'u' });
      return { root: takeApart(authority.certificate), leaf: takeApart(certificate) };
    }),
  );
  const algorithms = [
    derSequence(derOid('1.2.3.4')),
    derSequence(derOid('1.2.840.113549.1.1.1'), derNull),
    derSequence(derOid('1.2.840.113549.1.1.10')),
    derSequence(derOid('1.2.840.113549.1.1.10'), derSequence()),
    derSequence(derOid('1.2.840.113549.1.1.11')),
    derSequence(derOid('1.2.840.113549.1.1.11'), derInteger(5)),
    derSequence(derOid('1.2.840.10045.4.3.2'), derNull),
    derSequence(derOid('1.2.840.10045.4.3.4')),
    derSequence(derOid('1.3.101.112')),
    derSequence(derOid('1.3.101.112'), derNull),
  ];
  const octets = fc.uint8Array({ maxLength: 70 }).map((bytes) => Uint8Array.from(bytes));
  const change = fc.oneof(
    fc.record({ part: fc.constant('key' as const), at: fc.nat(600), octet: fc.nat(255) }),
    fc.record({ part: fc.constant('whole key' as const), bytes: octets }),
    fc.record({ part: fc.constant('algorithm' as const), bytes: fc.constantFrom(...algorithms) }),
    fc.record({ part: fc.constant('signature' as const), bytes: octets.map((bytes) => der(derTag.bitString, bytes)) }),
  );
  let good = 0;
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...pairs), fc.array(change, { maxLength: 2 }), async (pair, changes) => {
      let { root, leaf } = pair;
      for (const one of changes) {
        if (one.part === 'signature') leaf = { ...leaf, signature: one.bytes };
        else if (one.part === 'algorithm') {
          leaf = { ...leaf, algorithm: one.bytes, fields: leaf.fields.with(2, one.bytes) };
        } else {
          const [identifier, bits] = readChildren(readDer(root.fields[6]!));
          const content = Uint8Array.from(bits!.content);
          if (one.part === 'key') content[1 + (one.at % (content.length - 1))] = one.octet;
          const whole = one.part === 'key' ? der(derTag.bitString, content) : derBitString(one.bytes);
          root = { ...root, fields: root.fields.with(6, derSequence(identifier!.bytes, whole)) };
        }
      }
      const [roots, chain] = [root, leaf].map(({ fields, algorithm, signature }) =>
        certificatePem(derSequence(derSequence(...fields), algorithm, signature)),
      );
      for (const provider of [{}, { crypto: globalThis.crypto }, { crypto: new Crypto() }]) {
        const { ok, problems } = await verdict(roots!, chain!, provider);
        assert.equal(ok, judge(roots!, chain!), `${problems.map(({ code }) => code)}\n${roots}${chain}`);
        good += ok ? 1 : 0;
      }
    }),
    { numRuns: runs(100), seed },
  );
  assert.ok(good > 0);
});

test('structures of any size verify: the signature covers their original bytes', {
  skip: withoutOpenssl,
}, async () => {
  const authority = await CertificateAuthority.create({ subject: 'CN=Authority' });
  const roots = authority.certificate;
  const hosts = Array.from({ length: 12_000 }, (_, i) => `host-${i}.example.com`);
  const { chain } = await authority.issueServerCertificate({ hosts });
  assert.ok(openssl(['verify', '-CAfile', 'root', 'leaf'], { root: roots, leaf: chain }).ok);
  assert.deepEqual((await verifyChain({ chain, roots, purpose: 'serverAuth' })).problems, []);
  assert.ok(await authority.hasIssued(chain));
  for (const count of [3_320, 3_337, 40_000]) {
    const revoked = Array.from({ length: count }, (_, i) => ({ serialNumber: (i + 1).toString(16).padStart(8, '0') }));
    const { crl } = await authority.issueCrl({ revoked });
    assert.ok(openssl(['crl', '-noout', '-CAfile', 'root', '-in', 'crl'], { root: roots, crl }).ok);
    assert.deepEqual(await checkRevocation({ authorities: roots, crls: crl }), []);
    assert.equal((await authority.issueCrl({ previous: crl })).number, '2');
  }
});

test('a failing provider is an error of its own, and never a verdict', async () => {
  const { certificate } = await CertificateAuthority.create({ subject: 'CN=Authority' });
  const authority = await CertificateAuthority.create({ subject: 'CN=Authority', keyAlgorithm: 'rsa-2048' });
  const { chain, privateKey } = await authority.issueClientCertificate({ user: 'u' });
  const { crl } = await authority.issueCrl();
  const roots = authority.certificate;
  const stored = { certificate: roots, privateKey: authority.privateKey.toPem() };
  const [pem, passphrase] = [privateKey.toPem(), 'changeit'];
  type Call = (provider: Provider) => Promise<unknown>;
  const verify: Call = (provider) => verifyChain({ chain, roots, purpose: 'clientAuth', provider });
  const revocation: Call = (provider) => checkRevocation({ authorities: roots, crls: crl, provider });
  const create: Call = (provider) => CertificateAuthority.create({ subject: 'CN=Other', provider });
  const load: Call = (provider) => CertificateAuthority.load({ ...stored, provider });
  const read: Call = (provider) => PrivateKey.read(pem, { provider });
  const encrypt: Call = async (provider) => ((await read(provider)) as PrivateKey).toEncryptedPem(passphrase);
  const pkcs12: Call = (provider) => createPkcs12({ privateKey: pem, certificates: chain, passphrase, provider });
  const calls: Readonly<Record<string, readonly Call[]>> = {
    verify: [verify, revocation],
    importKey: [verify, revocation, load, read],
    exportKey: [create, load, read],
    sign: [create, pkcs12],
    generateKey: [create],
    deriveBits: [encrypt, pkcs12],
    encrypt: [encrypt, pkcs12],
    digest: [pkcs12],
  };
  const real = globalThis.crypto.subtle as never as Record<string, (...args: unknown[]) => unknown>;
  for (const [operation, functions] of Object.entries(calls)) {
    for (const cause of [
      new Error('The device was removed'),
      new DOMException('No key slot', 'OperationError'),
      'text',
    ]) {
      const subtle = new Proxy(real, {
        get: (_, name: string) =>
          name === operation ? () => Promise.reject(cause) : real[name]!.bind(globalThis.crypto.subtle),
      });
      const provider = { crypto: { subtle, getRandomValues: (bytes: Bytes) => bytes } as never };
      for (const call of functions) {
        await assert.rejects(call(provider), { code: 'provider-failed', cause }, `${operation} in ${call}`);
      }
    }
  }
  assert.ok(!(await authority.hasIssued(certificate)));
});

test('a damaged private key is a verdict, whichever provider reads it', async () => {
  const damaged = decodePem((await PrivateKey.generate()).toPem())[0]!.der;
  damaged[damaged.length - 1]! ^= 1;
  const crypto = { subtle: globalThis.crypto.subtle, getRandomValues: (bytes: Bytes) => bytes } as never;
  for (const provider of [{}, { crypto }]) {
    await assert.rejects(PrivateKey.read(damaged, { provider }), { code: 'private-key-invalid' });
  }
});
