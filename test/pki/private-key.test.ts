import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createPrivateKey, generateKeyPairSync, type KeyObject, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { createSecureContext } from 'node:tls';
import { inspect } from 'node:util';
import { joinBytes } from '../../src/asn1/bytes.ts';
import { derInteger, derSequence } from '../../src/asn1/der.ts';
import { encodePem } from '../../src/asn1/pem.ts';
import { provesKey } from '../../src/pki/certificate/matches-key.ts';
import { CertificateAuthority, createPkcs12, keyAlgorithmNames, matchesKey, PrivateKey } from '../../src/pki/index.ts';
import { repositoryRoot } from '../repository.ts';
import { forge } from './forge.ts';
import { openssl, opensslFiles, withoutOpenssl } from './openssl.ts';

const providers = [{}, { crypto: globalThis.crypto }];

function sameKey(pem: string, judge: KeyObject): void {
  const der = (key: KeyObject) => key.export({ type: 'pkcs8', format: 'der' }).toString('hex');
  assert.equal(der(createPrivateKey(pem)), der(judge));
}

/** One key of each kind, generated once for all tests, because generating keys takes most of the time. */
const made = [
  generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  generateKeyPairSync('ec', { namedCurve: 'P-384' }),
  generateKeyPairSync('ec', { namedCurve: 'P-521' }),
  generateKeyPairSync('rsa', { modulusLength: 2048 }),
  generateKeyPairSync('ed25519'),
].map(({ privateKey }) => privateKey);

