import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { describe, test } from 'node:test';
import {
  CertificateAuthority,
  describeCertificate,
  inspectCertificate,
  PrivateKey,
  renewalsDue,
  rolloverSteps,
  verifyChain,
} from '../../src/pki/index.ts';
import { endsSoon } from '../ends-soon.ts';
import { forge, forgeList } from './forge.ts';
import { newEcKey, openssl, opensslFiles, withoutOpenssl } from './openssl.ts';

const start = new Date('2026-01-01T00:00:00Z');
const day = 86_400_000;
const at = (days: number) => new Date(start.getTime() + days * day);
const provider = { now: () => start };
const key = await PrivateKey.generate();

describe('renewalsDue', async () => {
  const root = await CertificateAuthority.create({ subject: 'CN=Root', provider, validity: { days: 3000 } });
  const server = await root.issueServerCertificate({ hosts: ['db'], key, validity: { days: 90 } });
  const client = await root.issueClientCertificate({ user: 'alice', key, validity: { days: 365 } });
  const list = await root.issueCrl({ validity: { days: 30 } });
  const certificates = client.certificate + server.certificate + root.certificate;
  const plan = (now: Date) =>
    renewalsDue({ now, certificates, crls: list.crl }).map(({ kind, state }) => `${kind} ${state}`);

  test('lists what is due, CAs and CRLs before leaves', () => {
    assert.deepEqual(plan(start), ['crl good', 'server good', 'client good', 'authority good']);
    assert.deepEqual(plan(at(25)), ['crl due', 'server good', 'client good', 'authority good']);
    assert.deepEqual(plan(at(70)), ['crl ended', 'server due', 'client good', 'authority good']);
    assert.deepEqual(plan(at(2700)), ['authority due', 'crl ended', 'server ended', 'client ended']);
  });

  test('a CA is due while a leaf still fits into its life', () => {
    const [item] = renewalsDue({ now: start, certificates: root.certificate, lifePart: 0.99 });
    assert.deepEqual(item!.renewFrom, at(3000 - 365));
    const [sooner] = renewalsDue({ now: start, certificates: root.certificate });
    assert.equal(Math.round((sooner!.renewFrom.getTime() - start.getTime()) / day), 2000);
  });

  test('the latest of several CRLs of a CA counts', async () => {
    const later = await root.issueCrl({ previous: list.crl, validity: { days: 60 } });
    const items = renewalsDue({ now: start, crls: later.crl + list.crl });
    assert.deepEqual(
      items.map(({ end }) => end),
      [at(60)],
    );
    assert.deepEqual(renewalsDue({ now: start }), []);
    assert.throws(() => renewalsDue({ now: start, certificates: list.crl }), {
      code: 'certificate-invalid',
    });
  });
});

describe('renewalsDue and the end of things', () => {
  test('the CRLs of a root and of its renewed root with the same name are listed with an end each', async () => {
    const old = await CertificateAuthority.create({ subject: 'CN=Root', provider });
    const next = await old.renew();
    const lists = [await old.issueCrl({ validity: { days: 10 } }), await next.issueCrl({ validity: { days: 30 } })];
    const crls = lists.map(({ crl }) => crl).join('');
    assert.deepEqual(
      renewalsDue({ now: at(20), crls }).map(({ state, end }) => [state, end]),
      [
        ['ended', at(10)],
        ['due', at(30)],
      ],
    );
  });

  test('a certificate is not good after the end of its issuer', async () => {
    const short = await CertificateAuthority.create({ subject: 'CN=Root', provider, validity: { days: 100 } });
    const certificate = await forge({
      subject: 'CN=u',
      issuer: 'CN=Root',
      key,
      issuerKey: short.privateKey,
      notBefore: start,
      notAfter: at(400),
      extensions: [],
    });
    const list = { issuer: 'CN=Root', issuerKey: short.privateKey, thisUpdate: start, revoked: [], extensions: [] };
    const crls = await forgeList({ ...list, nextUpdate: at(300) });
    const items = renewalsDue({ now: at(99), certificates: certificate + short.certificate, crls, leafDays: 30 });
    assert.deepEqual(
      items.map(({ kind, state, end }) => [kind, state, end]),
      [
        ['authority', 'due', at(100)],
        ['crl', 'due', at(100)],
        ['client', 'due', at(100)],
      ],
    );
    const [late] = renewalsDue({ now: at(101), certificates: certificate + short.certificate }).slice(-1);
    assert.deepEqual([late?.kind, late?.state], ['client', 'ended']);
    // If the CA is not given, only the end of the leaf itself is known.
    assert.deepEqual(renewalsDue({ now: at(99), certificates: certificate })[0]?.end, at(400));
  });

  test('a certificate has ended in the very second of its end, and not before', async () => {
    const { certificate } = await CertificateAuthority.create({ subject: 'CN=Root', provider, validity: { days: 1 } });
    const states = [-1, 0].map((seconds) => new Date(at(1).getTime() + seconds * 1000));
    assert.deepEqual(
      states.map((now) => renewalsDue({ now, certificates: certificate })[0]!.state),
      ['due', 'ended'],
    );
  });

  test('empty texts give an empty list, and other texts without PEM blocks are errors', () => {
    assert.deepEqual(renewalsDue({ now: start, certificates: '\n', crls: '' }), []);
    assert.throws(() => renewalsDue({ now: start, certificates: 'x' }), { code: 'certificate-invalid' });
    assert.throws(() => renewalsDue({ now: start, crls: 'x' }), { code: 'crl-invalid' });
  });
});

