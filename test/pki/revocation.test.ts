import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { derSequence } from '../../src/asn1/der.ts';
import { readChildren, readDer } from '../../src/asn1/reader.ts';
import {
  CertificateAuthority,
  certificateFileName,
  checkRevocation,
  crlFileName,
  inspectCrl,
  keyAlgorithmNames,
  Ledger,
  memoryLedgerStore,
  PrivateKey,
} from '../../src/pki/index.ts';
import { newEcKey, openssl, opensslFiles, withoutBareCertificates, withoutOpenssl } from './openssl.ts';
import { X509Crl } from './x509.ts';

const key = await PrivateKey.generate();
const root = await CertificateAuthority.create({ subject: '/O=Example/CN=Root' });
const middle = await root.issueIntermediateAuthority({ subject: 'CN=Middle' });
const alice = await middle.issueClientCertificate({ user: 'alice', key });
const bob = await middle.issueClientCertificate({ user: 'bob', key });

/** Returns OpenSSL's verdict on a chain with the checks that PostgreSQL uses. */
function verify(chain: string, lists: string, more: readonly string[] = []): string {
  const args = ['verify', '-crl_check_all', '-x509_strict', '-CAfile', 'ca', '-CRLfile', 'crl', '-untrusted', 'chain'];
  return openssl([...args, ...more, 'chain'], { ca: root.certificate, crl: lists, chain }).output.trim();
}