describe('reading', () => {
  test('reads PKCS#8, PKCS#1 and SEC1, as PEM and DER, with both providers', async () => {
    for (const provider of providers) {
      for (const key of made) {
        const traditional = { ec: 'sec1', rsa: 'pkcs1', ed25519: 'pkcs8' }[key.asymmetricKeyType as 'ec'] as 'sec1';
        for (const type of new Set(['pkcs8', traditional] as const)) {
          sameKey((await PrivateKey.read(key.export({ type, format: 'pem' }), { provider })).toPem(), key);
          sameKey((await PrivateKey.read(key.export({ type, format: 'der' }), { provider })).toPem(), key);
          const bytes = Buffer.from(key.export({ type, format: 'pem' }));
          sameKey((await PrivateKey.read(bytes, { provider })).toPem(), key);
        }
      }
    }
  });

  test('says the kind of the key', async () => {
    const kinds = await Promise.all(
      made.map(async (key) => (await PrivateKey.read(key.export({ type: 'pkcs8', format: 'pem' }))).algorithm),
    );
    assert.deepEqual(kinds, ['ecdsa-p256', 'ecdsa-p384', 'ecdsa-p521', 'rsa-2048', 'ed25519']);
  });

  test('reads encrypted keys, PKCS#8 and traditional, with the ciphers that OpenSSL offers', async () => {
    const passphrase = 'pässword with blank';
    const [ec, , , rsa] = made;
    for (const cipher of ['aes-256-cbc', 'aes-128-cbc', 'des-ede3-cbc'] as const) {
      const inputs = [
        rsa!.export({ type: 'pkcs8', format: 'pem', cipher, passphrase }),
        rsa!.export({ type: 'pkcs8', format: 'der', cipher, passphrase }),
        rsa!.export({ type: 'pkcs1', format: 'pem', cipher, passphrase }),
      ];
      for (const input of inputs) {
        sameKey((await PrivateKey.read(input, { passphrase })).toPem(), rsa!);
        await assert.rejects(PrivateKey.read(input, { passphrase: 'wrong' }), { code: 'passphrase-wrong' });
        const code = typeof input === 'string' ? 'passphrase-missing' : 'private-key-invalid';
        await assert.rejects(PrivateKey.read(input), { code });
      }
      const sec1 = ec!.export({ type: 'sec1', format: 'pem', cipher, passphrase });
      sameKey((await PrivateKey.read(sec1, { passphrase })).toPem(), ec!);
    }
  });

  test('distinguishes a cipher that OpenSSL 3 no longer opens from a wrong passphrase', async () => {
    // Made by: openssl pkcs8 -topk8 -v1 PBE-MD5-DES -provider legacy -provider default -passout pass:x
    const old = readFileSync(join(repositoryRoot, 'fixtures/pki/pbe-md5-des.key'), 'utf8');
    await assert.rejects(PrivateKey.read(old, { passphrase: 'x' }), { code: 'key-algorithm-unsupported' });
    await assert.rejects(PrivateKey.read(old), { code: 'passphrase-missing' });
  });

  test('ignores a passphrase that is not needed', async () => {
    const pem = made[3]!.export({ type: 'pkcs1', format: 'pem' });
    sameKey((await PrivateKey.read(pem, { passphrase: 'x' })).toPem(), made[3]!);
  });

  test('says why it cannot read a key, and never shows it', async () => {
    const pem = String(made[0]!.export({ type: 'pkcs8', format: 'pem' }));
    const body = pem.split('\n')[1]!;
    for (const [source, code] of [
      ['', 'private-key-invalid'],
      ['no key', 'private-key-invalid'],
      [pem.replace('MIG', 'MIX'), 'private-key-invalid'],
      [pem.slice(0, 100), 'private-key-invalid'],
      [`-----BEGIN PRIVATE KEY-----\n${body}\n-----END PRIVATE KEY-----\n`, 'private-key-invalid'],
      [`-----BEGIN RSA PRIVATE KEY-----\n${body}\n-----END RSA PRIVATE KEY-----\n`, 'private-key-invalid'],
      [new Uint8Array(), 'private-key-invalid'],
      [Buffer.from('junk'), 'private-key-invalid'],
      [
        generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).privateKey.export({ type: 'pkcs8', format: 'pem' }),
        'key-algorithm-unsupported',
      ],
      [generateKeyPairSync('ed448').privateKey.export({ type: 'pkcs8', format: 'pem' }), 'key-algorithm-unsupported'],
    ] as const) {
      await assert.rejects(PrivateKey.read(source), (error: Error & { code?: string }) => {
        assert.equal(error.code, code, String(source));
        assert.ok(!inspect(error, { depth: 9 }).includes(body));
        return true;
      });
    }
  });

  test('rejects RSA under 2048 bits, unless the key is only inspected', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
    const pem = String(privateKey.export({ type: 'pkcs8', format: 'pem' }));
    await assert.rejects(PrivateKey.read(pem), { code: 'key-weak' });
    assert.equal((await PrivateKey.read(pem, { allowWeak: true })).algorithm, 'rsa-1024');
    const authority = await CertificateAuthority.create({ subject: 'CN=r' });
    await assert.rejects(authority.issueClientCertificate({ user: 'u', key: pem }), { code: 'key-weak' });
    await assert.rejects(CertificateAuthority.create({ subject: 'CN=r', key: pem }), { code: 'key-weak' });
    const weak = await PrivateKey.read(pem, { allowWeak: true });
    await assert.rejects(authority.issueClientCertificate({ user: 'u', key: weak }), { code: 'key-weak' });
    assert.ok(publicKey);
  });

  test('a key of any kind, form and strength proves that it belongs to a certificate', async () => {
    const weak = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey;
    const keys = [
      await PrivateKey.read(String(weak.export({ type: 'pkcs8', format: 'pem' })), { allowWeak: true }),
      ...(await Promise.all(
        (['ecdsa-p256', 'ecdsa-p521', 'rsa-2048', 'ed25519'] as const).map((kind) => PrivateKey.generate(kind)),
      )),
    ];
    for (const [i, key] of keys.entries()) {
      const certificate = await forge({ subject: 'CN=x', issuer: 'CN=x', key, issuerKey: key, extensions: [] });
      assert.equal(await provesKey(certificate, key.toPem(), {}), true, key.algorithm);
      assert.equal(await provesKey(certificate, keys.at(i - 1)!.toPem(), {}), false, key.algorithm);
      if (i > 0) continue;
      const encrypted = await key.toEncryptedPem('secret');
      assert.equal(await provesKey(certificate, encrypted, { passphrase: 'secret' }), true);
    }
  });

  test('rejects RSA over 16384 bits, and RSA with a longer exponent, before it computes', async () => {
    const number = (bits: number) => derInteger(Uint8Array.from({ length: bits / 8 }, () => 0xff));
    const hostile = (modulus: number, exponent: number) => {
      const numbers = [
        number(modulus),
        derInteger(Uint8Array.of(1, 0, 1)),
        number(exponent),
        ...Array(5).fill(number(1024)),
      ];
      return encodePem('RSA PRIVATE KEY', derSequence(derInteger(0), ...numbers));
    };
    for (const [modulus, exponent, message] of [
      [16392, 2048, /RSA with 16392 bits\./],
      [65536, 65536, /RSA with 65536 bits\./],
      [2048, 1_000_000, /RSA with 2048 bits, and another of its numbers has 1000000 bits\./],
    ] as const) {
      const code = 'key-algorithm-unsupported';
      await assert.rejects(PrivateKey.read(hostile(modulus, exponent)), { code, message });
    }
    assert.equal((await PrivateKey.read(hostile(16384, 16384))).algorithm, 'rsa-16384');
    // The numbers are more than the arguments that a call can have.
    const numbers = joinBytes([number(2048), derInteger(65537), number(2048), ...Array(200_000).fill(derInteger(1))]);
    const many = encodePem('RSA PRIVATE KEY', derSequence(derInteger(0), numbers));
    await assert.rejects(PrivateKey.read(many), { code: 'private-key-invalid' });
  });

  test('rejects an unknown kind to generate', async () => {
    for (const algorithm of ['rsa-1024', 'ecdsa', 'toString', '']) {
      await assert.rejects(PrivateKey.generate(algorithm as never), { code: 'key-algorithm-unsupported' });
    }
  });
});

