import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { inspect } from 'node:util';
import type { PgHostsslError } from '../../src/errors.ts';
import {
  CertificateAuthority,
  certificateFileName,
  checkRevocation,
  createCertificateRequest,
  createPkcs12,
  crlFileName,
  inspectCrl,
  Ledger,
  matchesKey,
  memoryLedgerStore,
  PrivateKey,
  renewalsDue,
  verifyChain,
} from '../../src/pki/index.ts';

const authority = await CertificateAuthority.create({ subject: '/CN=Example CA' });
const { certificate, chain, privateKey } = await authority.issueClientCertificate({ user: 'webadmin' });
const { request } = await createCertificateRequest({ subject: '/CN=webadmin' });
const { crl } = await authority.issueCrl();
const ledger = new Ledger(memoryLedgerStore());
await ledger.record(certificate);
const roots = authority.certificate;
const now = new Date();

/** A call of each public function with further properties in its options; the tests pass an unknown property. */
const calls: Readonly<Record<string, (more: object) => unknown>> = {
  create: (more) => CertificateAuthority.create({ subject: '/CN=x', ...more }),
  'provider of create': (more) => CertificateAuthority.create({ subject: '/CN=x', provider: more }),
  'validity of create': (more) => CertificateAuthority.create({ subject: '/CN=x', validity: more }),
  'nameConstraints of create': (more) => CertificateAuthority.create({ subject: '/CN=x', nameConstraints: more }),
  'subtrees of create': (more) =>
    CertificateAuthority.create({ subject: '/CN=x', nameConstraints: { permitted: more } }),
  load: (more) => CertificateAuthority.load({ certificate: roots, privateKey: authority.privateKey, ...more }),
  issueServerCertificate: (more) => authority.issueServerCertificate({ hosts: ['db'], ...more }),
  issueClientCertificate: (more) => authority.issueClientCertificate({ user: 'webadmin', ...more }),
  issueIntermediateAuthority: (more) => authority.issueIntermediateAuthority({ subject: '/CN=x', ...more }),
  'signRequest for a client': (more) => authority.signRequest(request, { user: 'webadmin', ...more }),
  'signRequest for a server': (more) => authority.signRequest(request, { hosts: ['db'], ...more }),
  renewCertificate: (more) => authority.renewCertificate(certificate, more),
  renew: (more) => authority.renew(more),
  issueCrl: (more) => authority.issueCrl(more),
  'revocation of issueCrl': (more) => authority.issueCrl({ revoked: [{ serialNumber: '01', ...more }] }),
  createCertificateRequest: (more) => createCertificateRequest({ subject: '/CN=x', ...more }),
  createPkcs12: (more) => createPkcs12({ privateKey, certificates: chain, passphrase: 'x', ...more }),
  'PrivateKey.generate': (more) => PrivateKey.generate('ed25519', more),
  'PrivateKey.read': (more) => PrivateKey.read(privateKey.toPem(), more),
  matchesKey: (more) => matchesKey(certificate, privateKey, more),
  verifyChain: (more) => verifyChain({ chain, roots, purpose: 'clientAuth', ...more }),
  checkRevocation: (more) => checkRevocation({ authorities: roots, crls: crl, ...more }),
  renewalsDue: (more) => renewalsDue({ now, ...more }),
  crlFileName: (more) => crlFileName(crl, more),
  certificateFileName: (more) => certificateFileName(roots, more),
  'target of revoke': (more) => ledger.revoke({ user: 'webadmin', ...more }),
  'options of revoke': (more) => ledger.revoke({ user: 'webadmin' }, more),
  'issueCrl of a ledger': (more) => ledger.issueCrl(authority, more),
};

describe('an unknown property is rejected, naming the property', () => {
  for (const [name, call] of Object.entries(calls)) {
    test(name, async () => {
      const refused = { code: 'argument-invalid', message: /"days2"/ };
      await assert.rejects(async () => call({ days2: 30 }), refused);
      // An unknown property with the value undefined is allowed.
      if (name !== 'options of revoke') await call({ days2: undefined });
    });
  }
});

