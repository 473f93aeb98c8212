import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PrivateKey } from '../../src/pki/index.ts';
import { openssl, opensslBytes, opensslFiles, withoutOpenssl } from './openssl.ts';

test("keys of OpenSSL's in every form that it writes are read", { skip: withoutOpenssl }, async () => {
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
      // Java and others leave the public key away.
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

test('keys encrypted in each way that OpenSSL offers are read, or told to be beyond it', {
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
