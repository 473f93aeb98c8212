import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { asciiBytes, type Bytes } from '../../src/asn1/bytes.ts';
import { der, derInteger, derNull, derOctetString, derOid, derSequence, derTrue } from '../../src/asn1/der.ts';
import { encodePem } from '../../src/asn1/pem.ts';
import { type DerElement, readChildren, readDer } from '../../src/asn1/reader.ts';
import { encodeName, parseName } from '../../src/names/name.ts';
import { certificatePem, readCertificate } from '../../src/pki/certificate/certificate.ts';
import { basicConstraints, extension, extensionOid } from '../../src/pki/certificate/extensions.ts';
import { extendedKeyUsage, keyUsage } from '../../src/pki/certificate/key-usage.ts';
import { CertificateAuthority, PrivateKey, verifyChain } from '../../src/pki/index.ts';
import { type Signer, signerOf } from '../../src/pki/keys/private-key.ts';
import { signStructure } from '../../src/pki/keys/signature.ts';
import { runs, seed } from '../property.ts';
import { forge } from './forge.ts';
import { openssl, withoutOpenssl } from './openssl.ts';

/** A DER element as a node of a tree that the tests change. Its content is bytes, or the elements inside it. */
interface Node {
  readonly tag: number;
  readonly content: Bytes | readonly Node[];
  /** The bytes before the inner elements: the octet for the unused bits of a BIT STRING that contains DER. */
  readonly prefix: Bytes;
  /** The bytes after the inner elements. */
  readonly suffix: Bytes;
}

const none = new Uint8Array();

function parse(element: DerElement): Node {
  const { tag, content } = element;
  if ((tag & 0x20) !== 0) return { tag, content: readChildren(element).map(parse), prefix: none, suffix: none };
  // An OCTET STRING may be the value of an extension, which is DER itself.
  if (tag === 0x04 && content.length > 2 && [0x30, 0x31, 0x03, 0x04].includes(content[0]!)) {
    try {
      return { tag, content: [parse(readDer(content))], prefix: none, suffix: none };
    } catch {
      // The OCTET STRING is a key identifier whose first byte only looks like DER.
    }
  }
  return { tag, content, prefix: none, suffix: none };
}

function write({ tag, content, prefix, suffix }: Node): Bytes {
  return der(tag, prefix, ...(content instanceof Uint8Array ? [content] : content.map(write)), suffix);
}

interface Change {
  readonly at: number;
  readonly kind: 'append' | 'drop' | 'repeat' | 'swap' | 'tag' | 'empty' | 'octet' | 'bytes after';
  readonly element: Bytes;
  readonly octet: number;
}

/**
 * Returns the tree with one change. The change says which node is changed, by its number in the order of the encoding.
 */
function changed(root: Node, change: Change): Node {
  const count = (node: Node): number =>
    1 + (node.content instanceof Uint8Array ? 0 : node.content.reduce((sum, child) => sum + count(child), 0));
  let left = change.at % count(root);
  const visit = (node: Node): Node => {
    if (left-- === 0) return changeOf(node, change);
    if (node.content instanceof Uint8Array) return node;
    const content = node.content.map((child) => (left < 0 ? child : visit(child)));
    return { ...node, content };
  };
  return visit(root);
}

function changeOf(node: Node, { kind, element, octet }: Change): Node {
  const { content } = node;
  if (kind === 'tag') return { ...node, tag: (node.tag & 0xe0) | (octet & 0x0f) };
  if (kind === 'empty') return { ...node, content: none };
  if (kind === 'bytes after') return { ...node, suffix: element };
  if (content instanceof Uint8Array) {
    const bytes = Uint8Array.from(content);
    if (bytes.length > 0) bytes[octet % bytes.length]! ^= 1 << (octet & 7);
    return { ...node, content: bytes };
  }
  const i = octet % Math.max(content.length, 1);
  if (kind === 'append') return { ...node, content: [...content, parse(readDer(element))] };
  if (kind === 'drop') return { ...node, content: content.toSpliced(i, 1) };
  if (kind === 'repeat') return { ...node, content: content.toSpliced(i, 0, ...content.slice(i, i + 1)) };
  if (kind === 'swap') return { ...node, content: content.toReversed() };
  return node;
}

const change: fc.Arbitrary<Change> = fc.record({
  at: fc.nat(200),
  kind: fc.constantFrom('append', 'append', 'drop', 'repeat', 'swap', 'tag', 'empty', 'octet', 'bytes after'),
  element: fc.constantFrom(
    derNull,
    derTrue,
    derInteger(5),
    derSequence(),
    der(0x82, asciiBytes('a')),
    der(0xa9, derNull),
  ),
  octet: fc.nat(255),
});

/** Returns a certificate or CRL with these changes in its signed part, signed again by its issuer. */
async function forged(whole: Bytes, changes: readonly Change[], signer: Signer): Promise<Bytes> {
  const [content] = readChildren(readDer(whole));
  return signStructure(write(changes.reduce(changed, parse(content!))), signer);
}