test('the error for a wrong kind of argument names the argument', async () => {
  const cases: readonly (readonly [() => unknown, string, RegExp])[] = [
    [() => CertificateAuthority.create(undefined as never), 'argument-invalid', /create must be an object/],
    [() => CertificateAuthority.create({ subject: undefined as never }), 'argument-invalid', /distinguished name/],
    [() => authority.issueServerCertificate({ hosts: 'db' as never }), 'argument-invalid', /hosts must be an array/],
    [() => authority.issueServerCertificate({ hosts: [undefined as never] }), 'host-invalid', /must be a string/],
    [() => authority.issueClientCertificate({ user: undefined as never }), 'role-name-invalid', /not a string/],
    [() => authority.issueClientCertificate({} as never), 'role-name-invalid', /not a string/],
    [() => PrivateKey.read(Promise.resolve('') as never), 'argument-invalid', /Await it first/],
    [() => PrivateKey.generate('rsa-1024' as never), 'key-algorithm-unsupported', /rsa-1024/],
    [() => PrivateKey.generate(1n as never), 'key-algorithm-unsupported', /got 1\. Use/],
    [() => authority.issueCrl({ number: (10n ** 48n) as never }), 'crl-number-invalid', /got 10{48}$/],
    [
      () => authority.issueCrl({ revoked: [{ serialNumber: '01', reason: 1n as never }] }),
      'revocation-reason-unknown',
      /got 1\./,
    ],
    [
      () => renewalsDue({ now, lifePart: 1n as never }),
      'argument-invalid',
      /lifePart of renewalsDue must be a number.*got 1$/,
    ],
    [() => verifyChain({ chain, roots, purpose: 'clientAuth', openssl: 3n as never }), 'argument-invalid', /got 3$/],
    [() => verifyChain(undefined as never), 'argument-invalid', /verifyChain must be an object/],
    ...[0, -1, 1, 1.1, Number.NaN, '1'].map(
      (lifePart) =>
        [
          () => renewalsDue({ now, lifePart: lifePart as never }),
          'argument-invalid',
          /lifePart of renewalsDue must be a number/,
        ] as const,
    ),
    ...[-1, Number.NaN, '5', null].map(
      (leafDays) =>
        [
          () => renewalsDue({ now, leafDays: leafDays as never }),
          'argument-invalid',
          /leafDays of renewalsDue must be a number/,
        ] as const,
    ),
    [() => renewalsDue({ now: '2026-01-01' as never }), 'validity-invalid', /must be a Date/],
    [() => privateKey.toEncryptedPem(undefined as never), 'passphrase-missing', /missing or empty/],
  ];
  for (const [call, code, message] of cases) await assert.rejects(async () => call(), { code, message });
});

test('revoking a role without a certificate is an error, and revoking a role twice is not', async () => {
  const own = new Ledger(memoryLedgerStore());
  await own.record(certificate);
  await assert.rejects(own.revoke({ user: 'webadmni' }), { code: 'ledger-entry-unknown', message: /webadmni/ });
  await assert.rejects(own.revoke({ serialNumber: '0badc0de' }), { code: 'ledger-entry-unknown' });
  await assert.rejects(own.revoke({ user: 'webadmin', serialNumber: '01' }), { code: 'argument-invalid' });
  await assert.rejects(own.revoke({} as never), { code: 'argument-invalid' });
  assert.equal((await own.revoke({ user: 'webadmin', serialNumber: undefined } as never)).length, 1);
  assert.deepEqual(await own.revoke({ user: 'webadmin' }), []);
});

test('a revocation names its certificate in exactly one way', async () => {
  for (const wrong of [{ serialNumber: '01', certificate }, {}]) {
    await assert.rejects(authority.issueCrl({ revoked: [wrong as never] }), { code: 'argument-invalid' });
  }
  const revocation = { serialNumber: '01', certificate: undefined } as never;
  const { revoked } = inspectCrl((await authority.issueCrl({ revoked: [revocation] })).crl);
  assert.deepEqual(
    revoked.map(({ serialNumber }) => serialNumber),
    ['01'],
  );
});

