import type { NameInput } from '../../names/distinguished-name.ts';
import { formatName } from '../../names/format-name.ts';
import { commonName, parseName } from '../../names/name.ts';
import type { PgMajorSpan } from '../../version.ts';

/** A client certificate whose chain the server trusts. */
export interface ClientCertificate {
  /** The subject, as structure or as RFC 4514 text. */
  readonly subject: NameInput;
  /** The subject alternative names; no major up to 19 looks at them. */
  readonly subjectAltNames?: readonly unknown[];
}

/** A name of a certificate that `clientname` can choose for the comparison with the user. */
export interface CertificateName extends PgMajorSpan {
  /** The name; `undefined` if the certificate has none of this kind. */
  readonly of: (certificate: ClientCertificate) => string | undefined;
}

/** The values of `clientname` (`parse_hba_auth_opt`, `CheckCertAuth`). */
export const certificateNames: Readonly<Record<string, CertificateName>> = {
  CN: { of: ({ subject }) => commonName(parseName(subject)) },
  DN: { since: 14, of: ({ subject }) => formatName(parseName(subject), 'clientname-dn') },
};
