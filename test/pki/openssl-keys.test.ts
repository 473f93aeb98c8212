import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Crypto } from '@peculiar/webcrypto';
import { type Bytes, joinBytes } from '../../src/asn1/bytes.ts';
import { der, derInteger, derOctetString, derSequence } from '../../src/asn1/der.ts';
import { encodePem } from '../../src/asn1/pem.ts';
import { readChildren, readDer } from '../../src/asn1/reader.ts';
import { CertificateAuthority, matchesKey, PrivateKey, type Provider } from '../../src/pki/index.ts';
import { openssl, opensslBytes, opensslFiles, withoutOpenssl } from './openssl.ts';

test('keys are read in every form that OpenSSL writes', { skip: withoutOpenssl }, async () => {
  const pass = ['-passout', 'pass:secret'];
  const in1 = ['pkcs8', '-topk8', '-in', 'k'];
  for (const [kind, traditional] of [
    [['RSA', '-pkeyopt', 'rsa_keygen_bits:2048'], 'rsa'],
    [['EC', '-pkeyopt', 'ec_paramgen_curve:P-256'], 'ec'],
    [['EC', '-pkeyopt', 'ec_paramgen_curve:P-521'], 'ec'],
    [['ED25519'], undefined],
  ] as const) {
    const { k } = opensslFiles([['genpkey', '-algorithm', ...kind, '-out', 'k']], ['k']);
    const expected = (await PrivateKey.read(k!)).publicKey;
    const commands: (readonly string[])[] = [
      [...in1, '-nocrypt', '-out', 'o'],
      [...in1, '-nocrypt', '-outform', 'DER', '-out', 'o'],
      ...['aes-128-cbc', 'aes-256-cbc', 'des-ede3-cbc', 'camellia-256-cbc', 'aria-256-cbc'].map((cipher) => [
        ...in1,
        '-v2',
        cipher,
        ...pass,
        '-out',
        'o',
      ]),
      [...in1, '-v2', 'aes-256-cbc', '-v2prf', 'hmacWithSHA512', '-iter', '7', ...pass, '-out', 'o'],
      [...in1, '-v2', 'aes-256-cbc', '-outform', 'DER', ...pass, '-out', 'o'],
      [...in1, '-scrypt', ...pass, '-out', 'o'],
      [...in1, '-v1', 'PBE-SHA1-3DES', ...pass, '-out', 'o'],
    ];
    if (traditional !== undefined) {
      commands.push(
        [traditional, '-in', 'k', ...(traditional === 'rsa' ? ['-traditional'] : []), '-out', 'o'],
        [traditional, '-in', 'k', ...(traditional === 'rsa' ? ['-traditional'] : []), '-outform', 'DER', '-out', 'o'],
        ...['-aes128', '-aes192', '-aes256', '-des3', '-camellia256', '-aria256'].map((cipher) => [
          traditional,
          '-in',
          'k',
          ...(traditional === 'rsa' ? ['-traditional'] : []),
          cipher,
          ...pass,
          '-out',
          'o',
        ]),
      );
    }
    if (traditional === 'ec') {
      // Java and other programs write EC keys without the public key.
      commands.push(['ec', '-in', 'k', '-no_public', '-out', 'o']);
      commands.push(['pkey', '-in', 'k', '-ec_conv_form', 'compressed', '-out', 'o']);
    }
    for (const provider of [{}, { crypto: globalThis.crypto }]) {
      for (const command of commands) {
        const { o } = opensslBytes([command], ['o'], { k: k! });
        const key = await PrivateKey.read(o!, { passphrase: 'secret', provider }).catch((error) =>
          assert.fail(`${command.join(' ')}: ${error.message} ${error.cause?.stack}`),
        );
        assert.equal(key.publicKey, expected, command.join(' '));
      }
    }
  }
});

