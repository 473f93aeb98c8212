import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { asciiBytes, type Bytes, fromHex } from '../../src/asn1/bytes.ts';
import { der, derBitString, derInteger, derOid, derSequence, derTag, derTime, derTrue } from '../../src/asn1/der.ts';
import { encodeName, parseName } from '../../src/names/name.ts';
import { certificatePem } from '../../src/pki/certificate/certificate.ts';
import { basicConstraints, extension, extensionOid } from '../../src/pki/certificate/extensions.ts';
import {
  CertificateAuthority,
  describeCertificate,
  inspectCertificate,
  inspectCrl,
  Ledger,
  memoryLedgerStore,
  PrivateKey,
  verifyChain,
} from '../../src/pki/index.ts';
import { signerOf } from '../../src/pki/keys/private-key.ts';
import { readAlgorithm, readPublicKey } from '../../src/pki/keys/public-key.ts';
import { signStructure } from '../../src/pki/keys/signature.ts';
import { signatureAlgorithm } from '../../src/pki/keys/signature-algorithm.ts';
import { loadedByOpenssl, openssl, profile, withoutOpenssl } from './openssl.ts';

const root = await CertificateAuthority.create({ subject: 'CN=Root' });
const signer = signerOf(await PrivateKey.read(root.privateKey.toPem()));
const key = await PrivateKey.generate();

interface Parts {
  /** The serial number, as a complete DER INTEGER. */
  readonly serialNumber?: Bytes;
  readonly subject?: Bytes;
  /** The AlgorithmIdentifier in the signed part of the certificate. */
  readonly algorithm?: Bytes;
  readonly validity?: readonly [Bytes, Bytes];
  /** The public key, as SubjectPublicKeyInfo. */
  readonly publicKey?: Bytes;
  readonly extensions?: readonly Bytes[];
}

/** Returns a certificate that the root signs, made of given DER parts, which may have unusual encodings. */
async function odd({ serialNumber, subject, algorithm, validity, publicKey, extensions = [] }: Parts): Promise<Bytes> {
  const [start, end] = validity ?? [derTime(new Date(Date.now() - 1e7)), derTime(new Date(Date.now() + 1e7))];
  const content = derSequence(
    der(0xa0, derInteger(2)),
    serialNumber ?? derInteger(7),
    algorithm ?? signatureAlgorithm(signer.kind),
    encodeName(parseName('CN=Root')),
    derSequence(start, end),
    subject ?? encodeName(parseName('CN=alice')),
    publicKey ?? signerOf(key).publicKey,
    ...(extensions.length === 0 ? [] : [der(0xa3, derSequence(...extensions))]),
  );
  return signStructure(content, signer);
}

/** Returns true if the certificate verifies. A certificate that cannot be read does not verify. */
async function isGood(certificate: Bytes): Promise<boolean> {
  return verifyChain({ chain: certificatePem(certificate), roots: root.certificate, purpose: 'clientAuth' }).then(
    ({ ok }) => ok,
    (error: { code?: string }) => {
      assert.equal(error.code, 'certificate-invalid');
      return false;
    },
  );
}

function judge(certificate: Bytes): boolean {
  const args = ['verify', '-CAfile', 'ca', '-purpose', 'sslclient', 'c'];
  return openssl(args, { ca: root.certificate, c: certificatePem(certificate) }).output.trim() === 'c: OK';
}

