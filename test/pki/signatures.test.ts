import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Crypto } from '@peculiar/webcrypto';
import fc from 'fast-check';
import { type Bytes, joinBytes } from '../../src/asn1/bytes.ts';
import { der, derBitString, derInteger, derNull, derOid, derSequence, derTag } from '../../src/asn1/der.ts';
import { readBitString, readChildren, readDer } from '../../src/asn1/reader.ts';
import { certificatePem, readCertificate } from '../../src/pki/certificate/certificate.ts';
import { CertificateAuthority, checkRevocation, type Provider, verifyChain } from '../../src/pki/index.ts';
import { runs, seed } from '../property.ts';
import { openssl, opensslFiles, withoutOpenssl } from './openssl.ts';

test('an ECDSA signature in another encoding than DER is none, as to OpenSSL', { skip: withoutOpenssl }, async () => {
  const authority = await CertificateAuthority.create({ subject: 'CN=Authority' });
  const { certificate } = await authority.issueServerCertificate({ hosts: ['db'] });
  const [content, algorithm, value] = readChildren(readDer(readCertificate(certificate).der));
  const signature = readBitString(value!);
  const [r, s] = readChildren(readDer(signature)).map(({ bytes }) => bytes);
  const padded = joinBytes([Uint8Array.of(derTag.integer, r![1]! + 1, 0), r!.subarray(2)]);
  const spellings: Readonly<Record<string, readonly [Uint8Array, isOk: boolean]>> = {
    'as it was': [signature, true],
    'a length that is too small': [signature.map((octet, at) => (at === 1 ? octet - 0x20 : octet)), false],
    'a padded number': [derSequence(padded, s!), false],
    'a length in its long form': [joinBytes([Uint8Array.of(0x30, 0x81), signature.subarray(1)]), false],
    'something behind it': [joinBytes([signature, Uint8Array.of(0)]), false],
    'a third number': [derSequence(r!, s!, s!), false],
  };
  for (const [name, [spelling, isOk]] of Object.entries(spellings)) {
    const pem = certificatePem(derSequence(content!.bytes, algorithm!.bytes, derBitString(spelling)));
    const { ok } = await verifyChain({ chain: pem, roots: authority.certificate, purpose: 'serverAuth' });
    const judge = openssl(['verify', '-CAfile', 'root', 'leaf'], { root: authority.certificate, leaf: pem });
    assert.deepEqual([ok, judge.ok], [isOk, isOk], `${name}: ${judge.output}`);
  }
});

/** Whether OpenSSL verifies the leaf. Level 0, so that it says nothing of strength. */
function judge(roots: string, leaf: string): boolean {
  return openssl(['verify', '-auth_level', '0', '-CAfile', 'root', 'leaf'], { root: roots, leaf }).ok;
}

async function verdict(roots: string, chain: string, provider: Provider = {}) {
  return verifyChain({ chain, roots, purpose: 'clientAuth', allowWeak: true, provider });
}

/** The parts of a certificate, to put together again with changes. */
function takeApart(pem: string): { fields: readonly Bytes[]; algorithm: Bytes; signature: Bytes } {
  const [content, algorithm, value] = readChildren(readDer(readCertificate(pem).der));
  return {
    fields: readChildren(content!).map(({ bytes }) => bytes),
    algorithm: algorithm!.bytes,
    signature: value!.bytes,
  };
}