describe('OpenSSL accepts the CRLs', { skip: withoutOpenssl }, () => {
  for (const provider of [{}, { crypto: globalThis.crypto }]) {
    for (const keyAlgorithm of keyAlgorithmNames.filter((name) => !/3072|4096/.test(name))) {
      test(`${keyAlgorithm} with ${'crypto' in provider ? 'globalThis.crypto' : 'the default provider'}`, async () => {
        const authority = await CertificateAuthority.create({ subject: 'CN=r', keyAlgorithm, provider });
        const [good, bad] = [
          await authority.issueClientCertificate({ user: 'good', key }),
          await authority.issueClientCertificate({ user: 'bad', key }),
        ];
        const { crl } = await authority.issueCrl({ revoked: [{ certificate: bad.certificate }] });
        const args = ['verify', '-crl_check_all', '-x509_strict', '-CAfile', 'ca', '-CRLfile', 'crl'];
        const files = { ca: authority.certificate, crl: crl };
        assert.equal(openssl([...args, 'c'], { ...files, c: good.certificate }).output.trim(), 'c: OK');
        assert.match(openssl([...args, 'c'], { ...files, c: bad.certificate }).output, /certificate revoked/);
        assert.deepEqual(await checkRevocation({ authorities: authority.certificate, crls: crl, provider }), []);
      });
    }
  }

  test('every CA of the chain needs a CRL', async () => {
    const lists = await Promise.all([root, middle].map((authority) => authority.issueCrl()));
    const [ofRoot, ofMiddle] = lists.map(({ crl }) => crl) as [string, string];
    assert.equal(verify(alice.chain, ofRoot + ofMiddle), 'chain: OK');
    const authorities = root.certificate + middle.certificate;
    assert.deepEqual(await checkRevocation({ authorities, crls: ofMiddle + ofRoot }), []);
    for (const crls of [ofRoot, ofMiddle]) {
      assert.match(verify(alice.chain, crls), /unable to get certificate CRL/);
      const problems = await checkRevocation({ authorities, crls });
      assert.deepEqual(
        problems.map(({ code, severity }) => [code, severity]),
        [['crl-missing', 'error']],
      );
    }
    assert.equal((await checkRevocation({ authorities, crls: '' })).length, 2);
  });

  test('a CRL has number, key identifier, reasons and dates', async () => {
    const { crl, number } = await middle.issueCrl({
      revoked: [
        {
          certificate: alice.certificate,
          reason: 'keyCompromise',
          invalidSince: new Date('2026-01-02T03:04:05.678Z'),
          revokedAt: new Date('2026-02-03T04:05:06.789Z'),
        },
        { serialNumber: '0102', reason: 'unspecified' },
        { serialNumber: '7F', reason: 'cessationOfOperation', revokedAt: new Date('2051-01-01T00:00:00Z') },
      ],
    });
    assert.equal(number, '1');
    const { output } = openssl(['crl', '-noout', '-text', '-in', 'l'], { l: crl });
    assert.match(output, /Version 2 \(0x1\)/);
    assert.match(output, /X509v3 Authority Key Identifier: \n\s+([0-9A-F]{2}:?){20}\n/);
    assert.match(output, /X509v3 CRL Number: \n\s+1\n/);
    assert.match(output, /Revocation Date: Feb {2}3 04:05:06 2026 GMT/);
    assert.match(output, /Key Compromise/);
    assert.match(output, /Invalidity Date: \n\s+Jan {2}2 03:04:05 2026 GMT/);
    assert.match(
      output,
      /Serial Number: 0102\n\s+Revocation Date: [^\n]*\n\s+Serial Number: 7F/,
      'no extensions without a reason',
    );
    assert.match(output, /Revocation Date: Jan {2}1 00:00:00 2051 GMT/);
    const info = inspectCrl(crl);
    assert.deepEqual(
      info.revoked.map(({ serialNumber, reason }) => [serialNumber, reason]),
      [
        [alice.serialNumber, 'keyCompromise'],
        ['0102', undefined],
        ['7f', 'cessationOfOperation'],
      ],
    );
    assert.deepEqual(info.revoked[0]!.invalidSince, new Date('2026-01-02T03:04:05Z'));
    const judge = new X509Crl(crl.replaceAll('X509 CRL', 'CRL'));
    assert.deepEqual(
      judge.entries.map((entry) => entry.serialNumber),
      [alice.serialNumber, '0102', '7f'],
    );
  });

  test('an entry stays in later CRLs', async () => {
    const first = await middle.issueCrl({
      revoked: [{ certificate: alice.certificate, reason: 'superseded' }],
    });
    const second = await middle.issueCrl({
      previous: first.crl,
      revoked: [{ certificate: bob.certificate }, { certificate: alice.certificate, reason: 'keyCompromise' }],
    });
    const third = await middle.issueCrl({ previous: second.crl });
    assert.deepEqual([first.number, second.number, third.number], ['1', '2', '3']);
    const { crl: ofRoot } = await root.issueCrl();
    for (const { chain } of [alice, bob]) assert.match(verify(chain, ofRoot + third.crl), /certificate revoked/);
    const { revoked } = inspectCrl(third.crl);
    assert.deepEqual(
      revoked.map(({ reason }) => reason),
      ['superseded', undefined],
    );
    for (const number of ['3', '0', '-1', 'x', '']) {
      await assert.rejects(middle.issueCrl({ previous: third.crl, number }), {
        code: 'crl-number-invalid',
      });
    }
    const leap = await middle.issueCrl({ previous: third.crl, number: '99999999999999999999' });
    assert.equal(inspectCrl(leap.crl).number, '99999999999999999999');
  });

  test('OpenSSL uses the next CRL also beside a previous CRL that was issued a moment ago', async () => {
    const { crl: ofRoot } = await root.issueCrl();
    // `openssl ca -gencrl` issues CRLs that are valid from now on.
    const notBefore = new Date(Date.now() - 60_000);
    const first = await middle.issueCrl({ validity: { notBefore } });
    const second = await middle.issueCrl({ previous: first.crl, revoked: [{ certificate: alice.certificate }] });
    const third = await middle.issueCrl({ previous: second.crl });
    assert.ok(second.thisUpdate > first.thisUpdate && third.thisUpdate > second.thisUpdate);
    assert.ok(third.thisUpdate <= new Date());
    for (const crls of [first.crl + second.crl, second.crl + first.crl, first.crl + third.crl]) {
      assert.match(verify(alice.chain, ofRoot + crls), /certificate revoked/);
    }
    // A CRL is never valid only in the future, and a period of the caller stays.
    const early = await middle.issueCrl({ validity: { notBefore: new Date(Date.now() + 60_000) } });
    assert.ok((await middle.issueCrl({ previous: early.crl })).thisUpdate <= new Date());
    const asked = new Date(Math.floor(Date.now() / 1000) * 1000 - 600_000);
    const own = await middle.issueCrl({ previous: first.crl, validity: { notBefore: asked } });
    assert.deepEqual(own.thisUpdate, asked);
    // A previous CRL from long ago does not change the default period.
    const old = await middle.issueCrl({ validity: { notBefore: new Date(Date.now() - 3_500_000) } });
    const next = await middle.issueCrl({ previous: old.crl });
    assert.ok(next.thisUpdate.getTime() > old.thisUpdate.getTime());
  });

  test('a CRL of OpenSSL is read and continued', async () => {
    const config = '[ca]\ndefault_ca=d\n[d]\ndatabase=db\ndefault_md=sha256\ncrlnumber=n\ndefault_crl_days=30\n';
    const { crl } = opensslFiles(
      [['ca', '-gencrl', '-config', 'f', '-keyfile', 'k', '-cert', 'c', '-out', 'crl']],
      ['crl'],
      {
        f: config,
        n: 'FF\n',
        k: middle.privateKey.toPem(),
        c: middle.certificate,
        db: 'R\t301231235959Z\t260101000000Z,keyCompromise\t0A0B\tunknown\t/CN=x\n',
      },
    );
    const info = inspectCrl(crl!);
    assert.deepEqual(info.revoked, [
      { serialNumber: '0a0b', revokedAt: new Date('2026-01-01T00:00:00Z'), reason: 'keyCompromise' },
    ]);
    assert.equal(info.number, '255');
    const next = await middle.issueCrl({ previous: crl!, revoked: [{ certificate: bob.certificate }] });
    assert.equal(next.number, '256');
    assert.equal(inspectCrl(next.crl).revoked.length, 2);
  });

  test('the hash names equal those of OpenSSL', async () => {
    const subjects = [
      '/O=Example/CN=Root',
      '/C=US/O=  Two   Blanks  /CN=UPPER lower',
      '/CN=Zoë Ω/O=ÄÖÜ',
      '/DC=net/DC=Example/UID=x/emailAddress=A@B.C',
      '/O=x+OU=y+CN=z',
      '/1.2.3.4=Unknown Type',
      '/CN=tab\ttab \n newline',
    ];
    for (const subject of subjects) {
      const authority = await CertificateAuthority.create({ subject, key });
      const { crl, fileName } = await authority.issueCrl();
      const judge = openssl(['crl', '-noout', '-hash', '-in', 'l'], { l: crl }).output.trim();
      assert.equal(fileName, `${judge}.r0`, subject);
      assert.equal(await crlFileName(crl, { index: 2 }), `${judge}.r2`);
      assert.equal(await certificateFileName(authority.certificate), `${judge}.0`);
    }
  });

  test('expired CRLs are reported before they lock everybody out, and OpenSSL agrees', async () => {
    const at = (text: string) => new Date(text);
    const provider = { now: () => at('2026-03-01T00:00:00Z') };
    const authority = await CertificateAuthority.create({ subject: 'CN=r', provider });
    const client = await authority.issueClientCertificate({ user: 'u', key });
    const { crl } = await authority.issueCrl({ validity: { days: 20 } });
    for (const [moment, code, judge] of [
      ['2026-02-28T22:59:59Z', 'crl-not-yet-valid', /CRL is not yet valid/],
      ['2026-03-01T00:00:00Z', undefined, /OK/],
      ['2026-03-13T23:59:59Z', undefined, /OK/],
      ['2026-03-14T00:00:01Z', 'crl-expires-soon', /OK/],
      ['2026-03-20T23:59:59Z', 'crl-expires-soon', /OK/],
      ['2026-03-21T00:00:01Z', 'crl-expired', /CRL has expired/],
    ] as const) {
      const problems = await checkRevocation({
        authorities: authority.certificate,
        crls: crl,
        at: at(moment),
      });
      assert.deepEqual(
        problems.map((problem) => problem.code),
        code === undefined ? [] : [code],
        moment,
      );
      const args = [
        'verify',
        '-crl_check_all',
        '-CAfile',
        'ca',
        '-CRLfile',
        'l',
        '-attime',
        String(at(moment).getTime() / 1000),
        'c',
      ];
      const { output } = openssl(args, { ca: authority.certificate, l: crl, c: client.certificate });
      assert.match(output, judge, moment);
    }
  });

  test('a CRL without an end is read, although @peculiar/x509 reads it as empty', async () => {
    const { crl } = await middle.issueCrl({ revoked: [{ serialNumber: '0a0b' }] });
    const whole = readDer(Uint8Array.from(Buffer.from(crl.replace(/-----[^-]+-----/g, ''), 'base64')));
    const [content, algorithm, signature] = readChildren(whole);
    const fields = readChildren(content!).filter((_, i) => i !== 4);
    const cut = derSequence(derSequence(...fields.map(({ bytes }) => bytes)), algorithm!.bytes, signature!.bytes);
    const { output } = openssl(['crl', '-noout', '-text', '-inform', 'DER', '-in', 'l'], { l: cut });
    assert.match(output, /Next Update: NONE[\s\S]*Serial Number: 0A0B/);
    const info = inspectCrl(cut);
    assert.equal(info.nextUpdate, undefined);
    assert.deepEqual(
      info.revoked.map(({ serialNumber }) => serialNumber),
      ['0a0b'],
    );
  });
});