describe('writing', () => {
  test('writes PKCS#8 as PEM and DER in the bytes that OpenSSL writes', async () => {
    for (const provider of providers) {
      for (const key of made) {
        const read = await PrivateKey.read(key.export({ type: 'pkcs8', format: 'pem' }), { provider });
        assert.equal(read.toPem(), key.export({ type: 'pkcs8', format: 'pem' }));
        assert.deepEqual(Buffer.from(read.toDer()), key.export({ type: 'pkcs8', format: 'der' }));
      }
    }
  });

  test('the public half equals that of OpenSSL', async () => {
    for (const provider of providers) {
      for (const algorithm of keyAlgorithmNames.filter((name) => !/3072|4096/.test(name))) {
        const key = await PrivateKey.generate(algorithm, { provider });
        const read = await PrivateKey.read(key.toPem(), { provider });
        assert.equal(read.publicKey, key.publicKey);
        assert.equal(read.algorithm, algorithm);
      }
    }
  });

  test('writes encrypted PKCS#8 with 600,000 rounds, and reads it', { skip: withoutOpenssl }, async () => {
    for (const provider of providers) {
      const key = await PrivateKey.generate('ecdsa-p256', { provider });
      const pem = await key.toEncryptedPem('pässword');
      const opened = openssl(['pkey', '-in', 'k', '-passin', 'pass:pässword'], { k: pem });
      assert.equal(opened.output, key.toPem());
      assert.ok(!openssl(['pkey', '-in', 'k', '-passin', 'pass:wrong'], { k: pem }).ok);
      const { output } = openssl(['asn1parse', '-in', 'k'], { k: pem });
      assert.match(output, /PBES2[\s\S]*PBKDF2[\s\S]*:0927C0\n[\s\S]*hmacWithSHA256[\s\S]*aes-256-cbc/);
      assert.equal((await PrivateKey.read(pem, { passphrase: 'pässword', provider })).toPem(), key.toPem());
      await assert.rejects(key.toEncryptedPem(''), { code: 'passphrase-missing' });
      for (const passphrase of ['a\0b', '\ud800']) {
        await assert.rejects(key.toEncryptedPem(passphrase), { code: 'text-invalid' });
      }
    }
  });

  test('writes PKCS#12 with the alias user, which OpenSSL and Node open', { skip: withoutOpenssl }, async () => {
    // The second passphrase fills more than one block of the key derivation.
    for (const [i, passphrase] of ['pä€sword', 'a passphrase of more than thirty-one characters'].entries()) {
      const provider = providers[i]!;
      const authority = await CertificateAuthority.create({ subject: 'CN=r', provider });
      const { chain, privateKey } = await authority.issueClientCertificate({ user: 'alice' });
      const p12 = await createPkcs12({
        privateKey,
        certificates: chain + authority.certificate,
        passphrase,
        provider,
      });
      const { ok, output } = openssl(['pkcs12', '-info', '-nodes', '-in', 'f', '-passin', `pass:${passphrase}`], {
        f: p12,
      });
      assert.ok(ok, output);
      assert.equal(output.match(/friendlyName: user$/gm)?.length, 2);
      assert.match(output, /MAC: sha256, Iteration 10000/);
      assert.match(output, /PBES2, PBKDF2, AES-256-CBC, Iteration 600000, PRF hmacWithSHA256/);
      assert.equal(output.match(/BEGIN CERTIFICATE/g)?.length, 2);
      assert.ok(output.includes(privateKey.toPem()));
      assert.ok(createSecureContext({ pfx: Buffer.from(p12), passphrase }));
      assert.throws(() => createSecureContext({ pfx: Buffer.from(p12), passphrase: 'wrong' }));
    }
  });

  test('rejects PKCS#12 of a key and another certificate', async () => {
    const authority = await CertificateAuthority.create({ subject: 'CN=r' });
    const { chain, privateKey } = await authority.issueClientCertificate({ user: 'alice' });
    const options = { privateKey, certificates: authority.certificate, passphrase: 'x' };
    await assert.rejects(createPkcs12(options), { code: 'key-mismatch' });
    await assert.rejects(createPkcs12({ ...options, certificates: chain, passphrase: '' }), {
      code: 'passphrase-missing',
    });
    await assert.rejects(createPkcs12({ ...options, certificates: chain, passphrase: '\ud800' }), {
      code: 'text-invalid',
    });
  });
});

