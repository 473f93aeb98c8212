/** One attribute of a name: `{ type: 'CN', value: 'alice' }`. */
export interface NameAttribute {
  /** The short name in OpenSSL (`CN`, `O`, `emailAddress`, …), or an object identifier as dotted numbers. */
  readonly type: string;
  /** The unescaped value. If the value is not a text, `#` and the hexadecimal digits of its encoding. */
  readonly value: string;
  /**
   * The whole value in DER, in hexadecimal digits. Only a name that was read from a certificate, a request or a CRL has
   * this property, and only if encoding `value` again would give other bytes.
   */
  readonly der?: string;
}

/** One level of a distinguished name. A level nearly always has a single attribute. */
export type RelativeDistinguishedName = readonly NameAttribute[];

/**
 * A distinguished name in the order of certificates: from the widest level (country) to the narrowest level (common
 * name).
 */
export type DistinguishedName = readonly RelativeDistinguishedName[];

/**
 * A distinguished name from a caller: structured, or a text. A text that begins with `/` is read like the argument of
 * `openssl req -subj`, with the widest level first: `/C=US/O=Example/CN=db`. Any other text is read as RFC 4514, with
 * the narrowest level first: `CN=db,O=Example,C=US`. In both forms, a backslash escapes the next character. In RFC
 * 4514, a backslash and two hexadecimal digits are a byte of UTF-8, as in `caf\C3\A9`.
 */
export type NameInput = DistinguishedName | string;