test('keys encrypted in each way that OpenSSL offers are read, or reported as unsupported', {
  skip: withoutOpenssl,
}, async () => {
  const { k } = opensslFiles([['genpkey', '-algorithm', 'RSA', '-out', 'k']], ['k']);
  const expected = (await PrivateKey.read(k!)).publicKey;
  const ciphers = openssl(['list', '-cipher-commands']).output.trim().split(/\s+/);
  const old = ['MD2-DES', 'MD5-DES', 'MD5-RC2-64', ...['DES', '2DES', '3DES'].map((name) => `SHA1-${name}`)];
  const older = ['RC2-40', 'RC2-64', 'RC2-128', 'RC4-40', 'RC4-128'].map((name) => `SHA1-${name}`);
  const pass = ['-passout', 'pass:secret', '-out', 'o'];
  const providers = ['-provider', 'legacy', '-provider', 'default'];
  const ways: readonly (readonly string[])[] = [
    ...ciphers.map((cipher) => ['pkcs8', '-topk8', '-in', 'k', '-v2', cipher]),
    ...ciphers.map((cipher) => ['rsa', '-in', 'k', '-traditional', `-${cipher}`]),
    ...[...old, ...older].map((name) => ['pkcs8', '-topk8', '-in', 'k', '-v1', `PBE-${name}`]),
  ];
  const counts = { read: 0, told: 0, neverMade: 0 };
  for (const way of ways) {
    const write = (more: readonly string[]) => {
      try {
        return opensslBytes([[...way, ...more, ...pass]], ['o'], { k: k! }).o!;
      } catch {
        return undefined;
      }
    };
    const made = write([]) ?? write(providers);
    if (made === undefined) {
      counts.neverMade += 1;
      continue;
    }
    const opens = openssl(['pkey', '-in', 'o', '-passin', 'pass:secret', '-noout'], { o: made }).ok;
    const outcome = await PrivateKey.read(made, { passphrase: 'secret' }).then(
      ({ publicKey }) => publicKey,
      (error: { code?: string }) => error.code,
    );
    assert.equal(outcome, opens ? expected : 'key-algorithm-unsupported', way.join(' '));
    counts[opens ? 'read' : 'told'] += 1;
    if (opens) await assert.rejects(PrivateKey.read(made), { code: 'passphrase-missing' }, way.join(' '));
  }
  assert.ok(counts.read > 40 && counts.told > 2, JSON.stringify(counts));
});

test('a key is opened up to the given number of iterations and not above', { skip: withoutOpenssl }, async () => {
  const { k } = opensslFiles([['genpkey', '-algorithm', 'ED25519', '-out', 'k']], ['k']);
  const expected = (await PrivateKey.read(k!)).publicKey;
  const write = ['pkcs8', '-topk8', '-in', 'k', '-passout', 'pass:secret', '-out', 'o'];
  const ways: readonly (readonly [number, readonly string[]])[] = [
    [5000, ['-v2', 'aes-256-cbc', '-iter', '5000']],
    [7, ['-v2', 'aes-256-cbc', '-v2prf', 'hmacWithSHA512', '-iter', '7']],
    [3000, ['-v1', 'PBE-SHA1-3DES', '-iter', '3000']],
    [2048 * 8 * 2, ['-scrypt', '-scrypt_N', '2048', '-scrypt_r', '8', '-scrypt_p', '2']],
  ];
  for (const [iterations, way] of ways) {
    for (const form of ['PEM', 'DER']) {
      const { o } = opensslBytes([[...write, ...way, '-outform', form]], ['o'], { k: k! });
      const read = (maxIterations: number) => PrivateKey.read(o!, { passphrase: 'secret', maxIterations });
      assert.equal((await read(iterations)).publicKey, expected, way.join(' '));
      const refused = { code: 'key-iterations-exceeded', message: new RegExp(` ${iterations} iterations`) };
      await assert.rejects(read(iterations - 1), refused, way.join(' '));
    }
  }
  await assert.rejects(PrivateKey.read(k!, { maxIterations: 0 }), { code: 'argument-invalid' });
});

