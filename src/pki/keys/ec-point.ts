import { type Bytes, fromHex, toHex } from '../../asn1/bytes.ts';

/**
 * The supported curves y² = x³ - 3x + b (SEC 2 §2): the prime p of the field and the constant b, by the number of
 * octets in a coordinate.
 */
const curves: ReadonlyMap<number, { readonly p: bigint; readonly b: bigint }> = new Map([
  [
    32,
    {
      p: 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n,
      b: 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn,
    },
  ],
  [
    48,
    {
      p: 2n ** 384n - 2n ** 128n - 2n ** 96n + 2n ** 32n - 1n,
      b: 0xb3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aefn,
    },
  ],
  [
    66,
    {
      p: 2n ** 521n - 1n,
      b: 0x51953eb9618e1c9a1f929a21a0b68540eea2da725b99b315f3b8b489918ef109e156193951ec7e937b1652c0bd3bb1bf073573df883d2c34f1ef451fd46b503f00n,
    },
  ],
]);

/**
 * The number of octets in a coordinate of an encoded point (SEC 1 §2.3.3). The first octet is the form of the encoding:
 * the forms 2 and 3 hold one coordinate, every other form holds two.
 */
export function coordinateSize({ length, 0: form }: Bytes): number {
  return (length - 1) / (form === 2 || form === 3 ? 1 : 2);
}

/**
 * Converts a point of P-256, P-384 or P-521 to the uncompressed form, the only form that `@peculiar/webcrypto` reads.
 * The result is `undefined` for bytes that are not a point of the curve (`ossl_ec_GFp_simple_oct2point`). Some
 * WebCrypto implementations would accept such a key and fail later.
 *
 * @param point the point in any form of SEC 1 §2.3.3
 * @param size number of octets in a coordinate of the curve: 32, 48 or 66
 */
export function uncompressedPoint(point: Bytes, size: number): Bytes | undefined {
  const { p, b } = curves.get(size)!;
  const form = point[0];
  if (![2, 3, 4, 6, 7].includes(form!) || coordinateSize(point) !== size) return undefined;
  const x = number(point.subarray(1, 1 + size));
  if (x >= p) return undefined;
  const square = (x * x * x - 3n * x + b) % p;
  const y = form! < 4 ? root(square, p, form === 3 ? 1n : 0n) : number(point.subarray(1 + size));
  if (y >= p || (y * y - square) % p !== 0n) return undefined;
  if (form !== 4 && (y & 1n) !== BigInt(form! & 1)) return undefined;
  return fromHex(`04${digits(x, size)}${digits(y, size)}`);
}

/**
 * The square root of a number modulo p with the parity 1 (odd) or 0 (even). The formula holds because p is 3 modulo 4
 * for all three curves.
 */
function root(square: bigint, p: bigint, parity: 0n | 1n): bigint {
  let result = 1n;
  let base = (square + p) % p;
  for (let exponent = (p + 1n) / 4n; exponent > 0n; exponent >>= 1n) {
    if (exponent & 1n) result = (result * base) % p;
    base = (base * base) % p;
  }
  return (result & 1n) === parity ? result : p - result;
}

function number(bytes: Bytes): bigint {
  return BigInt(`0x${toHex(bytes)}`);
}

function digits(value: bigint, size: number): string {
  return value.toString(16).padStart(2 * size, '0');
}
