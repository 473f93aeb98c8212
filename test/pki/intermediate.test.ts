import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { describe, test } from 'node:test';
import type { Bytes } from '../../src/asn1/bytes.ts';
import { derOid, derSequence } from '../../src/asn1/der.ts';
import { basicConstraints, extension } from '../../src/pki/certificate/extensions.ts';
import { extendedKeyUsage, keyUsage } from '../../src/pki/certificate/key-usage.ts';
import {
  CertificateAuthority,
  checkRevocation,
  inspectCertificate,
  PrivateKey,
  rolloverSteps,
  verifyChain,
} from '../../src/pki/index.ts';
import { forge } from './forge.ts';
import { openssl, withoutOpenssl } from './openssl.ts';

const root = await CertificateAuthority.create({ subject: '/O=Example/CN=Root' });
const key = await PrivateKey.generate();

/** Returns true if OpenSSL accepts a chain for a purpose. */
function verify(
  roots: string,
  chain: string,
  purpose: 'sslserver' | 'sslclient',
  more: readonly string[] = [],
): string {
  const args = ['verify', '-x509_strict', '-CAfile', 'roots', '-untrusted', 'chain', '-purpose', purpose, ...more];
  return openssl([...args, 'chain'], { roots, chain }).output.trim();
}

describe('intermediate CAs', { skip: withoutOpenssl }, () => {
  test('a chain of three has the leaf first and no root', async () => {
    const middle = await root.issueIntermediateAuthority({ subject: 'CN=Middle', pathLength: 1 });
    const clients = await middle.issueIntermediateAuthority({ subject: 'CN=Clients', keyAlgorithm: 'ed25519' });
    const issued = await clients.issueClientCertificate({ user: 'alice', key });
    const subjects = [...issued.chain.matchAll(/-----BEGIN[^-]*-----[^-]*-----END CERTIFICATE-----\n/g)].map(
      ([pem]) => new X509Certificate(pem).subject,
    );
    assert.deepEqual(subjects, ['CN=alice', 'CN=Clients', 'CN=Middle']);
    assert.equal(verify(root.certificate, issued.chain, 'sslclient'), 'chain: OK');
    assert.match(verify(middle.certificate, issued.chain, 'sslclient'), /unable to get issuer certificate/);
    assert.equal(clients.chain, clients.certificate + middle.certificate);
    const loaded = await CertificateAuthority.load({
      certificate: clients.chain,
      privateKey: clients.privateKey.toPem(),
    });
    const again = await loaded.issueServerCertificate({ hosts: ['db'], key });
    assert.equal(verify(root.certificate, again.chain, 'sslserver'), 'chain: OK');
    assert.ok(again.chain.endsWith(clients.chain));
  });

  test('end with their root', async () => {
    const short = await CertificateAuthority.create({ subject: 'CN=r', validity: { days: 30 } });
    const below = await short.issueIntermediateAuthority({ subject: 'CN=i' });
    const leaf = await below.issueClientCertificate({ user: 'u', key });
    const end = inspectCertificate(short.certificate).notAfter;
    assert.deepEqual([inspectCertificate(below.certificate).notAfter, leaf.notAfter], [end, end]);
  });

  test('copy the key identifier of a CA that chose its own', async () => {
    const config =
      '[req]\ndistinguished_name=dn\nx509_extensions=e\n[dn]\n[e]\nsubjectKeyIdentifier=00:01:02:03\nbasicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n';
    const { output } = openssl(['req', '-x509', '-new', '-key', 'k', '-subj', '/CN=Odd', '-config', 'f'], {
      k: key.toPem(),
      f: config,
    });
    const odd = await CertificateAuthority.load({ certificate: output, privateKey: key.toPem() });
    const { certificate, chain } = await odd.issueClientCertificate({ user: 'u' });
    assert.equal(inspectCertificate(certificate).authorityKeyIdentifier, '00010203');
    assert.equal(verify(output, chain, 'sslclient'), 'chain: OK');
  });
});

test('a CA with the name of its issuer is in the chain, because it is not a root', {
  skip: withoutOpenssl,
}, async () => {
  const middle = await root.issueIntermediateAuthority({ subject: '/O=Example/CN=Root' });
  const { chain } = await middle.issueClientCertificate({ user: 'alice', key });
  assert.equal(chain.match(/BEGIN/g)?.length, 2);
  assert.equal(verify(root.certificate, chain, 'sslclient'), 'chain: OK');
  assert.ok((await verifyChain({ chain, roots: root.certificate, purpose: 'clientAuth' })).ok);
  await assert.rejects(middle.renew(), { code: 'not-a-root' });
  assert.throws(() => rolloverSteps(root.certificate, middle.certificate), { code: 'not-a-root' });
  const [ofRoot, ofMiddle] = [await root.issueCrl(), await middle.issueCrl()];
  const problems = await checkRevocation({
    authorities: root.certificate + middle.certificate,
    crls: ofRoot.crl + ofMiddle.crl,
  });
  assert.deepEqual(problems, []);
});

