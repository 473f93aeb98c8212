/**
 * A DER reader for tests, which is independent of the reader that is tested. It only finds the subject of a
 * certificate.
 */
interface Element {
  readonly tag: number;
  readonly content: Buffer;
}

/**
 * Returns the attributes of a certificate's subject in order: object identifier in hex, string tag, and value bytes.
 */
export function subjectOf(pem: string): readonly { oid: string; tag: number; value: Buffer }[] {
  const der = Buffer.from(pem.replace(/-----[^-]+-----/g, ''), 'base64');
  const signed = elements(elements(der)[0]!.content)[0]!;
  const fields = elements(signed.content);
  const subject = fields[fields[0]!.tag === 0xa0 ? 5 : 4]!;
  return elements(subject.content)
    .flatMap((set) => elements(set.content))
    .map((sequence) => {
      const [oid, value] = elements(sequence.content);
      return { oid: oid!.content.toString('hex'), tag: value!.tag, value: value!.content };
    });
}

function elements(bytes: Buffer): readonly Element[] {
  const found: Element[] = [];
  for (let at = 0; at < bytes.length; ) {
    const tag = bytes[at]!;
    const first = bytes[at + 1]!;
    const more = first < 0x80 ? 0 : first - 0x80;
    const length = more === 0 ? first : bytes.readUIntBE(at + 2, more);
    const start = at + 2 + more;
    found.push({ tag, content: bytes.subarray(start, start + length) });
    at = start + length;
  }
  return found;
}
