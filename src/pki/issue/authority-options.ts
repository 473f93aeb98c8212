import type { NameInput } from '../../names/distinguished-name.ts';
import type { NameConstraints } from '../certificate/name-constraints.ts';
import type { Validity } from '../certificate/validity.ts';
import type { KeyAlgorithm } from '../keys/key-algorithms.ts';
import type { PrivateKey } from '../keys/private-key.ts';
import type { ProviderOptions } from '../provider/provider.ts';

/** What may be chosen for any certificate. */
export interface CertificateOptions {
  /** From when until when it is to be valid. */
  readonly validity?: Validity;
  /** 1 to 20 octets as hexadecimal digits; 158 random bits, 20 octets if not given. */
  readonly serialNumber?: string;
}

/** What may be chosen for a certificate that comes with its key. */
export interface IssueOptions extends CertificateOptions {
  /** The kind of key to generate; `ecdsa-p256` if not given. */
  readonly keyAlgorithm?: KeyAlgorithm;
  /** The key to use instead of a new one: a {@link PrivateKey}, or PKCS#8 PEM. */
  readonly key?: PrivateKey | string;
}

/** What all authorities have in common. */
export interface AuthorityOptions extends IssueOptions {
  /** Its name, such as `/O=Example/CN=Example database authority`. */
  readonly subject: NameInput;
  /**
   * How many authorities may stand below this one before a leaf. If not given, any number below a root, and none below
   * an intermediate authority.
   */
  readonly pathLength?: number;
  /** Limits on the names in all certificates below it. */
  readonly nameConstraints?: NameConstraints;
}

/** What a new root authority is to be. */
export interface CreateAuthorityOptions extends AuthorityOptions, ProviderOptions {
  /**
   * Hosts for which the authority's own certificate is valid as a server certificate, too: the how-to's self-signed
   * `server.crt` that is its own `root.crt`. Mind that the server's key can then sign anything; an authority apart from
   * the server is better.
   */
  readonly hosts?: readonly string[];
}

/** An authority that exists already. */
export interface LoadAuthorityOptions extends ProviderOptions {
  /** Its certificate, PEM; the intermediate authorities above it, if there are any, come after it. */
  readonly certificate: string;
  /** Its private key: PEM, or a {@link PrivateKey}. */
  readonly privateKey: string | PrivateKey;
  /** Opens the private key, where it is encrypted. */
  readonly passphrase?: string;
}

/** For whom a server certificate is. */
export interface ServerProfile {
  /** DNS names, wildcards (`*.example.com`), international names, IPv4 and IPv6 addresses; at least one. */
  readonly hosts: readonly string[];
  /** The subject; the common name is the first host if not given. Clients of today look at the hosts alone. */
  readonly subject?: NameInput;
}

/** For whom a client certificate is. */
export interface ClientProfile {
  /** The database role, which becomes the common name exactly as it is. */
  readonly user: string;
  /** The other attributes of the subject, such as `/O=Example/OU=Web`; a common name in it must be the role. */
  readonly subject?: NameInput;
}

/** What a server certificate is to be. */
export interface ServerCertificateOptions extends ServerProfile, IssueOptions {}

/** What a client certificate is to be. */
export interface ClientCertificateOptions extends ClientProfile, IssueOptions {}