describe("reads what the how-to's own commands make", { skip: withoutOpenssl }, () => {
  const commands = [
    // OpenSSL 3 writes PKCS#8 with PBES2 and DES-EDE3-CBC. Older versions wrote the -traditional form.
    ['genrsa', '-des3', '-passout', 'pass:secret', '-out', 'server.key', '1024'],
    ['genrsa', '-des3', '-traditional', '-passout', 'pass:secret', '-out', 'server.key', '1024'],
  ];
  for (const command of commands) {
    test(`openssl ${command.join(' ')}`, async () => {
      const { 'server.key': encrypted } = opensslFiles([command], ['server.key']);
      const options = { passphrase: 'secret', allowWeak: true };
      const key = await PrivateKey.read(encrypted!, options);
      assert.equal(key.algorithm, 'rsa-1024');
      await assert.rejects(PrivateKey.read(encrypted!, { passphrase: 'secret' }), { code: 'key-weak' });
      await assert.rejects(PrivateKey.read(encrypted!, { ...options, passphrase: 'wrong' }), {
        code: 'passphrase-wrong',
      });
      await assert.rejects(PrivateKey.read(encrypted!), { code: 'passphrase-missing' });
    });
  }

  test('the self-signed certificate and the client certificate that it issued', async () => {
    const subject = '/C=US/ST=California/L=PaloAlto/O=Jelastic';
    const files = opensslFiles(
      [
        ['genrsa', '-out', 'server.key', '2048'],
        [
          'req',
          '-new',
          '-key',
          'server.key',
          '-days',
          '3650',
          '-out',
          'server.crt',
          '-x509',
          '-subj',
          `${subject}/CN=mysite.com/emailAddress=mail@jelastic.com`,
        ],
        ['genrsa', '-out', 'postgresql.key', '2048'],
        ['req', '-new', '-key', 'postgresql.key', '-out', 'postgresql.csr', '-subj', `${subject}/CN=webadmin`],
        [
          'x509',
          '-req',
          '-in',
          'postgresql.csr',
          '-CA',
          'server.crt',
          '-CAkey',
          'server.key',
          '-out',
          'postgresql.crt',
          '-CAcreateserial',
        ],
      ],
      ['server.key', 'server.crt', 'postgresql.key', 'postgresql.crt'],
    );
    assert.equal(await matchesKey(files['server.crt']!, files['server.key']!), true);
    assert.equal(await matchesKey(files['postgresql.crt']!, files['postgresql.key']!), true);
    assert.equal(await matchesKey(files['postgresql.crt']!, files['server.key']!), false);
    const authority = await CertificateAuthority.load({
      certificate: files['server.crt']!,
      privateKey: files['server.key']!,
    });
    assert.equal(await authority.hasIssued(files['postgresql.crt']!), true);
    const { certificate } = await authority.issueClientCertificate({ user: 'webadmin', subject });
    assert.ok(new X509Certificate(certificate).checkIssued(new X509Certificate(files['server.crt']!)));
  });
});

test('an RSA key is generated while other work goes on, with both providers', async () => {
  for (const provider of providers) {
    let turns = 0;
    let isDone = false;
    const count = (): void => {
      turns += 1;
      if (!isDone) setImmediate(count);
    };
    setImmediate(count);
    const key = await PrivateKey.generate('rsa-2048', { provider });
    isDone = true;
    assert.equal(createPrivateKey(key.toPem()).asymmetricKeyDetails?.modulusLength, 2048);
    // If the keys were read synchronously, the event loop would make only a few turns before the promises settle.
    assert.ok(turns > 100, `${turns} turns`);
  }
});

test('the garbage collector does not block the process while thousands of keys are generated', () => {
  // A small heap for new objects makes the garbage collector run often. A process that is blocked ends by a signal.
  const program = `
    import { PrivateKey } from ${JSON.stringify(new URL('../../src/pki/index.js', import.meta.url))};
    for (let i = 0; i < 10_000; i++) await PrivateKey.generate(i % 2 === 0 ? 'ecdsa-p256' : 'ed25519');
    console.log('generated');`;
  const parameters = ['--max-semi-space-size=1', '--input-type=module', '--eval', program];
  const { stdout, stderr } = spawnSync(process.execPath, parameters, {
    encoding: 'utf8',
    timeout: 120_000,
    killSignal: 'SIGKILL',
  });
  assert.equal(stdout, 'generated\n', stderr);
});
