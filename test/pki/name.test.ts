import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  CertificateAuthority,
  type DistinguishedName,
  formatName,
  inspectCertificate,
  PrivateKey,
  parseName,
} from '../../src/pki/index.ts';
import { endsSoon } from '../ends-soon.ts';
import { runs, seed } from '../property.ts';
import { loadedByOpenssl, openssl, withoutOpenssl } from './openssl.ts';

/** Returns the expected structure from strings such as `C=US`, one string for each level. */
function name(...levels: readonly string[]): DistinguishedName {
  return levels.map((level) =>
    level.split('+').map((part) => {
      const [type, value] = part.split('=');
      return { type: type!, value: value! };
    }),
  );
}

describe('parseName', () => {
  test('a text in the form of openssl -subj begins with the widest attribute', () => {
    assert.deepEqual(
      parseName('/C=US/ST=California/L=PaloAlto/O=Jelastic/CN=mysite.com/emailAddress=mail@jelastic.com'),
      name('C=US', 'ST=California', 'L=PaloAlto', 'O=Jelastic', 'CN=mysite.com', 'emailAddress=mail@jelastic.com'),
    );
    assert.deepEqual(parseName('/O=a\\/b\\+c\\\\d/OU=x+CN=y'), [
      [{ type: 'O', value: 'a/b+c\\d' }],
      [
        { type: 'OU', value: 'x' },
        { type: 'CN', value: 'y' },
      ],
    ]);
    assert.deepEqual(parseName('/O= x, y="z" '), [[{ type: 'O', value: ' x, y="z" ' }]]);
  });

  test('a text of RFC 4514 begins with the narrowest attribute', () => {
    assert.deepEqual(parseName('CN=alice,OU=Eng,O=Test,C=US'), name('C=US', 'O=Test', 'OU=Eng', 'CN=alice'));
    assert.deepEqual(parseName('UID=jsmith,DC=example,DC=net'), name('DC=net', 'DC=example', 'UID=jsmith'));
    assert.deepEqual(parseName('OU=Sales+CN=J.  Smith,DC=net'), name('DC=net', 'OU=Sales+CN=J.  Smith'));
    assert.deepEqual(parseName('CN=James \\"Jim\\" Smith\\, III,DC=net'), name('DC=net', 'CN=James "Jim" Smith, III'));
    assert.deepEqual(parseName('CN=Before\\0dAfter,DC=net'), name('DC=net', 'CN=Before\rAfter'));
    assert.deepEqual(parseName('CN=Lu\\C4\\8Di\\C4\\87'), name('CN=Lučić'));
    assert.deepEqual(parseName('CN=#03020041')[0]![0]!.value, '#03020041');
    assert.deepEqual(parseName('2.5.4.3=#0c0141'), name('CN=A'));
    assert.deepEqual(parseName(' CN = a b , O = "x, y" '), name('O=x, y', 'CN=a b'));
    assert.deepEqual(parseName('CN=\\ a\\ '), name('CN= a '));
    assert.deepEqual(parseName('CN=\\#x'), name('CN=#x'));
    assert.deepEqual(parseName('cn=a;o=b'), name('O=b', 'CN=a'));
  });

  test('a text that is not a name is an error', () => {
    for (const text of [
      '',
      '/',
      'CN',
      'CN=',
      '/CN=',
      '/C=US/CN=',
      'CN=a,',
      'CN=a,,O=b',
      '=a',
      'CN=a\\',
      '/CN=a\\',
      'CN="a',
      '/O=A+B',
      'CN=\\ff',
      'CN=#xyz',
      'CN=#0c05',
      // An OCTET STRING as a value: RFC 4514 has such an example, but OpenSSL loads no certificate with an OCTET STRING
      // in a name.
      '1.3.6.1.4.1.1466.0=#04024869',
      'CN=#04024869',
    ]) {
      assert.throws(() => parseName(text), { code: 'name-invalid' }, text);
    }
  });

  test('a value that an attribute cannot contain is an error', () => {
    for (const [type, value] of [
      ['C', 'USA'],
      ['C', 'U'],
      ['C', 'Ü1'],
      ['C', '12'],
      ['jurisdictionC', 'D '],
      ['CN', ''],
      ['CN', 'a\0b'],
      ['CN', '\ud800'],
      ['CN', 'x'.repeat(65)],
      ['O', 'x'.repeat(65)],
      ['emailAddress', 'jürgen@example.com'],
      ['DC', 'bücher'],
      ['serialNumber', 'a_b'],
    ] as const) {
      assert.throws(() => parseName([[{ type, value }]]), { code: 'name-invalid' }, `${type}=${value}`);
    }
    assert.throws(() => parseName([[]]), { code: 'name-invalid' });
    assert.throws(() => parseName([[{ type: 'CN', value: 'a', der: '0c0162' }]]), { code: 'name-invalid' });
    assert.throws(() => parseName([[{ type: 'CN', value: 'a', der: 'zz' }]]), { code: 'name-invalid' });
    for (const type of ['X', '', '1', '3.1.2', '1.2.', '1.02', '1.45.4.3', '0.40', 'toString']) {
      assert.throws(() => parseName([[{ type, value: 'a' }]]), { code: 'name-attribute-unknown' }, type);
    }
    assert.equal(parseName([[{ type: 'commonname', value: 'a' }]])[0]![0]!.type, 'CN');
    for (const type of ['1.2.3.4', '0.39.1', '2.999.1']) assert.equal(parseName(`/${type}=a`)[0]![0]!.type, type);
  });
});