test('the PEM label that @peculiar/x509 writes is reported, because PostgreSQL does not find such a CRL', async () => {
  const { crl } = await root.issueCrl();
  assert.match(crl, /^-----BEGIN X509 CRL-----\n[\s\S]*-----END X509 CRL-----\n$/);
  const relabelled = crl.replaceAll('X509 CRL', 'CRL');
  const problems = await checkRevocation({ authorities: root.certificate, crls: relabelled });
  assert.deepEqual(
    problems.map(({ code }) => code),
    ['crl-label'],
  );
});

test('a forged CRL and a CRL of another CA with the same name do not count', async () => {
  const namesake = await CertificateAuthority.create({ subject: '/O=Example/CN=Root' });
  const { crl } = await namesake.issueCrl();
  const codes = async (lists: string) =>
    (await checkRevocation({ authorities: root.certificate, crls: lists })).map(({ code }) => code);
  assert.deepEqual(await codes(crl), ['crl-missing']);
  const own = await root.issueCrl();
  const der = Buffer.from(own.crl.replace(/-----[^-]+-----/g, ''), 'base64');
  der[der.length - 1]! ^= 1;
  const forged = `-----BEGIN X509 CRL-----\n${der.toString('base64')}\n-----END X509 CRL-----\n`;
  assert.deepEqual(await codes(forged), ['crl-not-signed']);
  // OpenSSL chooses one of several CRLs of a CA before it checks signatures (see verify-revocation.test.ts), so a wrong
  // CRL can hide a good one.
  assert.deepEqual(await codes(forged + own.crl), ['crl-not-signed']);
  await assert.rejects(root.issueCrl({ previous: crl }), { code: 'issuer-mismatch' });
  await assert.rejects(root.issueCrl({ previous: forged }), { code: 'issuer-mismatch' });
});