test('every kind of key and signature that OpenSSL makes verifies, or is told to be of an unknown kind', {
  skip: withoutOpenssl,
}, async () => {
  const pss = (hash: string, salt: string, mask = hash) => [
    ...['-sigopt', 'rsa_padding_mode:pss', '-sigopt', `rsa_pss_saltlen:${salt}`],
    ...['-sigopt', `rsa_mgf1_md:${mask}`, `-${hash}`],
  ];
  const rsa = (type: string) => ['genpkey', '-algorithm', type, '-pkeyopt', 'rsa_keygen_bits:2048'];
  const ec = (curve: string, form = 'uncompressed') => {
    return ['ecparam', '-genkey', '-noout', '-name', curve, '-conv_form', form];
  };
  const codes: string[] = [];
  for (const [kind, options, isSupported] of [
    [rsa('RSA'), ['-sha256'], true],
    [rsa('RSA'), ['-sha384'], true],
    [rsa('RSA'), ['-sha512'], true],
    [rsa('RSA'), ['-sha1'], true],
    [rsa('RSA'), ['-sha224'], false],
    [rsa('RSA'), ['-sha3-256'], false],
    [rsa('RSA'), pss('sha256', '32'), true],
    [rsa('RSA'), pss('sha512', '20'), true],
    [rsa('RSA'), pss('sha1', '20'), true],
    [rsa('RSA'), pss('sha256', '32', 'sha512'), false],
    [rsa('RSA-PSS'), [], true],
    [ec('P-256'), ['-sha512'], true],
    [ec('P-384'), ['-sha256'], true],
    [ec('P-521'), ['-sha1'], true],
    [ec('P-256'), ['-sha224'], false],
    [ec('P-256', 'compressed'), [], true],
    [ec('P-384', 'hybrid'), [], true],
    [ec('P-521', 'compressed'), [], true],
    [ec('secp256k1'), [], true],
    [ec('brainpoolP256r1'), [], true],
    [ec('secp224r1'), [], false],
    [['genpkey', '-algorithm', 'ed25519'], [], true],
    [['genpkey', '-algorithm', 'ed448'], [], true],
  ] as const) {
    const files = opensslFiles(
      [
        [...kind, '-out', 'k'],
        ['req', '-x509', '-key', 'k', '-out', 'c', '-subj', '/CN=r', ...options],
        ['req', '-new', '-nodes', '-newkey', 'ed25519', '-keyout', 'l', '-out', 'r', '-subj', '/CN=u'],
        ['x509', '-req', '-in', 'r', '-CA', 'c', '-CAkey', 'k', '-CAcreateserial', '-out', 'u', ...options],
      ],
      ['c', 'u'],
    );
    const what = `${kind.join(' ')} ${options.join(' ')}`;
    assert.ok(judge(files.c!, files.u!), what);
    const { problems } = await verdict(files.c!, files.u!);
    assert.deepEqual(
      problems.map(({ code }) => code),
      isSupported ? [] : ['signature-unsupported'],
      what,
    );
    codes.push(...problems.map(({ code }) => code));
    // The WebCrypto of Node knows fewer kinds, and is no worse for those.
    const native = await verdict(files.c!, files.u!, { crypto: globalThis.crypto });
    assert.ok(native.ok || native.problems.every(({ code }) => code === 'signature-unsupported'), what);
    // Another signature is wrong and no more.
    const { fields, algorithm, signature } = takeApart(files.u!);
    const other = signature.map((octet, i) => (i === signature.length - 9 ? octet ^ 1 : octet));
    const forged = certificatePem(derSequence(derSequence(...fields), algorithm, other));
    assert.ok(!judge(files.c!, forged), what);
    assert.deepEqual(
      (await verdict(files.c!, forged)).problems.map(({ code }) => code),
      [isSupported ? 'signature-invalid' : 'signature-unsupported'],
      what,
    );
  }
  assert.ok(codes.length > 0);
});

test('damaged keys, algorithms and signatures are judged as by OpenSSL, and fail no provider', {
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

test('structures of any size verify: the signature covers their bytes as they stand', {
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

test('a provider that fails is an error of its own, and never a verdict', async () => {
  const { certificate } = await CertificateAuthority.create({ subject: 'CN=Authority' });
  const authority = await CertificateAuthority.create({ subject: 'CN=Authority', keyAlgorithm: 'rsa-2048' });
  const { chain } = await authority.issueClientCertificate({ user: 'u' });
  const { crl } = await authority.issueCrl();
  const broken = new Error('The device was removed');
  const fail = () => Promise.reject(broken);
  for (const operation of ['verify', 'importKey', 'sign', 'generateKey'] as const) {
    const real = globalThis.crypto.subtle as never as Record<string, (...args: unknown[]) => unknown>;
    const subtle = new Proxy(real, {
      get: (_, name: string) => (name === operation ? fail : real[name]!.bind(globalThis.crypto.subtle)),
    });
    const provider = { crypto: { subtle, getRandomValues: (bytes: Bytes) => bytes } as never };
    const expected = { code: 'provider-failed', cause: broken };
    if (operation === 'sign' || operation === 'generateKey') {
      await assert.rejects(CertificateAuthority.create({ subject: 'CN=Other', provider }), expected, operation);
    } else {
      const roots = authority.certificate;
      await assert.rejects(verifyChain({ chain, roots, purpose: 'clientAuth', provider }), expected, operation);
      await assert.rejects(checkRevocation({ authorities: roots, crls: crl, provider }), expected, operation);
    }
  }
  assert.ok(!(await authority.hasIssued(certificate)));
});