test('rejects a CA certificate with an issuer certificate whose key did not sign it', async () => {
  const middle = await root.issueIntermediateAuthority({ subject: 'CN=Middle' });
  const namesake = await forge({
    subject: '/O=Example/CN=Root',
    issuer: '/O=Example/CN=Root',
    key,
    issuerKey: key,
    extensions: [basicConstraints({ isCa: true })],
    withoutIdentifiers: true,
  });
  const load = (above: string) =>
    CertificateAuthority.load({ certificate: middle.certificate + above, privateKey: middle.privateKey.toPem() });
  await assert.rejects(load(namesake), { code: 'issuer-mismatch' });
  assert.equal((await load(root.certificate)).chain, middle.chain);
});

describe('the purpose of a CA made elsewhere', { skip: withoutOpenssl }, () => {
  test('limits what it issues, as in OpenSSL', async () => {
    const authorityKey = await PrivateKey.generate();
    const chainOf = async (extensions: readonly Bytes[]) =>
      forge({
        subject: 'CN=Elsewhere',
        issuer: '/O=Example/CN=Root',
        key: authorityKey,
        issuerKey: await PrivateKey.read(root.privateKey.toPem()),
        extensions: [basicConstraints({ isCa: true }), keyUsage(['keyCertSign']), ...extensions],
      });
    const load = async (certificate: string) =>
      CertificateAuthority.load({ certificate, privateKey: authorityKey.toPem() });
    const free = await load(await chainOf([]));
    const leaves = {
      sslserver: await free.issueServerCertificate({ hosts: ['db'], key }),
      sslclient: await free.issueClientCertificate({ user: 'alice', key }),
    };
    const anything = extension('2.5.29.37', derSequence(derOid('2.5.29.37.0')));
    const verdicts: string[] = [];
    for (const extensions of [
      [extendedKeyUsage(['serverAuth'])],
      [extendedKeyUsage(['clientAuth'])],
      [extendedKeyUsage(['serverAuth', 'clientAuth'])],
      [anything],
    ]) {
      const certificate = await chainOf(extensions);
      const limited = await load(certificate);
      const issue = {
        sslserver: () => limited.issueServerCertificate({ hosts: ['db'], key }),
        sslclient: () => limited.issueClientCertificate({ user: 'alice', key }),
      };
      for (const purpose of ['sslserver', 'sslclient'] as const) {
        const judge = verify(root.certificate, leaves[purpose].certificate + certificate, purpose) === 'chain: OK';
        const outcomes = await Promise.all(
          [issue[purpose](), limited.renewCertificate(leaves[purpose].certificate, { key })].map((attempt) =>
            attempt.then(
              () => true,
              (error: { code?: string }) => error.code,
            ),
          ),
        );
        assert.deepEqual(outcomes, judge ? [true, true] : ['wrong-purpose', 'wrong-purpose']);
        verdicts.push(`${judge}`);
      }
    }
    assert.deepEqual(verdicts, ['true', 'false', 'false', 'true', 'true', 'true', 'false', 'false']);
  });
});

describe('path length', () => {
  test('stays within the path length of all CAs above', async () => {
    const two = await CertificateAuthority.create({ subject: 'CN=2', pathLength: 2 });
    const one = await two.issueIntermediateAuthority({ subject: 'CN=1', pathLength: 1 });
    const zero = await one.issueIntermediateAuthority({ subject: 'CN=0' });
    await zero.issueClientCertificate({ user: 'u', key });
    const unfit = { code: 'path-too-long' };
    const invalid = { code: 'path-length-invalid' };
    await assert.rejects(zero.issueIntermediateAuthority({ subject: 'CN=x', key }), unfit);
    await assert.rejects(one.issueIntermediateAuthority({ subject: 'CN=x', key, pathLength: 1 }), unfit);
    await assert.rejects(two.issueIntermediateAuthority({ subject: 'CN=x', key, pathLength: 2 }), unfit);
    for (const pathLength of [-1, 0.5, Number.NaN, 256, Symbol('one') as never]) {
      await assert.rejects(two.issueIntermediateAuthority({ subject: 'CN=x', key, pathLength }), invalid);
      await assert.rejects(CertificateAuthority.create({ subject: 'CN=x', key, pathLength }), invalid);
    }
    await CertificateAuthority.create({ subject: 'CN=x', key, pathLength: 255 });
    const none = await CertificateAuthority.create({ subject: 'CN=n', pathLength: 0 });
    await assert.rejects(none.issueIntermediateAuthority({ subject: 'CN=x', key }), unfit);
  });

  test('of a CA above counts even if the lower CA has none', async () => {
    const top = await CertificateAuthority.create({ subject: 'CN=top', pathLength: 1 });
    const middle = await top.issueIntermediateAuthority({ subject: 'CN=middle' });
    const bundle = { certificate: middle.certificate + top.certificate, privateKey: middle.privateKey.toPem() };
    const loaded = await CertificateAuthority.load(bundle);
    await assert.rejects(loaded.issueIntermediateAuthority({ subject: 'CN=x', key }), { code: 'path-too-long' });
  });
});

