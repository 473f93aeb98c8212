import type { NameInput } from '../../names/distinguished-name.ts';
import { formatName } from '../../names/format-name.ts';
import { commonName, parseName } from '../../names/name.ts';
import type { PgMajorSpan } from '../../version.ts';

/** A client certificate whose chain the server trusts. */
export interface ClientCertificate {
  /** The subject, as a structured name or as RFC 4514 text. */
  readonly subject: NameInput;
  /** The subject alternative names. No major version up to 19 reads them. */
  readonly subjectAltNames?: readonly unknown[];
}

/**
 * The part of a client certificate that the server compares with the user name. The option `clientname` selects this
 * part.
 */
export interface CertificateName extends PgMajorSpan {
  /** Returns the name; `undefined` if the certificate has no such name. */
  readonly of: (certificate: ClientCertificate) => string | undefined;
}

/** The values of `clientname`, by name (`parse_hba_auth_opt`, `CheckCertAuth`). */
export const certificateNames: Readonly<Record<string, CertificateName>> = {
  CN: { of: ({ subject }) => commonName(parseName(subject)) },
  DN: { since: 14, of: ({ subject }) => formatName(parseName(subject), 'clientname-dn') },
};