test('revoking something that cannot be revoked is an error', async () => {
  const revoke = (revocation: { certificate: string } | { serialNumber: string }) =>
    root.issueCrl({ revoked: [revocation] });
  await assert.rejects(revoke({ certificate: alice.certificate }), { code: 'issuer-mismatch' });
  await assert.rejects(revoke({ certificate: 'x' }), { code: 'certificate-invalid' });
  await assert.rejects(revoke({ serialNumber: 'xyz' }), { code: 'serial-number-invalid' });
  // The form of pg_stat_ssl.client_serial.
  const decimal = BigInt(`0x${alice.serialNumber}`).toString();
  await assert.rejects(revoke({ serialNumber: decimal }), {
    code: 'serial-number-invalid',
    message: /not decimal digits/,
    hint: /pg_stat_ssl\.client_serial is a decimal number/,
  });
  await assert.rejects(root.issueCrl({ previous: 'x' }), { code: 'crl-invalid' });
  await assert.rejects(root.issueCrl({ previous: alice.certificate }), { code: 'crl-invalid' });
});

test('an unknown revocation reason is an error, and does not change a ledger', async () => {
  const reason = 'keycompromise' as 'keyCompromise';
  await assert.rejects(middle.issueCrl({ revoked: [{ certificate: alice.certificate, reason }] }), {
    code: 'revocation-reason-unknown',
  });
  const ledger = new Ledger(memoryLedgerStore());
  await ledger.record(alice.certificate);
  await assert.rejects(ledger.revoke({ user: 'alice' }, { reason }), { code: 'revocation-reason-unknown' });
  const at = new Date(Number.NaN);
  await assert.rejects(ledger.revoke({ user: 'alice' }, { at }), { code: 'validity-invalid' });
  assert.equal((await ledger.certificates())[0]!.revokedAt, undefined);
  assert.equal((await ledger.revoke({ user: 'alice' }, { reason: 'keyCompromise' })).length, 1);
});

