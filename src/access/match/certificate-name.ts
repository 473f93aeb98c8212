import { readDer } from '../../asn1/reader.ts';
import { nameOfBytes } from '../../c/names.ts';
import type { NameInput } from '../../names/distinguished-name.ts';
import { formatName } from '../../names/format-name.ts';
import { commonNameBytes, encodeName, parseName } from '../../names/name.ts';
import { opensslName } from '../../names/name-attributes.ts';
import type { PgMajorSpan } from '../../version.ts';

/** A client certificate whose chain the server trusts. */
export interface ClientCertificate {
  /** The subject, as a structured name or as RFC 4514 text. */
  readonly subject: NameInput;
  /** The subject alternative names. No major version reads them. */
  readonly subjectAltNames?: readonly unknown[] | undefined;
}

/**
 * Returns the bytes of the first common name of the encoded subject, as a name. In an encoding such as UTF-16 or
 * Latin-1, these bytes are not the UTF-8 bytes of the text (`be_tls_open_server`).
 */
export function comparedCommonName({ subject }: ClientCertificate): string | undefined {
  const bytes = commonNameBytes(readDer(encodeName(parseName(subject))));
  return bytes === undefined ? undefined : nameOfBytes(bytes);
}

/**
 * The major versions that end the session of a client whose certificate has an attribute that OpenSSL does not know,
 * when they fill the view pg_stat_ssl (`X509_NAME_to_cstring`).
 */
export const failsAtUnknownAttribute: PgMajorSpan = { since: 14 };

/** Returns whether the subject has an attribute that OpenSSL does not know. */
export function hasUnknownAttribute({ subject }: ClientCertificate): boolean {
  return parseName(subject).some((level) => level.some(({ type }) => opensslName(type) === undefined));
}

/**
 * For each value of the option `clientname`, a function that returns the part of a certificate which the server
 * compares with the user name; `undefined` if the certificate has no such name (`parse_hba_auth_opt`, `CheckCertAuth`).
 */
export const certificateNames: Readonly<Record<string, (certificate: ClientCertificate) => string | undefined>> = {
  CN: comparedCommonName,
  DN: ({ subject }) => formatName(parseName(subject), 'clientname-dn'),
};
