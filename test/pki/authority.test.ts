import assert from 'node:assert/strict';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { describe, test } from 'node:test';
import { inspect } from 'node:util';
import { keyUsage } from '../../src/pki/certificate/key-usage.ts';
import {
  type AddressNames,
  CertificateAuthority,
  createCertificateRequest,
  inspectCertificate,
  keyAlgorithmNames,
  keyUsageNames,
  matchesKey,
  PrivateKey,
  type Provider,
} from '../../src/pki/index.ts';
import { openssl, opensslFiles, withoutOpenssl } from './openssl.ts';

const providers: readonly (readonly [string, Provider])[] = [
  ['the default provider', {}],
  ['globalThis.crypto', { crypto: globalThis.crypto }],
];

describe('OpenSSL accepts the certificates', { skip: withoutOpenssl }, () => {
  for (const [engineName, provider] of providers) {
    for (const keyAlgorithm of keyAlgorithmNames) {
      // RSA keys of 3072 and 4096 bits are tested with one provider only, because generating them takes seconds.
      if (engineName !== 'the default provider' && /3072|4096/.test(keyAlgorithm)) continue;
      test(`${keyAlgorithm} with ${engineName}`, async () => {
        const authority = await CertificateAuthority.create({ subject: '/O=Example/CN=Root', keyAlgorithm, provider });
        const server = await authority.issueServerCertificate({
          hosts: ['db.example.com', '*.Example.org', 'bücher.example', '127.0.0.1', '2001:DB8:0:0::1'],
          keyAlgorithm,
        });
        const client = await authority.issueClientCertificate({ user: 'web admin', keyAlgorithm });
        const files = { 'ca.crt': authority.certificate, 'server.crt': server.chain, 'client.crt': client.chain };
        for (const name of ['server', 'client']) {
          const { ok, output } = openssl(
            ['verify', '-x509_strict', '-check_ss_sig', '-CAfile', 'ca.crt', '-purpose', `ssl${name}`, `${name}.crt`],
            files,
          );
          assert.ok(ok, output);
        }
        const wrongPurpose = openssl(['verify', '-CAfile', 'ca.crt', '-purpose', 'sslclient', 'server.crt'], files);
        assert.ok(!wrongPurpose.ok, 'a server certificate is not one for clients');
        const strict = openssl(['verify', '-x509_strict', '-CAfile', 'ca.crt', 'ca.crt'], files);
        assert.ok(strict.ok, strict.output);
        for (const issued of [server, client]) {
          assert.ok(
            new X509Certificate(issued.certificate).checkPrivateKey(createPrivateKey(issued.privateKey.toPem())),
          );
        }
        assert.equal(
          new X509Certificate(server.certificate).subjectAltName,
          'DNS:db.example.com, DNS:*.example.org, DNS:xn--bcher-kva.example, IP Address:127.0.0.1, DNS:127.0.0.1, IP Address:2001:DB8:0:0:0:0:0:1',
        );
      });
    }
  }

  test('OpenSSL prints the expected extensions', async () => {
    const authority = await CertificateAuthority.create({
      subject: 'CN=Root',
      keyAlgorithm: 'rsa-2048',
      pathLength: 1,
    });
    const print = (pem: string) =>
      openssl(['x509', '-noout', '-in', 'c', '-ext', 'basicConstraints,keyUsage,extendedKeyUsage'], { c: pem })
        .output.split('\n')
        .map((line) => line.trim())
        .filter((line) => line !== '');
    assert.deepEqual(print(authority.certificate), [
      'X509v3 Basic Constraints: critical',
      'CA:TRUE, pathlen:1',
      'X509v3 Key Usage: critical',
      'Certificate Sign, CRL Sign',
    ]);
    const server = (keyAlgorithm: 'rsa-2048' | 'ecdsa-p256') =>
      authority.issueServerCertificate({ hosts: ['db'], keyAlgorithm });
    const serverLines = (usage: string) => [
      'X509v3 Basic Constraints: critical',
      'CA:FALSE',
      'X509v3 Key Usage: critical',
      usage,
      'X509v3 Extended Key Usage:',
      'TLS Web Server Authentication',
    ];
    assert.deepEqual(print((await server('ecdsa-p256')).certificate), serverLines('Digital Signature'));
    assert.deepEqual(print((await server('rsa-2048')).certificate), serverLines('Digital Signature, Key Encipherment'));
  });

  test('the self-signed server certificate of the how-to is its own root', async () => {
    const authority = await CertificateAuthority.create({
      subject: '/C=US/ST=California/L=PaloAlto/O=Jelastic/CN=mysite.com/emailAddress=mail@jelastic.com',
      hosts: ['mysite.com'],
    });
    const client = await authority.issueClientCertificate({
      user: 'webadmin',
      subject: '/C=US/ST=California/L=PaloAlto/O=Jelastic/CN=webadmin',
    });
    const files = { 'server.crt': authority.certificate, 'postgresql.crt': client.certificate };
    const asServer = ['verify', '-x509_strict', '-CAfile', 'server.crt', '-purpose', 'sslserver'];
    const verifiedServer = openssl([...asServer, '-verify_hostname', 'mysite.com', 'server.crt'], files);
    assert.ok(verifiedServer.ok, verifiedServer.output);
    const verifiedClient = openssl(
      ['verify', '-x509_strict', '-CAfile', 'server.crt', '-purpose', 'sslclient', 'postgresql.crt'],
      files,
    );
    assert.ok(verifiedClient.ok, verifiedClient.output);
    const { output } = openssl(['x509', '-noout', '-subject', '-nameopt', 'compat', '-in', 'postgresql.crt'], files);
    assert.equal(output.trim(), 'subject=/C=US/ST=California/L=PaloAlto/O=Jelastic/CN=webadmin');
  });
});

