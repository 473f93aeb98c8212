import type { PropertyNames } from '../../arguments.ts';
import type { NameInput } from '../../names/distinguished-name.ts';
import type { DnsTextOfAddresses } from '../certificate/alternative-names.ts';
import type { NameConstraints } from '../certificate/name-constraints.ts';
import type { Validity } from '../certificate/validity.ts';
import type { KeyAlgorithm } from '../keys/key-algorithms.ts';
import type { PrivateKey } from '../keys/private-key.ts';
import type { ProviderOptions } from '../provider/provider.ts';

/** Options of every certificate. */
export interface CertificateOptions {
  /** The period of validity. */
  readonly validity?: Validity | undefined;
  /** The serial number: 1 to 20 octets as hexadecimal digits. If not given, 20 random octets (158 random bits). */
  readonly serialNumber?: string | undefined;
}

/** Options of a certificate that is issued together with its private key. */
export interface IssueOptions extends CertificateOptions {
  /** The kind of key to generate; `ecdsa-p256` if not given. */
  readonly keyAlgorithm?: KeyAlgorithm | undefined;
  /** The key to use instead of a new one: a {@link PrivateKey}, or PKCS#8 PEM. */
  readonly key?: PrivateKey | string | undefined;
}

/** Options of every CA certificate. */
export interface AuthorityOptions extends IssueOptions {
  /** The name of the CA, such as `/O=Example/CN=Example database CA`. */
  readonly subject: NameInput;
  /**
   * The number of CA certificates that may come between this CA and a leaf. If not given, any number for a root, and 0
   * for an intermediate CA.
   */
  readonly pathLength?: number | undefined;
  /** Limits on the names in all certificates below this CA. */
  readonly nameConstraints?: NameConstraints | undefined;
}

/** Options for the IP addresses of a server certificate. */
export interface AddressNames {
  /**
   * The IP addresses that the certificate also holds as DNS names, because libpq up to 14 compares DNS names only:
   * `ipv4`, `all` or `none`; `ipv4` if not given. Some programs refuse a certificate that holds an IPv6 address as a
   * DNS name.
   */
  readonly dnsTextOfAddresses?: DnsTextOfAddresses | undefined;
}

/** Options of {@link CertificateAuthority.create}. */
export interface CreateAuthorityOptions extends AuthorityOptions, AddressNames, ProviderOptions {
  /**
   * Hosts for which the CA certificate is also a server certificate. The same file can then be the `server.crt` of the
   * server and the `root.crt` of its clients. The server then has a key that can sign any certificate, so a separate CA
   * is safer.
   */
  readonly hosts?: readonly string[] | undefined;
}

/** Options of {@link CertificateAuthority.load}. */
export interface LoadAuthorityOptions extends ProviderOptions {
  /** The CA certificate, then any intermediate CA certificates above it; PEM. */
  readonly certificate: string;
  /** The private key of the CA: PEM, or a {@link PrivateKey}. */
  readonly privateKey: string | PrivateKey;
  /** The passphrase of the private key, if the PEM is encrypted. */
  readonly passphrase?: string | undefined;
}

/** The holder of a server certificate. */
export interface ServerProfile extends AddressNames {
  /** At least one DNS name, wildcard (`*.example.com`), international name, IPv4 or IPv6 address. */
  readonly hosts: readonly string[];
  /** The subject. If not given, it is a common name: the first host. Current clients compare `hosts` only. */
  readonly subject?: NameInput | undefined;
}

/** The holder of a client certificate. */
export interface ClientProfile {
  /** The database role, which becomes the common name unchanged. */
  readonly user: string;
  /**
   * Further attributes of the subject, such as `/O=Example/OU=Web`. If they include a common name, it must be the role.
   */
  readonly subject?: NameInput | undefined;
}

/** Options of {@link CertificateAuthority.issueServerCertificate}. */
export interface ServerCertificateOptions extends ServerProfile, IssueOptions {}

/** Options of {@link CertificateAuthority.issueClientCertificate}. */
export interface ClientCertificateOptions extends ClientProfile, IssueOptions {}

// For each kind of options, the names of the properties that `assertProperties` accepts.

const certificateNames: PropertyNames<CertificateOptions> = { validity: true, serialNumber: true };
export const issueNames: PropertyNames<IssueOptions> = { ...certificateNames, keyAlgorithm: true, key: true };
export const authorityNames: PropertyNames<AuthorityOptions> = {
  ...issueNames,
  subject: true,
  pathLength: true,
  nameConstraints: true,
};
const addressNames: PropertyNames<AddressNames> = { dnsTextOfAddresses: true };
export const createNames: PropertyNames<CreateAuthorityOptions> = {
  ...authorityNames,
  ...addressNames,
  hosts: true,
  provider: true,
};
export const loadNames: PropertyNames<LoadAuthorityOptions> = {
  certificate: true,
  privateKey: true,
  passphrase: true,
  provider: true,
};
export const serverNames: PropertyNames<ServerCertificateOptions> = {
  ...issueNames,
  ...addressNames,
  hosts: true,
  subject: true,
};
export const clientNames: PropertyNames<ClientCertificateOptions> = { ...issueNames, user: true, subject: true };
export const serverRequestNames: PropertyNames<ServerProfile & CertificateOptions> = {
  ...certificateNames,
  ...addressNames,
  hosts: true,
  subject: true,
};
export const clientRequestNames: PropertyNames<ClientProfile & CertificateOptions> = {
  ...certificateNames,
  user: true,
  subject: true,
};