test('a hostile key file is refused at once', { skip: withoutOpenssl }, async () => {
  const authority = await CertificateAuthority.create({ subject: '/CN=Example CA' });
  const way = ['-v2', 'aes-256-cbc', '-iter', '65793', '-passout', 'pass:secret', '-outform', 'DER'];
  const files = { k: authority.privateKey.toPem() };
  const made = Uint8Array.from(opensslBytes([['pkcs8', '-topk8', '-in', 'k', ...way, '-out', 'o']], ['o'], files).o!);
  const indefinite = (file: Bytes) => Buffer.concat([Buffer.of(0x30, 0x80), readDer(file).content, Buffer.of(0, 0)]);
  const opens = (file: Uint8Array) =>
    openssl(['pkey', '-inform', 'DER', '-in', 'o', '-passin', 'pass:secret', '-noout'], { o: file }).ok;
  assert.ok(opens(made) && opens(indefinite(made)), 'OpenSSL opens a key of indefinite length as well');
  const [algorithm, encrypted] = readChildren(readDer(made));
  const [pbes2, parameters] = readChildren(algorithm!);
  const [derivation, cipher] = readChildren(parameters!);
  const [pbkdf2, numbers] = readChildren(derivation!);
  const [salt, , ...rest] = readChildren(numbers!).map(({ bytes }) => bytes);
  const slow = derSequence(salt!, derInteger(Uint8Array.of(0x7f, 0xff, 0xff, 0xff)), ...rest);
  const slowly = derSequence(derSequence(pbkdf2!.bytes, slow), cipher!.bytes);
  const hostile = derSequence(derSequence(pbes2!.bytes, slowly), encrypted!.bytes);
  for (const [file, code] of [
    [hostile, 'key-iterations-exceeded'],
    [indefinite(hostile), 'private-key-invalid'],
  ] as const) {
    const pem = encodePem('ENCRYPTED PRIVATE KEY', file);
    const { certificate } = authority;
    const passphrase = 'secret';
    await assert.rejects(PrivateKey.read(file, { passphrase }), { code });
    await assert.rejects(PrivateKey.read(pem, { passphrase }), { code });
    await assert.rejects(matchesKey(certificate, pem, { passphrase }), { code });
    await assert.rejects(CertificateAuthority.load({ certificate, privateKey: pem, passphrase }), { code });
  }
});

test('an EC private key whose number has a wrong length ends no process', async () => {
  for (const [algorithm, size] of [
    ['ecdsa-p256', 32],
    ['ecdsa-p384', 48],
    ['ecdsa-p521', 66],
  ] as const) {
    const whole = Uint8Array.from((await PrivateKey.generate(algorithm)).toDer());
    const [version, kind, content] = readChildren(readDer(whole));
    const [ecVersion, number, publicHalf] = readChildren(readDer(content!.content));
    const curve = der(0xa0, readChildren(kind!)[1]!.bytes);
    for (const length of [0, 1, size - 1, size, size + 1, 127, 128, 300]) {
      for (const filler of [0, 1]) {
        const added = new Uint8Array(Math.max(0, length - size)).fill(filler);
        const octets = joinBytes([added, number!.content.subarray(0, length)]);
        const ecKey = (...rest: readonly Bytes[]) => derSequence(ecVersion!.bytes, derOctetString(octets), ...rest);
        const pkcs8 = (key: Bytes) => derSequence(version!.bytes, kind!.bytes, derOctetString(key));
        for (const [label, file, hasPublicHalf] of [
          ['PRIVATE KEY', pkcs8(ecKey(publicHalf!.bytes)), true],
          ['PRIVATE KEY', pkcs8(ecKey()), false],
          ['EC PRIVATE KEY', ecKey(curve, publicHalf!.bytes), true],
        ] as const) {
          // Zeros before the number do not change it. Without a public half, OpenSSL computes it from the number, and
          // the number 0 has none.
          const isZero = octets.every((octet) => octet === 0);
          const isRefused = added.includes(1) || (isZero && !hasPublicHalf);
          const outcome = (source: string | Bytes, crypto?: Provider['crypto']) =>
            PrivateKey.read(source, { provider: { crypto } }).then(
              () => 'read',
              (error) => error.code,
            );
          for (const source of [file, encodePem(label, file)]) {
            const what = `${algorithm}, ${label}, ${length} octets, filled with ${filler}`;
            const expected = isRefused ? 'private-key-invalid' : 'read';
            assert.equal(await outcome(source), expected, what);
            assert.equal(await outcome(source, globalThis.crypto), expected, what);
            // This WebCrypto does not look at the number if there is a public half.
            assert.ok([expected, 'read'].includes(await outcome(source, new Crypto())), what);
          }
        }
      }
    }
  }
});