describe('validity', () => {
  const now = () => new Date('2026-01-01T00:00:00.750Z');
  const provider = { now };

  test('begins an hour before now and never ends after the issuer', async () => {
    const authority = await CertificateAuthority.create({ subject: 'CN=r', provider, validity: { days: 10 } });
    const info = inspectCertificate(authority.certificate);
    assert.equal(info.notBefore.toISOString(), '2025-12-31T23:00:00.000Z');
    assert.equal(info.notAfter.toISOString(), '2026-01-11T00:00:00.000Z');
    const client = await authority.issueClientCertificate({ user: 'u' });
    assert.deepEqual([client.notBefore, client.notAfter], [info.notBefore, info.notAfter]);
    const longer = await authority.issueClientCertificate({ user: 'u', validity: { days: 11 } });
    assert.deepEqual(longer.notAfter, info.notAfter);
    const notAfter = new Date('2026-01-11T00:00:01Z');
    await assert.rejects(authority.issueClientCertificate({ user: 'u', validity: { notAfter } }), {
      code: 'validity-invalid',
    });
    await assert.rejects(
      authority.issueClientCertificate({ user: 'u', validity: { notBefore: new Date('2025-12-31T00:00:00Z') } }),
      { code: 'validity-invalid' },
    );
    const past = { notAfter: new Date('2025-12-31T23:30:00Z') };
    await assert.rejects(authority.issueClientCertificate({ user: 'u', validity: past }), {
      code: 'validity-invalid',
      hint: /earlier clock/,
    });
  });

  test('an expired CA issues nothing, but can be loaded', async () => {
    const authority = await CertificateAuthority.create({ subject: 'CN=r', provider, validity: { days: 10 } });
    const later = await CertificateAuthority.load({
      certificate: authority.certificate,
      privateKey: authority.privateKey.toPem(),
      provider: { now: () => new Date('2026-02-01T00:00:00Z') },
    });
    await assert.rejects(later.issueServerCertificate({ hosts: ['db'] }), { code: 'issuer-expired' });
  });

  test('times that a certificate cannot express are errors', async () => {
    for (const validity of [
      { notBefore: new Date('1949-12-31T23:59:59Z') },
      { notAfter: new Date('+010000-01-01T00:00:00Z') },
      { notBefore: new Date(Number.NaN) },
      { days: 0 },
      { days: -1 },
      { notAfter: new Date('2025-12-31T23:30:00Z') },
    ]) {
      await assert.rejects(CertificateAuthority.create({ subject: 'CN=r', provider, validity }), {
        code: 'validity-invalid',
      });
    }
  });

  test('years before 2050 and from 2050 on are encoded differently', async () => {
    for (const end of ['2049-12-31T23:59:59Z', '2050-01-01T00:00:00Z', '9999-12-31T23:59:59Z']) {
      const validity = { notBefore: new Date('1950-01-01T00:00:00Z'), notAfter: new Date(end) };
      const { certificate } = await CertificateAuthority.create({ subject: 'CN=r', provider, validity });
      const judge = new X509Certificate(certificate);
      assert.equal(new Date(judge.validTo).getTime(), validity.notAfter.getTime());
      assert.equal(new Date(judge.validFrom).getTime(), validity.notBefore.getTime());
    }
  });
});

