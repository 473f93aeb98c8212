import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { der } from '../../src/asn1/der.ts';
import {
  CertificateAuthority,
  certificateFileName,
  type DistinguishedName,
  formatName,
  inspectCertificate,
  PrivateKey,
} from '../../src/pki/index.ts';
import { forEachMajor, withServer } from '../server/index.ts';
import { forge } from './forge.ts';
import { openssl, withoutOpenssl } from './openssl.ts';

/** Returns a name with one attribute, in a string type that other programs use and this library does not write. */
function attribute(type: string, value: string, tag: number, bytes: Buffer): DistinguishedName {
  return [[{ type, value, der: Buffer.from(der(tag, bytes)).toString('hex') }]];
}

const utf16 = (text: string) => Buffer.from(text, 'utf16le').swap16();
const utf32 = (text: string) =>
  Buffer.from([...text].flatMap((c) => [0, ...[16, 8, 0].map((n) => (c.codePointAt(0)! >> n) & 255)]));

const names: Readonly<Record<string, (type: string) => DistinguishedName>> = {
  UTF8String: (type) => [[{ type, value: 'zoë' }]],
  PrintableString: (type) => attribute(type, 'alice', 0x13, Buffer.from('alice')),
  IA5String: (type) => attribute(type, 'alice', 0x16, Buffer.from('alice')),
  NumericString: (type) => attribute(type, '0 1  2 ', 0x12, Buffer.from('0 1  2 ')),
  'T61String in ASCII': (type) => attribute(type, 'alice', 0x14, Buffer.from('alice')),
  'T61String in Latin-1': (type) => attribute(type, 'zoë', 0x14, Buffer.from('zoë', 'latin1')),
  'T61String in UTF-8': (type) => attribute(type, 'zoÃ«', 0x14, Buffer.from('zoë')),
  BMPString: (type) => attribute(type, 'alice', 0x1e, utf16('alice')),
  'BMPString without zeros': (type) => attribute(type, '\u{6f22}\u{5b57}', 0x1e, utf16('\u{6f22}\u{5b57}')),
  UniversalString: (type) => attribute(type, 'a, \u{1d518}ë', 0x1c, utf32('a, \u{1d518}ë')),
};

const key = await PrivateKey.generate();
const root = await CertificateAuthority.create({ subject: 'CN=Root', key });
const made = new Map<string, string>();
for (const [name, of] of Object.entries(names)) {
  const subject = [...of('O'), ...of('CN')];
  made.set(name, await forge({ subject, issuer: 'CN=Root', key, issuerKey: key, extensions: [] }));
}

test('writes and hashes names in string types of other programs as OpenSSL does', {
  skip: withoutOpenssl,
}, async () => {
  for (const [name, certificate] of made) {
    const { subject } = inspectCertificate(certificate);
    for (const [form, option] of [
      ['clientname-dn', 'RFC2253'],
      ['rfc4514', 'RFC2253,-esc_msb,utf8'],
    ] as const) {
      const { output } = openssl(['x509', '-noout', '-subject', '-nameopt', option, '-in', 'c'], { c: certificate });
      assert.equal(`subject=${formatName(subject, form)}\n`, output, name);
    }
    const { output } = openssl(['x509', '-noout', '-subject_hash', '-in', 'c'], { c: certificate });
    assert.equal(await certificateFileName(certificate), `${output.trim()}.0`, name);
  }
});

const roles = ['alice', '0 1  2 ', 'zoë', 'zoÃ«', '\u{6f22}\u{5b57}', 'a, \u{1d518}ë', 'o"["W'];

describe('the common name of a certificate is the role that it logs in as, or there is no such role', () => {
  forEachMajor([10, 14, 18, 19], (major) => {
    test('in each string type', async () =>
      withServer(
        {
          major,
          hba: 'local all all trust\nhostssl all all 127.0.0.1/32 cert\n',
          conf: "ssl = on\nssl_ca_file = 'root.crt'\n",
          files: {
            'server.key': key.toPem(),
            'server.crt': (await root.issueServerCertificate({ hosts: ['127.0.0.1'], key })).chain,
            'root.crt': root.certificate,
          },
        },
        async (server) => {
          for (const role of roles) await server.query(`create role "${role.replaceAll('"', '""')}" login`);
          const found: (string | undefined)[] = [];
          for (const [name, certificate] of made) {
            const { commonName } = inspectCertificate(certificate);
            const admitted: string[] = [];
            for (const user of roles) {
              const ssl = { ca: root.certificate, cert: certificate, key: key.toPem() };
              const client = await server.connect({ user, database: 'postgres', ssl }).catch(() => undefined);
              if (client !== undefined) admitted.push(user);
              await client?.end();
            }
            assert.deepEqual(
              admitted,
              roles.filter((role) => role === commonName),
              name,
            );
            found.push(admitted[0]);
          }
          assert.ok(found.includes('zoë') && found.includes(undefined), String(found));
        },
      ));
  });
});
