import assert from 'node:assert/strict';
import { test } from 'node:test';
import { format, inspect } from 'node:util';
import { serialize } from 'node:v8';
import {
  CertificateAuthority,
  createCertificateRequest,
  createPkcs12,
  Ledger,
  memoryLedgerStore,
  PrivateKey,
} from '../../src/pki/index.ts';

const passphrase = 'correct horse battery staple';

/** The ways in which a value may be logged, stored or sent to another thread, by name. */
const views: Readonly<Record<string, (value: object) => string>> = {
  inspect: (value) => inspect(value, { depth: Infinity }),
  'inspect with showHidden and getters': (value) =>
    inspect(value, { depth: Infinity, showHidden: true, getters: true, maxArrayLength: null, maxStringLength: null }),
  '%o': (value) => format('%o', value),
  '%O': (value) => format('%O', value),
  JSON: (value) => JSON.stringify(value),
  spread: (value) => JSON.stringify({ ...value }),
  structuredClone: (value) => inspect(structuredClone(value), { depth: Infinity, showHidden: true }),
  'v8.serialize': (value) => serialize(value).toString('latin1'),
};

/** Returns texts that must not occur in an output: parts of the PEM text of a key, and its bytes as numbers. */
function tracesOf(key: PrivateKey): readonly string[] {
  const body = key.toPem().split('\n').slice(1, -2);
  return ['PRIVATE KEY', passphrase, ...body, Buffer.from(key.toDer()).toString('latin1')];
}

test('no object of pki shows a private key or a passphrase', async () => {
  for (const keyAlgorithm of ['ecdsa-p256', 'ed25519', 'rsa-2048'] as const) {
    for (const provider of [{}, { crypto: globalThis.crypto }]) {
      const authority = await CertificateAuthority.create({ subject: '/CN=Example CA', keyAlgorithm, provider });
      const below = await authority.issueIntermediateAuthority({ subject: '/CN=Below', keyAlgorithm });
      const server = await authority.issueServerCertificate({ hosts: ['db'], keyAlgorithm });
      const client = await below.issueClientCertificate({ user: 'webadmin', keyAlgorithm });
      const request = await createCertificateRequest({ subject: '/CN=webadmin', keyAlgorithm, provider });
      const encrypted = await authority.privateKey.toEncryptedPem(passphrase);
      const opened = await PrivateKey.read(encrypted, { passphrase, provider });
      const loaded = await CertificateAuthority.load({
        certificate: authority.certificate,
        privateKey: encrypted,
        passphrase,
        provider,
      });
      const ledger = new Ledger(memoryLedgerStore());
      await ledger.record(client.certificate);
      const crl = await ledger.issueCrl(below);
      const renewed = await below.renewCertificate(client.certificate, { key: client.privateKey });
      const signed = await below.signRequest(request.request, { user: 'webadmin' });
      const objects = { authority, below, loaded, server, client, request, opened, ledger, crl, renewed, signed };
      const keys = [authority, below, loaded, server, client, request, renewed].map(({ privateKey }) => privateKey);
      for (const [name, value] of Object.entries({ ...objects, all: objects, keys })) {
        for (const [view, show] of Object.entries(views)) {
          // The object with all values is left out here: it contains a ledger store, whose methods cannot be cloned.
          if (name === 'all' && /serialize|Clone/.test(view)) continue;
          const text = show(value);
          for (const trace of keys.flatMap(tracesOf)) assert.ok(!text.includes(trace), `${name} by ${view}`);
        }
      }
    }
  }
});

test('errors show no passphrase', async () => {
  const key = await PrivateKey.generate();
  const authority = await CertificateAuthority.create({ subject: '/CN=Example CA' });
  const encrypted = await key.toEncryptedPem(passphrase);
  for (const attempt of [
    PrivateKey.read(encrypted, { passphrase: `${passphrase}!` }),
    CertificateAuthority.load({ certificate: authority.certificate, privateKey: encrypted, passphrase }),
    createPkcs12({ privateKey: key, certificates: authority.certificate, passphrase }),
  ]) {
    await assert.rejects(attempt, (error: Error) => {
      assert.ok(!inspect(error, { depth: Infinity, showHidden: true, getters: true }).includes(passphrase));
      return true;
    });
  }
});