describe('serial numbers', () => {
  test('are 20 octets, positive and random; a given random source repeats them', async () => {
    for (const octet of [0x00, 0x7f, 0x80, 0xff]) {
      const provider = { random: (size: number) => new Uint8Array(size).fill(octet) };
      const { certificate } = await CertificateAuthority.create({ subject: 'CN=r', provider });
      const { serialNumber } = new X509Certificate(certificate);
      assert.equal(serialNumber.length, 40);
      assert.match(serialNumber, /^[4-7]/);
    }
  });

  test('a given number is used, or rejected if it is not positive, not hexadecimal or too long', async () => {
    const authority = await CertificateAuthority.create({ subject: 'CN=r', serialNumber: '01' });
    assert.equal(new X509Certificate(authority.certificate).serialNumber, '01');
    for (const serialNumber of ['', '0', 'xx', '00', '0000', '80', 'ff'.repeat(20), '01'.repeat(21)]) {
      await assert.rejects(authority.issueClientCertificate({ user: 'u', serialNumber }), {
        code: 'serial-number-invalid',
      });
    }
  });
});

describe('load', () => {
  test('a loaded CA issues the same certificates as the created CA, with the issuer name byte for byte', async () => {
    const authority = await CertificateAuthority.create({ subject: '/C=US/O=Größe & Co/CN=Root' });
    const loaded = await CertificateAuthority.load({
      certificate: `subject=Root\r\n${authority.certificate.replaceAll('\n', '\r\n')}`,
      privateKey: authority.privateKey.toPem(),
      provider: { crypto: globalThis.crypto },
    });
    assert.equal(loaded.certificate, authority.certificate);
    const { certificate } = await loaded.issueClientCertificate({ user: 'u' });
    assert.ok(new X509Certificate(certificate).checkIssued(new X509Certificate(authority.certificate)));
    assert.equal(await authority.hasIssued(certificate), true);
    assert.equal(await loaded.hasIssued(authority.certificate), true);
    const other = await CertificateAuthority.create({ subject: '/C=US/O=Größe & Co/CN=Root' });
    assert.equal(await other.hasIssued(certificate), false);
  });

  test('rejects a certificate that is not a CA', async () => {
    const authority = await CertificateAuthority.create({ subject: 'CN=r' });
    const client = await authority.issueClientCertificate({ user: 'u' });
    const { certificate, privateKey } = client;
    await assert.rejects(CertificateAuthority.load({ certificate, privateKey }), { code: 'not-an-authority' });
    await assert.rejects(CertificateAuthority.load({ certificate: authority.certificate, privateKey }), {
      code: 'key-mismatch',
    });
    await assert.rejects(CertificateAuthority.load({ certificate: 'nothing', privateKey }), {
      code: 'certificate-invalid',
    });
    const damaged = authority.certificate.replace(/[A-Za-z]{8}\n/, 'AAAAAAAA\n').slice(0, 200);
    await assert.rejects(CertificateAuthority.load({ certificate: damaged, privateKey }), {
      code: 'certificate-invalid',
    });
  });
});

describe('secrets', () => {
  test('no private key shows in the inspection or the JSON of a CA, a certificate or a key', async () => {
    const authority = await CertificateAuthority.create({ subject: 'CN=r' });
    const issued = await authority.issueClientCertificate({ user: 'u' });
    const key = await PrivateKey.generate('ed25519');
    for (const value of [authority, issued, key, { ...issued }]) {
      for (const text of [inspect(value, { depth: 9 }), JSON.stringify(value)]) {
        assert.doesNotMatch(text, /PRIVATE KEY/);
        assert.doesNotMatch(text, /CryptoKey/);
      }
    }
    assert.match(issued.privateKey.toPem(), /^-----BEGIN PRIVATE KEY-----\n[\s\S]+-----END PRIVATE KEY-----\n$/);
  });
});

test('PEM texts end with a newline, so that they can be joined', async () => {
  const authority = await CertificateAuthority.create({ subject: 'CN=r' });
  const issued = await authority.issueServerCertificate({ hosts: ['db'] });
  for (const pem of [authority.certificate, authority.privateKey.toPem(), issued.certificate, issued.chain]) {
    assert.match(pem, /-----END [A-Z ]+-----\n$/);
    assert.doesNotMatch(pem, /\n\n|\r/);
  }
  assert.equal(issued.chain, issued.certificate);
});

test('encodes key usages as OpenSSL does', { skip: withoutOpenssl }, async () => {
  const k = (await PrivateKey.generate()).toPem();
  for (const usages of [
    ['digitalSignature'],
    ['digitalSignature', 'keyEncipherment'],
    ['keyCertSign', 'cRLSign'],
    ['digitalSignature', 'keyEncipherment', 'keyCertSign', 'cRLSign'],
    ['encipherOnly'],
    ['keyAgreement', 'decipherOnly'],
    keyUsageNames,
  ] as const) {
    const args = ['req', '-x509', '-new', '-key', 'k', '-subj', '/CN=r', '-addext'];
    const { output } = openssl([...args, `keyUsage=critical,${usages.join(',')}`], { k });
    assert.ok(new X509Certificate(output).raw.includes(Buffer.from(keyUsage(usages))), usages.join(', '));
  }
});