describe('name constraints', { skip: withoutOpenssl }, () => {
  const nameConstraints = {
    permitted: { dns: ['example.com'], ip: ['10.0.0.0/8', '2001:db8::/32'] },
    excluded: { dns: ['secret.example.com'], ip: ['10.9.0.0/16'] },
  };

  test('are written so that OpenSSL reads them', async () => {
    const limited = await root.issueIntermediateAuthority({ subject: 'CN=Limited', nameConstraints });
    const { output } = openssl(['x509', '-noout', '-ext', 'nameConstraints', '-in', 'c'], { c: limited.certificate });
    assert.deepEqual(
      output.split('\n').map((line) => line.trim()),
      [
        'X509v3 Name Constraints: critical',
        'Permitted:',
        'DNS:example.com',
        'IP:10.0.0.0/255.0.0.0',
        'IP:2001:DB8:0:0:0:0:0:0/FFFF:FFFF:0:0:0:0:0:0',
        'Excluded:',
        'DNS:secret.example.com',
        'IP:10.9.0.0/255.255.0.0',
        '',
      ],
    );
  });

  test('limit what a CA issues, as in OpenSSL', async () => {
    const limited = await root.issueIntermediateAuthority({ subject: 'CN=Limited', nameConstraints });
    const free = await CertificateAuthority.load({
      // A CA certificate with the same name and key, but without name constraints. With this certificate, the CA object
      // issues certificates that the name constraints forbid.
      certificate: (await root.issueIntermediateAuthority({ subject: 'CN=Limited', key: limited.privateKey.toPem() }))
        .certificate,
      privateKey: limited.privateKey.toPem(),
    });
    for (const [hosts, allowed] of [
      [['example.com'], true],
      [['db.EXAMPLE.com', '*.example.com'], true],
      [['10.1.2.3'], true],
      [['2001:db8::1'], true],
      [['notexample.com'], false],
      [['example.org'], false],
      [['db.example.com', 'example.org'], false],
      [['secret.example.com'], false],
      [['a.secret.example.com'], false],
      [['11.0.0.1'], false],
      [['10.9.1.1'], false],
      [['2001:db9::1'], false],
      [['localhost'], false],
    ] as const) {
      const subject = 'CN=server';
      const issue = () => limited.issueServerCertificate({ hosts, subject, key });
      if (allowed) await issue();
      else await assert.rejects(issue, { code: 'name-not-permitted' }, hosts.join());
      const forced = await (allowed ? limited : free).issueServerCertificate({ hosts, subject, key });
      const output = verify(root.certificate, forced.certificate + limited.certificate, 'sslserver');
      if (allowed) assert.equal(output, 'chain: OK', hosts.join());
      else assert.match(output, /permitted subtree violation|excluded subtree violation/, hosts.join());
    }
  });

  test('an address under DNS limits is written only as iPAddress', async () => {
    const limited = await root.issueIntermediateAuthority({
      subject: 'CN=L',
      nameConstraints: { permitted: { dns: ['example.com'] } },
    });
    const issued = await limited.issueServerCertificate({ hosts: ['db.example.com', '10.1.2.3'], key });
    const info = inspectCertificate(issued.certificate);
    assert.deepEqual([info.dnsNames, info.ipAddresses], [['db.example.com'], ['10.1.2.3']]);
    assert.equal(verify(root.certificate, issued.chain, 'sslserver'), 'chain: OK');
  });

  test('apply to a role that looks like a host name, and to no other role', async () => {
    const limited = await root.issueIntermediateAuthority({
      subject: 'CN=L',
      nameConstraints: { permitted: { dns: ['example.com'] } },
    });
    const free = await root.issueIntermediateAuthority({ subject: 'CN=L', key: limited.privateKey.toPem() });
    for (const [user, allowed] of [
      ['alice', true],
      ['web admin', true],
      ['a.b@c', true],
      ['-a.b', true],
      ['a..b', true],
      ['app.example.com', true],
      ['alice.smith', false],
      ['a_b.c-d', false],
    ] as const) {
      const forced = await free.issueClientCertificate({ user, key });
      const output = verify(root.certificate, forced.certificate + limited.certificate, 'sslclient');
      assert.equal(output === 'chain: OK', allowed, `${user}: ${output}`);
      if (allowed) await limited.issueClientCertificate({ user, key });
      else await assert.rejects(limited.issueClientCertificate({ user, key }), { code: 'name-not-permitted' });
    }
  });

  test('values that are not names or networks are errors', async () => {
    for (const permitted of [
      { dns: ['*.example.com'] },
      { dns: ['10.0.0.1'] },
      { dns: [''] },
      { ip: ['10.0.0.0/33'] },
      { ip: ['10.0.0/8'] },
      { ip: ['::/129'] },
      { ip: ['::/0/0'] },
      { ip: ['example.com'] },
      { ip: ['10.0.0.0/'] },
    ]) {
      await assert.rejects(root.issueIntermediateAuthority({ subject: 'CN=x', key, nameConstraints: { permitted } }), {
        code: 'host-invalid',
      });
    }
  });
});