test('a root of version 1, as in the oldest guides, needs a CRL as any other', {
  skip: withoutBareCertificates,
}, async () => {
  const { c, l } = opensslFiles(
    [
      ['req', '-new', '-key', 'k', '-out', 'r', '-subj', '/CN=Root'],
      ['x509', '-req', '-in', 'r', '-signkey', 'k', '-out', 'c'],
      ['req', '-new', '-nodes', '-newkey', ...newEcKey('P-256'), '-keyout', 'j', '-out', 's', '-subj', '/CN=alice'],
      ['x509', '-req', '-in', 's', '-CA', 'c', '-CAkey', 'k', '-CAcreateserial', '-out', 'l'],
    ],
    ['c', 'l'],
    { k: key.toPem() },
  );
  const judge = (more: readonly string[]) =>
    openssl(['verify', ...more, '-purpose', 'sslclient', '-CAfile', 'c', 'l'], { c: c!, l: l! }).output;
  assert.match(judge([]), /^l: OK/);
  assert.match(judge(['-crl_check_all']), /unable to get certificate CRL/);
  const codes = async (authorities: string) =>
    (await checkRevocation({ authorities, crls: '' })).map(({ code }) => code);
  assert.deepEqual(await codes(c!), ['crl-missing']);
  assert.deepEqual(await codes(c! + l!), ['crl-missing'], 'the leaf is not a CA');
});

test('a CA without cRLSign signs no CRL, and is reported', { skip: withoutOpenssl }, async () => {
  const config =
    '[req]\ndistinguished_name=dn\nx509_extensions=e\n[dn]\n[e]\nbasicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n';
  const { output: certificate } = openssl(['req', '-x509', '-new', '-key', 'k', '-subj', '/CN=r', '-config', 'f'], {
    k: key.toPem(),
    f: config,
  });
  const authority = await CertificateAuthority.load({ certificate, privateKey: key.toPem() });
  await assert.rejects(authority.issueCrl(), { code: 'authority-lacks-crl-sign' });
  const problems = await checkRevocation({ authorities: certificate, crls: '' });
  assert.deepEqual(
    problems.map(({ code }) => code),
    ['authority-lacks-crl-sign'],
  );
});
