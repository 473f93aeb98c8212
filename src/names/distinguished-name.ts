/** One attribute of a name: `{ type: 'CN', value: 'alice' }`. */
export interface NameAttribute {
  /** Short name as OpenSSL has it (`CN`, `O`, `emailAddress`, …), or an object identifier as dotted numbers. */
  readonly type: string;
  /** The value itself, with nothing escaped; `#` and hexadecimal digits where it is no text. */
  readonly value: string;
  /**
   * The whole value in DER, hexadecimal: there only in a name that was read, and only where writing `value` would not
   * give the same bytes.
   */
  readonly der?: string;
}

/** One level of a name: nearly always a single attribute. */
export type RelativeDistinguishedName = readonly NameAttribute[];

/** A name as certificates hold it: from the widest (country) to the narrowest (common name). */
export type DistinguishedName = readonly RelativeDistinguishedName[];

/**
 * A name as a caller may give it: structured, or as a text that is parsed into structure. A text that begins with `/` is
 * read as `openssl req -subj` reads it (`/C=US/O=Example/CN=db`, widest first); any other as RFC 4514 has it
 * (`CN=db,O=Example,C=US`, narrowest first). In both, `\` takes the next character as it is; in the second, `\` and two
 * hexadecimal digits are a byte of UTF-8.
 */
export type NameInput = DistinguishedName | string;
