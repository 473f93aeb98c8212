import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { format, inspect } from 'node:util';
import { deserialize, serialize } from 'node:v8';
import { derBitString, derSequence } from '../../src/asn1/der.ts';
import { encodePem } from '../../src/asn1/pem.ts';
import {
  type ClientBundle,
  clientBundle,
  connectionTarget,
  libpqFiles,
  type ServerOnlyBundle,
} from '../../src/client/index.ts';
import { bundleWith, ca, encryptedBundle, encryptedKey, intermediate, key, leaf, passphrase, target } from './pem.ts';

test('a bundle contains only the CERTIFICATE blocks, in their order', () => {
  const bundle = bundleWith({
    certificate: `Bag Attributes\n${leaf}subject=/CN=x\n${intermediate.replaceAll('\n', '\r\n')}`,
  });
  assert.equal(bundle.certificate, leaf + intermediate);
  assert.equal(bundleWith({ ca: Buffer.from(ca) }).ca, ca);
  const der = derSequence(derSequence(), derSequence(), derBitString());
  assert.equal(bundleWith({ ca: der }).ca, encodePem('CERTIFICATE', der));
});

test('parts that are no literal have the type of their bundle', () => {
  const parts = { target: connectionTarget(target), ca };
  const withoutCertificate: ServerOnlyBundle = clientBundle(parts);
  const both = { ...parts, certificate: leaf, privateKey: key };
  const withCertificate: ClientBundle = clientBundle(both);
  assert.deepEqual([withoutCertificate.certificate, withCertificate.certificate], [undefined, leaf]);
  const half = { ...parts, certificate: leaf };
  // @ts-expect-error a certificate without a key
  assert.throws(() => clientBundle(half), { code: 'argument-invalid' });
});

test('a bundle takes only the key block, or the text of a key object', () => {
  assert.equal(bundleWith({ privateKey: `${leaf}${key}` }).privateKey(), key);
  assert.equal(bundleWith({ privateKey: Buffer.from(key) }).privateKey(), key);
  assert.equal(bundleWith({ privateKey: { toPem: () => key } }).privateKey(), key);
});

test('a private key in a text of certificates is rejected with the way out', () => {
  for (const parts of [{ ca: ca + key }, { certificate: `${leaf}${encryptedKey}` }]) {
    assert.throws(() => bundleWith(parts), { code: 'private-key-misplaced', message: /as `privateKey`/ });
  }
  const keyDer = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'der' });
  for (const parts of [{ certificate: key }, { ca: key }, { certificate: keyDer }, { ca: keyDer }]) {
    assert.throws(() => bundleWith(parts), { code: 'private-key-misplaced', message: /seem to be swapped/ });
  }
  assert.throws(() => bundleWith({ privateKey: leaf }), { code: 'private-key-invalid', message: /seem to be swapped/ });
});

test('a text without its block is rejected', () => {
  for (const text of ['', '/etc/root.crt', leaf.replace('END', 'AND'), leaf.replace('MAIC', '*')]) {
    assert.throws(() => bundleWith({ ca: text }), { code: 'certificate-invalid' }, text);
  }
  for (const text of ['', '/etc/server.key', key + encryptedKey, key.replace('END', 'AND')]) {
    assert.throws(() => bundleWith({ privateKey: text }), { code: 'private-key-invalid' }, text);
  }
});

test('an encrypted key needs its passphrase, and a passphrase without an encrypted key is dropped', () => {
  const traditional = key.replace('-\n', '-\nProc-Type: 4,ENCRYPTED\nDEK-Info: DES-EDE3-CBC,00\n\n');
  for (const privateKey of [encryptedKey, traditional]) {
    assert.throws(() => bundleWith({ privateKey }), { code: 'passphrase-missing' });
    assert.throws(() => bundleWith({ privateKey, passphrase: '' }), { code: 'passphrase-missing' });
    const error = { code: 'argument-invalid', message: /passphrase of clientBundle must be a string; got a number$/ };
    assert.throws(() => bundleWith({ privateKey, passphrase: 918273645 as never }), error);
    assert.equal(bundleWith({ privateKey, passphrase }).passphrase(), passphrase);
  }
  assert.equal(bundleWith({ passphrase }).passphrase(), undefined);
});

test('no way of printing or copying shows a private key or a passphrase', () => {
  const bundle = encryptedBundle();
  for (const value of [bundle, ...libpqFiles(bundle, '/d')]) {
    const shown = [
      inspect(value, { depth: 9, showHidden: true, getters: true }),
      format('%o %O %j', value, value, value),
      JSON.stringify(value),
      inspect(structuredClone(value), { showHidden: true, getters: true }),
      inspect(deserialize(serialize(value)), { showHidden: true, getters: true }),
      inspect({ ...value }, { showHidden: true, getters: true }),
    ];
    for (const text of shown) assert.ok(!/PRIVATE KEY|#secret|it's/.test(text), text);
  }
  assert.ok(inspect(bundle).includes('BEGIN CERTIFICATE'));
});

test('a host that is not one name or address, or a text for C with a NUL, is rejected', () => {
  for (const [host, message] of [
    ['/run/postgresql', /^"\/run\/postgresql" is a Unix socket, which has no TLS/],
    ['@abstract', /is a Unix socket/],
    ['h1,h2', /^"h1,h2" is a list of hosts/],
    ['h:5432', /^"h:5432" is neither/],
    ['[a-b]', /^"\[a-b\]" is neither/],
    ['a b', /^The host is neither (?:(?!%40).)*$/],
    ['p@h', /^The host is neither .* write "@" in a user or a password as %40\.$/],
  ] as const) {
    assert.throws(() => connectionTarget({ host, user: 'u' }), { code: 'connection-host-invalid', message });
  }
  for (const text of ['a\0b', '\ud800']) {
    for (const part of ['host', 'user', 'database'] as const) {
      const parts = { host: 'h', user: 'u', [part]: text };
      assert.throws(() => connectionTarget(parts), {
        code: 'connection-value-invalid',
        message: new RegExp(`^The ${part} `),
      });
    }
  }
});

test('arguments of the wrong kind are rejected by name', () => {
  const refused: readonly (readonly [() => unknown, RegExp])[] = [
    [() => clientBundle(undefined as never), /parts of clientBundle must be an object/],
    [() => bundleWith({ key: 'x' } as never), /no property "key"/],
    [() => bundleWith({ ca: Promise.resolve(ca) as never }), /got a promise. Await it first/],
    [() => bundleWith({ privateKey: undefined as never }), /clientBundle\(\{ privateKey \}\)/],
    [() => connectionTarget('postgresql://a@h/b' as never), /connection target must be an object; got a string/],
    [() => connectionTarget({ ...target, dbname: 'x' } as never), /no property "dbname"/],
    [() => connectionTarget({ ...target, user: 5 as never }), /user of a connection target must be a string/],
    [() => libpqFiles(bundleWith(), undefined as never), /A directory must be a string/],
  ];
  for (const [act, message] of refused) assert.throws(act, { code: 'argument-invalid', message });
});
