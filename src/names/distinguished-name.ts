/** One attribute of a name: `{ type: 'CN', value: 'alice' }`. */
export interface NameAttribute {
  /** The short name in OpenSSL (`CN`, `O`, `emailAddress`, …), or an object identifier as dotted numbers. */
  readonly type: string;
  /** The unescaped value. If the value is not a text, `#` and the hexadecimal digits of its encoding. */
  readonly value: string;
  /**
   * The whole value in DER, in hexadecimal digits. Only a name that was read has this property, and only if encoding
   * `value` would give other bytes.
   */
  readonly der?: string;
}

/** One level of a name. It nearly always has a single attribute. */
export type RelativeDistinguishedName = readonly NameAttribute[];

/** A name in the order of certificates: from the widest level (country) to the narrowest (common name). */
export type DistinguishedName = readonly RelativeDistinguishedName[];

/**
 * A name from a caller: structured, or a text. A text that begins with `/` is read like the argument of `openssl req
 * -subj` (`/C=US/O=Example/CN=db`, widest first). Any other text is read as RFC 4514 (`CN=db,O=Example,C=US`, narrowest
 * first). In both forms, `\` escapes the next character. In RFC 4514, `\` and two hexadecimal digits are a byte of
 * UTF-8.
 */
export type NameInput = DistinguishedName | string;