test('matchesKey compares the public keys', async () => {
  const authority = await CertificateAuthority.create({ subject: 'CN=r' });
  const one = await authority.issueServerCertificate({ hosts: ['db'] });
  const two = await authority.issueServerCertificate({ hosts: ['db'], keyAlgorithm: 'rsa-2048' });
  for (const provider of [{}, { crypto: globalThis.crypto }]) {
    assert.equal(await matchesKey(one.certificate, one.privateKey, { provider }), true);
    assert.equal(await matchesKey(two.chain, two.privateKey, { provider }), true);
    assert.equal(await matchesKey(one.certificate, two.privateKey, { provider }), false);
  }
});

test('matchesKey accepts a compressed point, as a server does', { skip: withoutOpenssl }, async () => {
  for (const curve of ['prime256v1', 'secp384r1', 'secp521r1']) {
    for (let i = 0; i < 4; i++) {
      const { c, k, l } = opensslFiles(
        [
          ['ecparam', '-name', curve, '-genkey', '-noout', '-out', 'k'],
          ['ecparam', '-name', curve, '-genkey', '-noout', '-out', 'l'],
          ['ec', '-in', 'k', '-conv_form', 'compressed', '-out', 'short'],
          ['req', '-x509', '-new', '-key', 'short', '-subj', '/CN=r', '-out', 'c'],
        ],
        ['c', 'k', 'l'],
      );
      assert.equal(new X509Certificate(c!).checkPrivateKey(createPrivateKey(k!)), true);
      assert.equal(await matchesKey(c!, k!), true);
      assert.equal(await matchesKey(c!, l!), false);
    }
  }
});

test('inspectCertificate returns the fields', async () => {
  const authority = await CertificateAuthority.create({ subject: '/O=Example/CN=Root', pathLength: 0 });
  const { certificate, serialNumber } = await authority.issueServerCertificate({
    hosts: ['db', '::1'],
    dnsTextOfAddresses: 'all',
  });
  const info = inspectCertificate(certificate);
  assert.deepEqual(info.subject, [[{ type: 'CN', value: 'db' }]]);
  assert.deepEqual(info.issuer, [[{ type: 'O', value: 'Example' }], [{ type: 'CN', value: 'Root' }]]);
  assert.deepEqual(info.dnsNames, ['db', '::1']);
  assert.deepEqual(info.ipAddresses, ['::1']);
  assert.equal(info.serialNumber, serialNumber);
  assert.equal(info.isCa, false);
  assert.deepEqual(info.keyUsage, ['digitalSignature']);
  assert.deepEqual(info.extendedKeyUsage, ['serverAuth']);
  assert.equal(info.keyAlgorithm, 'ecdsa-p256');
  const root = inspectCertificate(authority.certificate);
  assert.deepEqual([root.isCa, root.pathLength, root.isSelfIssued], [true, 0, true]);
  assert.equal(info.authorityKeyIdentifier, root.subjectKeyIdentifier);
});

test('IPv4 addresses are also written as DNS names: all of them or none', async () => {
  const authority = await CertificateAuthority.create({ subject: '/CN=Example CA' });
  const hosts = ['10.0.0.1', '2001:DB8:0::1'];
  const namesWith = async (options: AddressNames) => {
    const { certificate } = await authority.issueServerCertificate({ hosts, ...options });
    const { request } = await createCertificateRequest({ subject: '/CN=db', hosts, ...options });
    const signed = await authority.signRequest(request, { hosts, ...options });
    const own = await CertificateAuthority.create({ subject: '/CN=Own', hosts, ...options });
    for (const each of [signed.certificate, own.certificate]) {
      assert.equal(new X509Certificate(each).subjectAltName, new X509Certificate(certificate).subjectAltName);
    }
    return new X509Certificate(certificate).subjectAltName;
  };
  const v6 = 'IP Address:2001:DB8:0:0:0:0:0:1';
  assert.equal(await namesWith({}), `IP Address:10.0.0.1, DNS:10.0.0.1, ${v6}`);
  assert.equal(await namesWith({ dnsTextOfAddresses: 'ipv4' }), `IP Address:10.0.0.1, DNS:10.0.0.1, ${v6}`);
  assert.equal(await namesWith({ dnsTextOfAddresses: 'none' }), `IP Address:10.0.0.1, ${v6}`);
  const all = `IP Address:10.0.0.1, DNS:10.0.0.1, ${v6}, DNS:2001:db8:0::1, DNS:2001:db8::1`;
  assert.equal(await namesWith({ dnsTextOfAddresses: 'all' }), all);
  const wrong = { hosts, dnsTextOfAddresses: 'ipv6' as 'all' };
  await assert.rejects(authority.issueServerCertificate(wrong), { code: 'argument-invalid' });
});