describe('reads odd encodings as OpenSSL does', { skip: withoutOpenssl }, () => {
  test('a signature algorithm in the signed part that differs from the one outside is rejected', async () => {
    for (const [oid, good] of [
      ['1.2.840.10045.4.3.2', true],
      ['1.2.840.10045.4.3.3', false],
    ] as const) {
      const certificate = await odd({ algorithm: derSequence(derOid(oid)) });
      assert.deepEqual([await isGood(certificate), judge(certificate)], [good, good], oid);
    }
  });

  test('a name has a value of exactly the ASN.1 types that OpenSSL takes', async () => {
    const contents: Readonly<Record<number, string>> = { 1: '\xff', 3: '\0A', 5: '', 16: '', 17: '' };
    const taken: number[] = [];
    // Type 15 is left out, because it is reserved and OpenSSL accepts it nevertheless.
    for (const tag of [...Array(31).keys(), 0x30, 0x31, 0x80].filter((one) => one > 0 && one !== 15)) {
      const value = der(tag, asciiBytes(contents[tag] ?? (tag >= 0x30 && tag < 0x80 ? '' : 'ABCD')));
      // Makes the bytes of the UniversalString a valid UTF-32 character.
      if (tag === derTag.universalString) value.fill(0, 2, 5);
      const subject = derSequence(der(derTag.set, derSequence(derOid('2.5.4.3'), value)));
      const certificate = await odd({ subject });
      assert.equal(await isGood(certificate), judge(certificate), tag.toString(16));
      if (await isGood(certificate)) taken.push(tag);
    }
    assert.deepEqual(taken, [3, 7, 8, 9, 11, 12, 13, 14, 18, 19, 20, 22, 28, 29, 30, 0x30]);
  });

  test('a time has exactly the forms that OpenSSL takes', async () => {
    const end = der(derTag.generalizedTime, asciiBytes('20990101000000Z'));
    const begin = der(derTag.utcTime, asciiBytes('200101000000Z'));
    let good = 0;
    for (const [tag, text] of [
      ['utcTime', '200101000000Z'],
      ['utcTime', '2001010000Z'],
      ['utcTime', '200101000000+0000'],
      ['utcTime', '200230000000Z'],
      ['utcTime', '201301000000Z'],
      ['utcTime', '200101240000Z'],
      ['utcTime', '200101000060Z'],
      ['utcTime', '200101000000'],
      ['utcTime', '500101000000Z'],
      ['generalizedTime', '20200101000000Z'],
      ['generalizedTime', '20200101000000.5Z'],
      ['generalizedTime', '202001010000Z'],
      ['generalizedTime', '20200101000000+0100'],
      ['generalizedTime', '20000229000000Z'],
      ['generalizedTime', '19000229000000Z'],
      ['utf8String', '200101000000Z'],
    ] as const) {
      const certificate = await odd({ validity: [der(derTag[tag], asciiBytes(text)), end] });
      assert.equal(await isGood(certificate), judge(certificate), `${tag} ${text}`);
      good += judge(certificate) ? 1 : 0;
    }
    assert.equal(good, 4);
    for (const text of ['490101000000Z', '500101000000Z']) {
      const certificate = await odd({ validity: [begin, der(derTag.utcTime, asciiBytes(text))] });
      assert.equal(await isGood(certificate), judge(certificate), text);
    }
  });

  test('a bit string with an impossible number of unused bits is judged alike', async () => {
    const { keyUsage, netscapeCertType } = extensionOid;
    for (const oid of [keyUsage, netscapeCertType, extensionOid.subjectAltName]) {
      for (const content of ['', '00', '01', '07', '08', 'ff', '0780', '0880', '07ff', '0000', '000080']) {
        const certificate = await odd({ extensions: [extension(oid, der(derTag.bitString, fromHex(content)))] });
        assert.equal(await isGood(certificate), judge(certificate), `${oid} ${content}`);
      }
    }
  });

  test('a path length of any number of octets is judged alike', async () => {
    const padded = '0005 00ff 0080 ff80 000000000001';
    const long = '0100000000 01000000000000 7fffffffffffffff 008000000000000000 00ffffffffffffffff';
    for (const octets of ['', ...`00 05 7f 80 ff ${padded} ${long}`.split(' ')]) {
      const value = derSequence(derTrue, der(derTag.integer, fromHex(octets)));
      const certificate = await odd({ extensions: [extension(extensionOid.basicConstraints, value)] });
      assert.equal(await isGood(certificate), judge(certificate), octets);
    }
  });

  test('an extension that occurs twice is rejected, unless OpenSSL does not know the extension', async () => {
    const unknown = extension('1.2.3.4', der(0x05));
    const authority = basicConstraints({ isCa: true });
    const leaf = basicConstraints({ isCa: false });
    for (const extensions of [
      [leaf, leaf],
      [authority, leaf],
      [leaf, authority],
    ]) {
      const certificate = await odd({ extensions });
      assert.ok(!judge(certificate));
      assert.ok(!(await isGood(certificate)));
    }
    // RFC 5280 forbids an unknown extension to occur twice, too, but OpenSSL ignores extensions that it does not know.
    const twice = await odd({ extensions: [unknown, unknown] });
    assert.deepEqual([await isGood(twice), judge(twice)], [true, true]);
    assert.ok(await isGood(await odd({ extensions: [unknown, leaf] })));
  });

  test('serial numbers are revoked byte for byte, in this CRL and in the next', async () => {
    const integer = (...octets: number[]) => der(derTag.integer, Uint8Array.from(octets));
    const revoked: string[] = [];
    const named: readonly (readonly [Bytes, string | undefined])[] = [
      [integer(0), '00'],
      [integer(1), '01'],
      [integer(0, 0xff), 'ff'],
      [integer(0xff), '-01'],
      [integer(0x80), '-80'],
      [integer(0xff, 0x7f), '-81'],
      [integer(0x80, 0), '-8000'],
      [integer(...new Array<number>(30).fill(0x55)), '55'.repeat(30)],
      [integer(0, 1), undefined],
      [integer(0xff, 0xff), undefined],
      [integer(), undefined],
    ];
    for (const [serialNumber, digits] of named) {
      const certificate = await odd({ serialNumber });
      assert.equal(await isGood(certificate), judge(certificate), digits);
      assert.equal(judge(certificate), digits !== undefined, digits);
      if (digits === undefined) continue;
      const pem = certificatePem(certificate);
      const { output } = openssl(['x509', '-noout', '-serial', '-in', 'c'], { c: pem });
      assert.equal(output.trim().toLowerCase(), `serial=${digits}`);
      assert.equal(inspectCertificate(pem).serialNumber, digits);
      assert.match(describeCertificate(pem), /^serial number +\S+ \(-?\d+\)$/m);
      const ledger = new Ledger(memoryLedgerStore());
      await ledger.record(pem);
      await ledger.revoke({ serialNumber: digits });
      const first = await root.issueCrl({ revoked: [{ certificate: pem }] });
      const lists = [
        first,
        await root.issueCrl({ previous: first.crl }),
        await root.issueCrl({ revoked: [{ serialNumber: digits.toUpperCase() }] }),
        await ledger.issueCrl(root),
      ];
      for (const { crl } of lists) {
        const files = { ca: root.certificate, c: pem, crl: crl };
        assert.match(
          openssl(['verify', '-crl_check', '-CAfile', 'ca', '-CRLfile', 'crl', 'c'], files).output,
          /certificate revoked/,
          digits,
        );
        const options = { roots: root.certificate, crls: crl, purpose: 'clientAuth' } as const;
        const { problems } = await verifyChain({ ...options, chain: pem });
        assert.deepEqual(
          problems.map(({ code }) => code),
          ['revoked'],
          digits,
        );
        // Revoking a serial number revokes no other one: 255 and -1, for example, have similar encodings.
        for (const other of revoked) assert.ok((await verifyChain({ ...options, chain: other })).ok, digits);
      }
      revoked.push(pem);
    }
  });

  test('bytes after a certificate and wrong lengths are errors, and a length of too many octets is read', async () => {
    const whole = await odd({});
    const [, , high, low] = whole;
    const variants: readonly (readonly [string, Uint8Array, boolean])[] = [
      ['as it is', whole, true],
      ['trailing bytes', Uint8Array.of(...whole, 0, 0), false],
      ['cut off', whole.subarray(0, -1), false],
      // OpenSSL also reads the following two encodings, which are BER and not DER. This library reports an error.
      ['indefinite length', Uint8Array.of(0x30, 0x80, ...whole.subarray(4), 0, 0), false],
      ['a longer length than is needed', Uint8Array.of(0x30, 0x83, 0, high!, low!, ...whole.subarray(4)), true],
      ['a length of 2^56', Uint8Array.of(0x30, 0x87, ...new Array<number>(7).fill(0xff), ...whole.subarray(4)), false],
      ['a length of 4 GB', Uint8Array.of(0x30, 0x84, ...new Array<number>(4).fill(0xff), ...whole.subarray(4)), false],
      ['nothing', new Uint8Array(), false],
    ];
    for (const [name, bytes, isRead] of variants) {
      const read = () => inspectCertificate(bytes).serialNumber;
      if (isRead) assert.equal(read(), '07', name);
      else assert.throws(read, { code: 'certificate-invalid' }, name);
    }
  });
});