describe('a value of the wrong kind is rejected', () => {
  const wrong = 5 as never;
  const bytes = Buffer.from(authority.privateKey.toPem()) as never;
  const load = (key: never) => CertificateAuthority.load({ certificate: roots, privateKey: key });
  const wrongCalls: Readonly<Record<string, () => unknown>> = {
    'bytes as privateKey of load': () => load(bytes),
    'no privateKey of load': () => load(undefined as never),
    'key of issueClientCertificate': () => authority.issueClientCertificate({ user: 'webadmin', key: bytes }),
    'privateKey of createPkcs12': () => createPkcs12({ privateKey: wrong, certificates: chain, passphrase: 'x' }),
    'alias of createPkcs12': () => createPkcs12({ privateKey, certificates: chain, passphrase: 'x', alias: wrong }),
    'serialNumber of issueClientCertificate': () =>
      authority.issueClientCertificate({ user: 'webadmin', serialNumber: wrong }),
    'serialNumber of issueCrl': () => authority.issueCrl({ revoked: [{ serialNumber: wrong }] }),
    'revoked of issueCrl': () => authority.issueCrl({ revoked: wrong }),
    'neither user nor hosts in signRequest': () => authority.signRequest(request, {} as never),
    'certificates of renewalsDue': () => renewalsDue({ now, certificates: [roots] as never }),
    'crls of renewalsDue': () => renewalsDue({ now, crls: wrong }),
    'store of Ledger': () => new Ledger({} as never),
    'authority of issueCrl of a ledger': () => ledger.issueCrl(roots as never),
  };
  for (const [name, call] of Object.entries(wrongCalls)) {
    test(name, async () => {
      await assert.rejects(async () => call(), { name: 'PgHostsslError', code: 'argument-invalid' });
    });
  }
});

test('a passphrase that is no string is rejected, and the error does not show it', async () => {
  const encrypted = await privateKey.toEncryptedPem('918273645');
  const ofCa = await authority.privateKey.toEncryptedPem('918273645');
  const der = Buffer.from(encrypted.split('\n').slice(1, -2).join(''), 'base64');
  const readers: readonly ((passphrase: never) => Promise<unknown>)[] = [
    (passphrase) => PrivateKey.read(encrypted, { passphrase }),
    (passphrase) => PrivateKey.read(der, { passphrase }),
    (passphrase) => PrivateKey.read(privateKey.toPem(), { passphrase }),
    (passphrase) => matchesKey(certificate, encrypted, { passphrase }),
    (passphrase) => CertificateAuthority.load({ certificate: roots, privateKey: ofCa, passphrase }),
    (passphrase) => privateKey.toEncryptedPem(passphrase),
    (passphrase) => createPkcs12({ privateKey, certificates: chain, passphrase }),
  ];
  for (const [index, read] of readers.entries()) {
    for (const wrong of [918273645, 918273645n, true, null, ['918273645'], Buffer.from('918273645')]) {
      await assert.rejects(read(wrong as never), (error: PgHostsslError) => {
        assert.equal(error.code, 'argument-invalid', `${index}`);
        assert.match(error.message, /^The passphrase must be a string; got /);
        assert.ok(!inspect(error).includes('918273645'), inspect(error));
        return true;
      });
    }
  }
});

test('checkRevocation refuses authorities without a CA certificate, and an invalid warnDays', async () => {
  await assert.rejects(checkRevocation({ authorities: certificate, crls: crl }), { code: 'not-an-authority' });
  await assert.rejects(checkRevocation({ authorities: roots, crls: crl, warnDays: 'x' as never }), {
    code: 'argument-invalid',
  });
});

test('a CA does not revoke a certificate of another CA with its name', async () => {
  const again = await CertificateAuthority.create({ subject: '/CN=Example CA' });
  await assert.rejects(again.issueCrl({ revoked: [{ certificate }] }), { code: 'issuer-mismatch' });
});
