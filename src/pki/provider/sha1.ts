import type { Bytes } from '../../asn1/bytes.ts';

/**
 * The SHA-1 hash of bytes (FIPS 180-4 §6.1). SHA-1 serves only for identifiers: key identifiers and the file names of
 * CRLs. WebCrypto is not used, because it is asynchronous, and functions that only read certificates and CRLs are
 * synchronous.
 */
export function sha1(message: Uint8Array): Bytes {
  const padded = pad(message);
  const hash = Uint32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0);
  const words = new Uint32Array(80);
  for (let block = 0; block < padded.byteLength; block += 64) {
    for (let i = 0; i < 16; i++) words[i] = padded.getUint32(block + 4 * i);
    for (let i = 16; i < 80; i++) {
      words[i] = rotateLeft(words[i - 3]! ^ words[i - 8]! ^ words[i - 14]! ^ words[i - 16]!, 1);
    }
    let a = hash[0]!;
    let b = hash[1]!;
    let c = hash[2]!;
    let d = hash[3]!;
    let e = hash[4]!;
    // The loop assigns separate variables, because destructuring an array takes about two and a half times as long.
    for (let i = 0; i < 80; i++) {
      const next = (rotateLeft(a, 5) + roundFunction(i, b, c, d) + e + words[i]!) | 0;
      e = d;
      d = c;
      c = rotateLeft(b, 30);
      b = a;
      a = next;
    }
    hash[0]! += a;
    hash[1]! += b;
    hash[2]! += c;
    hash[3]! += d;
    hash[4]! += e;
  }
  const digest = new DataView(new ArrayBuffer(20));
  hash.forEach((value, i) => {
    digest.setUint32(4 * i, value);
  });
  return new Uint8Array(digest.buffer);
}

/** The function of a SHA-1 round (FIPS 180-4 §4.1.1) plus the constant of the round (§4.2.1). */
function roundFunction(round: number, b: number, c: number, d: number): number {
  if (round < 20) return ((b & c) | (~b & d)) + 0x5a827999;
  if (round < 40) return (b ^ c ^ d) + 0x6ed9eba1;
  if (round < 60) return ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc;
  return (b ^ c ^ d) + 0xca62c1d6;
}

/** Pads a message to whole blocks of 64 bytes: the message, a one bit, zeros, and the length of the message in bits. */
function pad(message: Uint8Array): DataView {
  const padded = new Uint8Array(Math.ceil((message.length + 9) / 64) * 64);
  padded.set(message);
  padded[message.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 8, Math.floor(message.length / 2 ** 29));
  view.setUint32(padded.length - 4, message.length << 3);
  return view;
}

function rotateLeft(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}