test('times that no CRL can contain are errors', async () => {
  for (const moment of [new Date(Number.NaN), new Date('1949-12-31T23:59:59Z'), new Date('+010000-01-01T00:00:00Z')]) {
    for (const revocation of [{ revokedAt: moment }, { invalidSince: moment }]) {
      await assert.rejects(root.issueCrl({ revoked: [{ serialNumber: '01', ...revocation }] }), {
        code: 'validity-invalid',
      });
    }
  }
});

test('a CRL can have more than a hundred thousand entries', { skip: withoutOpenssl }, async () => {
  const revoked = Array.from({ length: 200_000 }, (_, i) => ({ serialNumber: (i + 1).toString(16).padStart(8, '0') }));
  const { crl } = await root.issueCrl({ revoked });
  assert.equal(inspectCrl(crl).revoked.length, 200_000);
  const { certificate } = await root.issueClientCertificate({ user: 'u', key, serialNumber: '030d40' });
  const files = { ca: root.certificate, c: certificate, crl: crl };
  const args = ['verify', '-crl_check', '-CAfile', 'ca', '-CRLfile', 'crl', 'c'];
  assert.match(openssl(args, files).output, /certificate revoked/);
});

test('loads parameters of an algorithm as OpenSSL does, in each of the universal types', {
  skip: withoutOpenssl,
}, async () => {
  const { algorithm, bits } = readPublicKey(signerOf(key).publicKey);
  const contents = ['', '01', '0000', '0080', '0401', '040100', '000000', '00110000', '2404040141'];
  const pems: Record<string, string> = {};
  for (let octet = 0; octet <= 0xff; octet++) {
    // Identifiers of several octets are left out, because the library does not read them. Of each other class, one
    // octet is enough.
    if ((octet & 0x1f) === 0x1f || (octet >= 0x40 && (octet & 0x1f) !== 0x02)) continue;
    // From 3.5 on, OpenSSL does not look into a time here. This library reports an error.
    if ([0x17, 0x18, 0x37, 0x38].includes(octet) && profile !== '3') continue;
    for (const content of contents) {
      const parameters = der(octet, fromHex(content));
      const info = derSequence(derSequence(derOid(readAlgorithm(algorithm).algorithm), parameters), derBitString(bits));
      pems[`0x${octet.toString(16)}-${content}`] = certificatePem(await odd({ publicKey: info }));
    }
  }
  const loaded = loadedByOpenssl(pems);
  assert.ok(loaded.size > 100 && loaded.size < Object.keys(pems).length - 100, String(loaded.size));
  for (const [name, pem] of Object.entries(pems)) {
    if (loaded.has(name)) assert.doesNotThrow(() => inspectCertificate(pem), name);
    else assert.throws(() => inspectCertificate(pem), { code: 'certificate-invalid' }, name);
  }
});