const attribute = fc.record({
  type: fc.constantFrom('CN', 'O', 'OU', 'L', 'ST', 'UID', 'title', '1.2.3.4'),
  value: fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }).filter((text) => !text.includes('\0')),
});
const anyName = fc.array(fc.array(attribute, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 4 });

test('any name that is written as text reads back unchanged', () => {
  const inOrder = (value: DistinguishedName) =>
    value.map((rdn) => rdn.map(({ type, value }) => `${type}=${value}`).sort());
  fc.assert(
    fc.property(anyName, fc.constantFrom('rfc4514' as const, 'openssl' as const), (value, form) => {
      assert.deepEqual(inOrder(parseName(formatName(value, form))), inOrder(value), form);
    }),
    { numRuns: runs(2000), seed },
  );
});

/** Attribute types by arc and greatest last number. For some of them OpenSSL has a short name, in all its versions. */
const arcs = [
  ['2.5.4', 104],
  ['0.9.2342.19200300.100.1', 56],
  ['1.2.840.113549.1.9', 24],
  ['1.2.643.3.131.1', 2],
  ['1.2.643.100', 4],
  ['1.3.6.1.5.5.7.9', 5],
] as const;

describe('writes names as OpenSSL does', { skip: withoutOpenssl }, () => {
  const subjects: readonly DistinguishedName[] = [
    name('C=US', 'ST=Virginia', 'L=Blacksburg', 'O=Test', 'OU=Eng', 'CN=alice'),
    [[{ type: 'CN', value: ' a,b+c"d\\e<f>g;h=i/j ' }]],
    [[{ type: 'CN', value: '#hash' }], [{ type: 'O', value: ' x' }], [{ type: 'O', value: ' ' }]],
    [[{ type: 'CN', value: 'zoë Ω 漢 𝔘' }], [{ type: 'L', value: 'tab\tnl\n\u007f' }]],
    [
      [
        { type: 'OU', value: 'Sales' },
        { type: 'CN', value: 'J. Smith' },
        { type: 'O', value: 'x' },
      ],
      [{ type: 'DC', value: 'net' }],
    ],
    [[{ type: '1.2.3.4', value: 'unknown' }], [{ type: 'CN', value: 'x' }]],
    [
      'emailAddress=a@b.c',
      'UID=u',
      'SN=s',
      'GN=g',
      'initials=i',
      'title=t',
      'description=d',
      'serialNumber=1',
      'dnQualifier=q',
      'pseudonym=p',
      'postalCode=12',
      'street=s',
      'businessCategory=b',
      'name=n',
      'generationQualifier=III',
      'telephoneNumber=123',
      'organizationIdentifier=o',
      'mail=m@x',
      'unstructuredName=u',
      'jurisdictionL=l',
      'jurisdictionST=s',
      'jurisdictionC=DE',
    ].flatMap((text) => name(text)),
    ...arcs.map(([arc, last]) =>
      parseName(
        Array.from({ length: last }, (_, i) => [{ type: `${arc}.${i + 1}`, value: 'DE' }])
          // OpenSSL calls this type uid, and parseName reads uid as UID.
          .filter(([attribute]) => attribute?.type !== '0.9.2342.19200300.100.1.44'),
      ),
    ),
  ];

  test('clientname-dn is the RFC 2253 form', async () => {
    for (const subject of subjects) {
      const { output } = await printSubject(subject, 'RFC2253');
      assert.equal(formatName(subject, 'clientname-dn'), output);
    }
  });

  test('rfc4514 is the same form, without escapes of characters outside ASCII', async () => {
    for (const subject of subjects) {
      const { output } = await printSubject(subject, 'RFC2253,-esc_msb,utf8');
      assert.equal(formatName(subject, 'rfc4514'), output);
    }
  });

  test('openssl is the form that -subj takes', async () => {
    const key = (await PrivateKey.generate()).toPem();
    for (const subject of subjects.slice(0, 5)) {
      const text = formatName(subject, 'openssl');
      const made = openssl(['req', '-x509', '-new', '-utf8', '-key', 'k', '-subj', text], { k: key });
      assert.ok(made.ok, made.output);
      assert.equal(formatName(inspectCertificate(made.output).subject, 'rfc4514'), formatName(subject, 'rfc4514'));
    }
  });

  test('the longest value of a type is that of OpenSSL', async () => {
    const key = (await PrivateKey.generate()).toPem();
    const longest = { CN: 64, L: 128, serialNumber: 64, SN: 32768, GN: 32768, initials: 32768, name: 32768, mail: 256 };
    for (const [type, most] of Object.entries(longest)) {
      const [longText, tooLong] = [most, most + 1].map((length) => `/${type}=${'x'.repeat(length)}`) as [
        string,
        string,
      ];
      const made = (text: string) => openssl(['req', '-x509', '-new', '-key', 'k', '-subj', text], { k: key });
      assert.ok(made(longText).ok && !made(tooLong).ok, type);
      assert.equal(parseName(longText)[0]![0]!.type, type);
      assert.throws(() => parseName(tooLong), { code: 'name-invalid' }, type);
    }
  });

  test('the form of -subj is read as OpenSSL reads it', async () => {
    const key = (await PrivateKey.generate()).toPem();
    for (const text of [
      '/CN=a\\41b',
      '/CN=\\c3\\a9',
      '/O=a\\,b"c/CN=x',
      '/O= a /CN=\\/b\\\\',
      '/O=#0c0141+L=a=b/CN=x',
    ]) {
      const { output } = openssl(['req', '-x509', '-new', '-utf8', '-key', 'k', '-subj', text], { k: key });
      assert.equal(formatName(inspectCertificate(output).subject, 'rfc4514'), formatName(parseName(text), 'rfc4514'));
    }
  });

  async function printSubject(subject: DistinguishedName, form: string): Promise<{ output: string }> {
    const { certificate } = await CertificateAuthority.create({ subject });
    const { output } = openssl(['x509', '-noout', '-subject', '-nameopt', form, '-in', 'c'], { c: certificate });
    return { output: output.replace(/^subject=|\n$/g, '') };
  }
});