const root = await CertificateAuthority.create({ subject: 'CN=Root' });
const middleKey = await PrivateKey.generate();
const leafKey = await PrivateKey.generate();
const name = (text: string) => der(0xa4, encodeName(parseName(text)));
const point = derSequence(
  der(0xa0, der(0xa0, der(0x86, asciiBytes('http://a/c')), name('CN=x'))),
  der(0x81, Uint8Array.of(0, 0xff, 0x80)),
);
const middle = await forge({
  subject: 'CN=Middle',
  issuer: 'CN=Root',
  key: middleKey,
  issuerKey: root.privateKey,
  extensions: [
    basicConstraints({ isCa: true, pathLength: 3 }),
    keyUsage(['keyCertSign', 'cRLSign']),
    extension(
      extensionOid.nameConstraints,
      derSequence(
        der(
          0xa0,
          derSequence(der(0x82, asciiBytes('example.com'))),
          derSequence(name('CN=u'), der(0x80, Uint8Array.of(0))),
        ),
        der(0xa1, derSequence(der(0x87, Uint8Array.of(10, 0, 0, 0, 255, 0, 0, 0)))),
      ),
      { critical: true },
    ),
  ],
});
const leaf = await forge({
  subject: 'CN=u',
  issuer: 'CN=Middle',
  key: leafKey,
  issuerKey: middleKey,
  extensions: [
    basicConstraints({ isCa: false }),
    keyUsage(['digitalSignature', 'keyEncipherment']),
    extendedKeyUsage(['clientAuth', 'serverAuth']),
    extension(extensionOid.netscapeCertType, der(0x03, Uint8Array.of(7, 0x80))),
    extension(
      extensionOid.subjectAltName,
      derSequence(
        der(0x82, asciiBytes('db.example.com')),
        der(0x87, Uint8Array.of(192, 0, 2, 1)),
        der(0xa0, derOid('1.2.3'), der(0xa0, der(0x0c, asciiBytes('x')))),
        der(0x88, Uint8Array.of(0x2a, 3)),
        name('CN=u'),
      ),
    ),
    extension(extensionOid.distributionPoints, derSequence(point, derSequence(der(0xa2, name('CN=Middle'))))),
    extension('1.2.3.4', derOctetString(derNull)),
  ],
});

/**
 * Returns two verdicts of OpenSSL and of the library: whether the certificate loads, and whether the chain verifies.
 */
async function verdicts(chain: readonly Bytes[], at: number) {
  const [u, m] = chain.map(certificatePem);
  const files = { r: root.certificate, m: m!, u: u! };
  const loads = openssl(['x509', '-noout', '-in', at === 0 ? 'u' : 'm'], files).ok;
  const verify = openssl(['verify', '-CAfile', 'r', '-untrusted', 'm', '-purpose', 'sslclient', 'u'], files);
  const own = await verifyChain({ chain: u! + m!, roots: root.certificate, purpose: 'clientAuth' }).then(
    ({ ok, problems }) => ({ loads: true, ok, codes: problems.map(({ code }) => code).join() }),
    (error: { code?: string; cause?: unknown }) => {
      if (error.code !== 'certificate-invalid') throw error;
      return { loads: false, ok: false, codes: String(error.cause) };
    },
  );
  return { judge: { loads, ok: loads && verify.output.trim() === 'u: OK' }, own, output: verify.output };
}

test('the unchanged certificates of the generated test verify', { skip: withoutOpenssl }, async () => {
  const { judge, own, output } = await verdicts(
    [leaf, middle].map((pem) => readCertificate(pem).der),
    0,
  );
  assert.deepEqual([judge, own.codes], [{ loads: true, ok: true }, ''], output);
});

test('loads and verifies certificates of odd structure as OpenSSL does', { skip: withoutOpenssl }, async () => {
  const counts = { refused: 0, loaded: 0, good: 0 };
  const wholes = [leaf, middle].map((pem) => readCertificate(pem).der);
  const signers = [signerOf(middleKey), signerOf(root.privateKey)];
  await fc.assert(
    fc.asyncProperty(fc.nat(1), fc.array(change, { minLength: 1, maxLength: 2 }), async (at, changes) => {
      const odd = await forged(wholes[at]!, changes, signers[at]!);
      const { judge, own, output } = await verdicts(wholes.with(at, odd), at);
      const what = `${at} ${own.codes} | ${output}\n${encodePem('CERTIFICATE', odd)}`;
      assert.deepEqual({ loads: own.loads, ok: own.ok }, judge, what);
      counts[judge.ok ? 'good' : judge.loads ? 'loaded' : 'refused'] += 1;
    }),
    { numRuns: runs(60), seed },
  );
  assert.ok(counts.refused > 0 && counts.loaded > 0 && counts.good > 0, JSON.stringify(counts));
});