describe('renewing', { skip: withoutOpenssl }, () => {
  test('a certificate with a key of an unsupported kind gets a new key', async () => {
    const root = await CertificateAuthority.create({ subject: 'CN=Root', key });
    const { l } = opensslFiles(
      [
        [
          'req',
          '-new',
          '-nodes',
          '-newkey',
          ...newEcKey('secp256k1'),
          '-keyout',
          'j',
          '-out',
          'r',
          '-subj',
          '/CN=alice',
        ],
        ['x509', '-req', '-in', 'r', '-CA', 'c', '-CAkey', 'k', '-CAcreateserial', '-out', 'l'],
      ],
      ['l'],
      { c: root.certificate, k: key.toPem() },
    );
    assert.equal(inspectCertificate(l!).keyAlgorithm, undefined);
    const renewed = await root.renewCertificate(l!);
    assert.equal(inspectCertificate(renewed.certificate).keyAlgorithm, 'ecdsa-p256');
    const { chain } = await root.renewCertificate(l!, { key: renewed.privateKey });
    assert.deepEqual((await verifyChain({ chain, roots: root.certificate, purpose: 'clientAuth' })).problems, []);
  });

  test('a renewed server certificate keeps its names and its kind of key, with a new key and with the old key', async () => {
    const root = await CertificateAuthority.create({ subject: 'CN=Root' });
    const old = await root.issueServerCertificate({
      hosts: ['db', '10.0.0.1'],
      subject: '/O=Example/CN=db',
      keyAlgorithm: 'ed25519',
    });
    const renewed = await root.renewCertificate(old.certificate, { validity: { days: 5 } });
    const same = await root.renewCertificate(old.certificate, { key: old.privateKey });
    const [before, after, kept] = [old, renewed, same].map(({ certificate }) => inspectCertificate(certificate));
    for (const info of [after!, kept!]) {
      const { serialNumber, notBefore, notAfter, subjectKeyIdentifier, ...rest } = before!;
      const now = {
        serialNumber: info.serialNumber,
        notBefore: info.notBefore,
        notAfter: info.notAfter,
        subjectKeyIdentifier: info.subjectKeyIdentifier,
      };
      assert.deepEqual(info, { ...rest, ...now });
      assert.notEqual(info.serialNumber, serialNumber);
    }
    assert.equal(kept!.subjectKeyIdentifier, before!.subjectKeyIdentifier);
    assert.notEqual(after!.subjectKeyIdentifier, before!.subjectKeyIdentifier);
    assert.equal(same.privateKey.toPem(), old.privateKey.toPem());
    const files = { ca: root.certificate, c: renewed.certificate };
    assert.match(
      openssl(['verify', '-x509_strict', '-CAfile', 'ca', '-purpose', 'sslserver', 'c'], files).output,
      /OK/,
    );
  });

  test('renews only certificates of the CA itself, unless issuedBy names the CA that it replaces', async () => {
    const [old, fresh] = await Promise.all([1, 2].map(() => CertificateAuthority.create({ subject: 'CN=Root' })));
    const client = await old!.issueClientCertificate({ user: 'alice' });
    const foreign = { code: 'issuer-mismatch' };
    await assert.rejects(fresh!.renewCertificate(client.certificate), foreign);
    await assert.rejects(fresh!.renewCertificate(client.certificate, { issuedBy: fresh!.certificate }), foreign);
    await assert.rejects(old!.renewCertificate(old!.certificate), { code: 'not-a-leaf' });
    // The holder of a certificate can sign certificates, but does not become a CA.
    const forged = await forge({
      subject: 'CN=bob',
      issuer: 'CN=alice',
      key,
      issuerKey: client.privateKey,
      extensions: [],
    });
    await assert.rejects(fresh!.renewCertificate(forged, { issuedBy: client.certificate }), {
      code: 'not-an-authority',
    });
    const { certificate } = await fresh!.renewCertificate(client.certificate, { issuedBy: old!.certificate });
    assert.ok(new X509Certificate(certificate).checkIssued(new X509Certificate(fresh!.certificate)));
    assert.equal(await fresh!.hasIssued(certificate), true);
  });

  test('certificates stay good if their root is renewed with its old key', async () => {
    const config =
      '[req]\ndistinguished_name=dn\nx509_extensions=e\n[dn]\n[e]\nsubjectKeyIdentifier=00:01:02:03\nbasicConstraints=critical,CA:TRUE,pathlen:1\nkeyUsage=critical,keyCertSign,cRLSign\n';
    const { output } = openssl(['req', '-x509', '-new', '-key', 'k', '-subj', '/CN=Odd', '-config', 'f'], {
      k: key.toPem(),
      f: config,
    });
    const old = await CertificateAuthority.load({ certificate: output, privateKey: key.toPem() });
    const client = await old.issueClientCertificate({ user: 'alice' });
    const renewed = await old.renew({ key: old.privateKey.toPem() });
    const verdict = await verifyChain({ chain: client.chain, roots: renewed.certificate, purpose: 'clientAuth' });
    assert.deepEqual(verdict.problems, []);
    assert.match(
      openssl(['verify', '-CAfile', 'ca', 'c'], { ca: renewed.certificate, c: client.certificate }).output,
      /OK/,
    );
    assert.equal(inspectCertificate(renewed.certificate).pathLength, 1);
  });

  test('a root is replaced by a root with a new key in an order that locks nobody out', async () => {
    const old = await CertificateAuthority.create({
      subject: '/O=Example/CN=Root',
      nameConstraints: { permitted: { dns: ['example.com'] } },
    });
    const fresh = await old.renew();
    const both = [old, fresh];
    const [oldServer, newServer] = await Promise.all(
      both.map((root) => root.issueServerCertificate({ hosts: ['db.example.com'] })),
    );
    const [oldClient, newClient] = await Promise.all(
      both.map((root) => root.issueClientCertificate({ user: 'alice' })),
    );
    const steps = rolloverSteps(old.certificate, fresh.certificate);
    assert.deepEqual(
      steps.map(({ step }) => step),
      ['trust-both', 'renew-servers', 'renew-clients', 'trust-next'],
    );
    const inUse = [
      { servers: [oldServer!], clients: [oldClient!] },
      { servers: [oldServer!, newServer!], clients: [oldClient!] },
      { servers: [newServer!], clients: [oldClient!, newClient!] },
      { servers: [newServer!], clients: [newClient!] },
    ];
    for (const [i, { serverRoots, clientRoots }] of steps.entries()) {
      for (const { chain } of inUse[i]!.servers) {
        assert.ok((await verifyChain({ chain, roots: clientRoots, purpose: 'serverAuth' })).ok);
        assert.match(
          openssl(['verify', '-CAfile', 'ca', '-purpose', 'sslserver', 'c'], { ca: clientRoots, c: chain }).output,
          /OK/,
        );
      }
      for (const { chain } of inUse[i]!.clients) {
        assert.match(
          openssl(['verify', '-CAfile', 'ca', '-purpose', 'sslclient', 'c'], { ca: serverRoots, c: chain }).output,
          /OK/,
        );
      }
    }
    assert.ok(!openssl(['verify', '-CAfile', 'ca', 'c'], { ca: steps.at(-1)!.serverRoots, c: oldClient!.chain }).ok);
    assert.throws(() => rolloverSteps(old.certificate, old.certificate), { code: 'root-unchanged' });
    assert.throws(() => rolloverSteps(old.certificate, newClient!.certificate), { code: 'not-a-root' });
    const middle = await old.issueIntermediateAuthority({ subject: 'CN=M' });
    await assert.rejects(middle.renew(), { code: 'not-a-root' });
  });
});

test('describeCertificate returns a text', async () => {
  const root = await CertificateAuthority.create({ subject: 'CN=Root', provider });
  const { certificate } = await root.issueServerCertificate({ hosts: ['db', '::1'], serialNumber: '0102' });
  assert.equal(
    describeCertificate(certificate),
    `subject        CN=db
issuer         CN=Root
serial number  0102 (258)
valid          2025-12-31T23:00:00.000Z to 2027-01-01T00:00:00.000Z
CA             no
DNS names      db
IP addresses   ::1
key            ecdsa-p256
key usage      digitalSignature
purposes       serverAuth
`,
  );
  assert.match(describeCertificate(root.certificate), /^issuer +itself\n[\s\S]*^CA +yes\n/m);
});

test('renewalsDue reads thousands of certificates in linear time', async () => {
  const authority = await CertificateAuthority.create({ subject: '/CN=Example CA' });
  const key = await PrivateKey.generate();
  let certificates = authority.certificate;
  for (let i = 0; i < 1_500; i++) {
    certificates += (await authority.issueClientCertificate({ user: `user${i}`, key })).certificate;
  }
  const due = await endsSoon(() => renewalsDue({ now: new Date(), certificates }));
  assert.equal(due.length, 1_501);
});