test('a name contains values of exactly the types that OpenSSL loads', {
  skip: withoutOpenssl,
}, async () => {
  const { certificate } = await CertificateAuthority.create({ subject: [[{ type: 'CN', value: 'Middle' }]] });
  const whole = new Uint8Array(Buffer.from(certificate.replace(/-----.*-----/g, ''), 'base64'));
  // The value of the issuer's common name: a UTF8String of six characters.
  const at = Buffer.from(whole).indexOf(Buffer.from('\x0c\x06Middle'));
  const pems: Record<string, string> = {};
  for (let octet = 1; octet < 0x100; octet++) {
    // Five set bits mean that further octets give the tag number.
    if ((octet & 0x1f) === 0x1f) continue;
    const changed = Buffer.from(whole.with(at, octet)).toString('base64');
    pems[`0x${octet.toString(16)}`] = `-----BEGIN CERTIFICATE-----\n${changed}\n-----END CERTIFICATE-----\n`;
  }
  const loaded = loadedByOpenssl(pems);
  assert.ok(loaded.size > 10 && loaded.size < 100, String(loaded.size));
  for (const [name, pem] of Object.entries(pems)) {
    if (loaded.has(name)) assert.doesNotThrow(() => inspectCertificate(pem), name);
    else assert.throws(() => inspectCertificate(pem), { code: 'certificate-invalid' }, name);
  }
});

test('a name with many backslashes is read in linear time', async () => {
  await endsSoon(() => {
    assert.throws(() => parseName(`CN=${'\\'.repeat(60_001)}`), { code: 'name-invalid' });
    assert.throws(() => parseName(`CN=${'\\'.repeat(60_000)}  `), { code: 'name-invalid' });
  });
  assert.equal(parseName('CN=a\\   ')[0]![0]!.value, 'a ');
  assert.equal(parseName('CN=a\\\\   ')[0]![0]!.value, 'a\\');
});
