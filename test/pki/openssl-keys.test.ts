import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PrivateKey } from '../../src/pki/index.ts';
import { opensslBytes, opensslFiles, withoutOpenssl } from './openssl.ts';

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
    for (const engine of [{}, { crypto: globalThis.crypto }]) {
      for (const command of commands) {
        const { o } = opensslBytes([command], ['o'], { k: k! });
        const key = await PrivateKey.read(o!, { passphrase: 'secret', engine }).catch((error) =>
          assert.fail(`${command.join(' ')}: ${error.message} ${error.cause?.stack}`),
        );
        assert.equal(key.publicKey, expected, command.join(' '));
      }
    }
  }
});
