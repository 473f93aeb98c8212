import { asciiBytes, type Bytes } from '../../asn1/der.ts';
import { PgHostsslError } from '../../errors.ts';
import { sameName } from '../../names/canonical-name.ts';
import { commonName, decodeName, encodeName } from '../../names/name.ts';
import { checkIsAuthority, checkIsIssuer, choosePathLength } from '../certificate/authority-limits.ts';
import { type Certificate, certificatePem, readCertificate, readCertificates } from '../certificate/certificate.ts';
import { basicConstraints, keyUsage } from '../certificate/extensions.ts';
import { forbiddenName } from '../certificate/forbidden-name.ts';
import { isSelfSigned } from '../certificate/issuer.ts';
import { type KeyKind, kindOfKey } from '../keys/key-algorithms.ts';
import { chooseKey, givenKey, type PrivateKey, refuseWeakKey, signerOf } from '../keys/private-key.ts';
import { verifyCertificateSignature, verifyRequestSignature } from '../keys/x509.ts';
import { completeProvider } from '../provider/provider.ts';
import { type CrlOptions, type IssuedCrl, issueCrl } from '../revocation/issue-crl.ts';
import type {
  AuthorityOptions,
  CertificateOptions,
  ClientCertificateOptions,
  ClientProfile,
  CreateAuthorityOptions,
  IssueOptions,
  LoadAuthorityOptions,
  ServerCertificateOptions,
  ServerProfile,
} from './authority-options.ts';
import { belongsTo, type IssuedCertificate, type IssuedKeyPair, issued, issuedWithKey } from './issue.ts';
import { type Issuer, issueAuthority, issueLeaf } from './issue-below.ts';
import { clientProfile, type Profile, serverProfile } from './profile.ts';
import { carriedExtensions, checkIsLeaf, type RenewOptions, sameKeyAlgorithm } from './renew.ts';
import { readRequest } from './request.ts';
import { checkClientRequest, checkServerRequest } from './request-policy.ts';
import { authorityName, createRoot, limits, renewRoot } from './root.ts';

/** Days of validity where none are given. */
const defaultDays = { intermediate: 1825, leaf: 365 } as const;

/**
 * A certificate authority: a certificate that may sign others, and its private key. It is a value: it keeps no record of
 * what it issues. Its key shows neither in `util.inspect` nor in JSON.
 */
export class CertificateAuthority {
  /** The authority's own certificate, PEM with a final newline: what clients and servers trust, if it is a root. */
  readonly certificate: string;
  /** Its own certificate and the intermediate authorities above it, without the root: what `load` takes. */
  readonly chain: string;
  /** Its own certificate first, then those above it. */
  readonly #certificates: readonly Certificate[];
  readonly #key: PrivateKey;
  /** What is sent along after a leaf. */
  readonly #leafChain: string;

  private constructor(certificates: readonly Certificate[], key: PrivateKey) {
    const [own, ...above] = certificates;
    this.certificate = certificatePem(own!.der);
    this.chain = this.certificate + intermediates(above);
    this.#certificates = certificates;
    this.#key = key;
    this.#leafChain = intermediates(certificates);
  }

  /**
   * A new root authority with a new key, or with the one given.
   *
   * @throws PgHostsslError `name-invalid`, `name-attribute-unknown`, `host-invalid`, `validity-invalid`,
   * `serial-number-invalid`, `key-algorithm-unsupported`, `key-weak`; `authority-unfit` for an impossible path length;
   * `private-key-invalid`, `passphrase-missing` for a key that is given
   */
  static async create(options: CreateAuthorityOptions): Promise<CertificateAuthority> {
    const { certificate, key } = await createRoot(options);
    return new CertificateAuthority([certificate], key);
  }

  /**
   * An authority that exists already, checked to be one.
   *
   * @throws PgHostsslError `certificate-invalid`; `authority-unfit` for a certificate that may not sign others, or that
   * did not issue the one before it; `key-mismatch`; `private-key-invalid`, `passphrase-missing`, `passphrase-wrong`, `key-weak`,
   * `key-algorithm-unsupported`. An expired authority can be loaded; issuing is what fails then.
   */
  static async load(options: LoadAuthorityOptions): Promise<CertificateAuthority> {
    const { certificate, privateKey } = options;
    const certificates = readCertificates(certificate);
    const provider = await completeProvider(options.provider);
    for (const [i, authority] of certificates.entries()) {
      checkIsAuthority(authority);
      if (i > 0) await checkIsIssuer(authority, certificates[i - 1]!, provider);
    }
    const key = await givenKey(privateKey, provider, options.passphrase);
    if (!belongsTo(key, certificates[0]!)) {
      throw new PgHostsslError('key-mismatch', "The private key does not belong to the authority's certificate");
    }
    return new CertificateAuthority(certificates, key);
  }

  /**
   * A certificate for a database server.
   *
   * @throws PgHostsslError `host-invalid` (also for no host at all), `name-invalid`, `name-attribute-unknown`,
   * `authority-unfit` for names and purposes that the authority is kept from, `issuer-expired`, `validity-invalid`,
   * `serial-number-invalid`, `key-weak`, `key-algorithm-unsupported`; `private-key-invalid`, `passphrase-missing` for a key that is given
   */
  async issueServerCertificate(options: ServerCertificateOptions): Promise<IssuedKeyPair> {
    const profile = this.#serverProfile(options);
    const key = await chooseKey(options, signerOf(this.#key).provider);
    const { kind, publicKey } = signerOf(key);
    return issuedWithKey(await this.#issueLeaf(options, profile, kind, publicKey), this.#leafChain, key);
  }

  /**
   * A certificate with which a client logs in as a role.
   *
   * @throws PgHostsslError `role-name-invalid`, `name-invalid`, `name-attribute-unknown`, `authority-unfit` for names
   * and purposes that the authority is kept from, `issuer-expired`, `validity-invalid`, `serial-number-invalid`, `key-weak`,
   * `key-algorithm-unsupported`; `private-key-invalid`, `passphrase-missing` for a key that is given
   */
  async issueClientCertificate(options: ClientCertificateOptions): Promise<IssuedKeyPair> {
    const profile = clientProfile(options);
    const key = await chooseKey(options, signerOf(this.#key).provider);
    const { kind, publicKey } = signerOf(key);
    return issuedWithKey(await this.#issueLeaf(options, profile, kind, publicKey), this.#leafChain, key);
  }

  /**
   * A certificate for somebody who keeps their own key. The request must be signed by that key. Nothing but the key is
   * taken over from it, and a request that asks for another role, or for hosts beside those given, is refused.
   *
   * @param request PKCS#10, PEM
   * @throws PgHostsslError `request-invalid`, `request-not-allowed`, `key-weak`, `key-algorithm-unsupported`, and what
   * {@link CertificateAuthority.issueServerCertificate} and {@link CertificateAuthority.issueClientCertificate} throw
   */
  async signRequest(
    request: string,
    options: (ServerProfile | ClientProfile) & CertificateOptions,
  ): Promise<IssuedCertificate> {
    const parsed = readRequest(request);
    if ('user' in options) checkClientRequest(parsed, options.user);
    else checkServerRequest(parsed, options.hosts);
    const profile = 'user' in options ? clientProfile(options) : this.#serverProfile(options);
    const kind = kindOfKey(parsed.publicKey);
    refuseWeakKey(kind);
    if (!(await verifyRequestSignature(parsed.der, signerOf(this.#key).provider))) {
      throw new PgHostsslError('request-invalid', 'The certificate request is not signed by the key that it is about');
    }
    return issued(await this.#issueLeaf(options, profile, kind, parsed.publicKey), this.#leafChain);
  }

  /**
   * An authority below this one, such as one for servers and one for clients. Servers and clients trust the root alone;
   * what the new authority issues brings the certificates between along in its `chain`.
   *
   * @throws PgHostsslError `authority-unfit` if the path length or the name constraints of this authority do not allow
   * it, and what {@link CertificateAuthority.create} throws
   */
  async issueIntermediateAuthority(options: AuthorityOptions): Promise<CertificateAuthority> {
    const subject = authorityName(options);
    const extensions = [
      ...limits(options, choosePathLength(this.#certificates, options.pathLength)),
      keyUsage(['keyCertSign', 'cRLSign']),
    ];
    const key = await chooseKey(options, signerOf(this.#key).provider);
    const { publicKey } = signerOf(key);
    const days = defaultDays.intermediate;
    const certificate = await issueAuthority(this.#issuer, { ...options, days, subject, publicKey, extensions });
    return new CertificateAuthority([certificate, ...this.#certificates], key);
  }

  /**
   * A certificate for a server or a client once more: the same names and uses, a new serial number and time, and a new key
   * of the same kind, or the key given, which may be the old one.
   *
   * @param certificate the old one, PEM; it may have ended
   * @throws PgHostsslError `authority-unfit` for a certificate of another authority or of an authority, and for names
   * and purposes that this one is kept from; `certificate-invalid`, `key-weak`, `key-algorithm-unsupported`,
   * `issuer-expired`, `validity-invalid`, `serial-number-invalid`; `private-key-invalid`, `passphrase-missing` for a key
   * that is given
   */
  async renewCertificate(certificate: string, options: RenewOptions = {}): Promise<IssuedKeyPair> {
    const old = readCertificate(certificate);
    checkIsLeaf(old);
    const issuer = options.issuedBy === undefined ? this.#own : readCertificate(options.issuedBy);
    if (!(await this.#isSignedBy(old, issuer))) {
      throw new PgHostsslError('authority-unfit', 'The certificate to be renewed was not issued by this authority', {
        hint: 'Give the certificate of the authority that it replaces as issuedBy, or issue a new one.',
      });
    }
    const keyAlgorithm = options.keyAlgorithm ?? sameKeyAlgorithm(old);
    const key = await chooseKey(
      keyAlgorithm === undefined ? options : { ...options, keyAlgorithm },
      signerOf(this.#key).provider,
    );
    const renewed = await issueLeaf(this.#issuer, {
      ...options,
      days: defaultDays.leaf,
      subject: old.subject.bytes,
      publicKey: signerOf(key).publicKey,
      extensions: carriedExtensions(old),
    });
    return issuedWithKey(renewed, this.#leafChain, key);
  }

  /**
   * The next generation of this root: the same name, limits and uses, and a new key, or the key given. With its old key
   * (`privateKey`), what it has issued stays good under both, save for certificates that name the old root's serial
   * number (`authorityKeyIdentifier` with issuer, as easy-rsa writes it); with a new one, see `rolloverSteps`.
   *
   * @throws PgHostsslError `authority-unfit` for an authority that is no root, and what
   * {@link CertificateAuthority.create} throws
   */
  async renew(options: IssueOptions = {}): Promise<CertificateAuthority> {
    const own = this.#own;
    if (!isSelfSigned(own)) {
      throw new PgHostsslError('authority-unfit', 'Only a root renews itself', {
        hint: 'Issue the intermediate authority again, by the one above it.',
      });
    }
    const { certificate, key } = await renewRoot(own, options, signerOf(this.#key).provider);
    return new CertificateAuthority([certificate], key);
  }

  /**
   * A list of what this authority has revoked, or a later one of the same. Every authority of a chain needs a list, the
   * root included, as soon as the server has any: see `checkRevocation`.
   *
   * @throws PgHostsslError `authority-unfit` if the certificate may not sign lists; `revocation-not-possible` for a
   * certificate of another authority, a reason that is none, a list before that is another's, and a number that is not higher;
   * `crl-invalid`, `certificate-invalid`, `serial-number-invalid`, `issuer-expired`, `validity-invalid`
   */
  async issueCrl(options: CrlOptions = {}): Promise<IssuedCrl> {
    return issueCrl(options, this.#own, signerOf(this.#key));
  }

  /**
   * Whether a certificate (the first one in a PEM text) was signed by this authority. Dates, purposes and revocation are
   * not looked at.
   *
   * @throws PgHostsslError `certificate-invalid`
   */
  async hasIssued(certificate: string): Promise<boolean> {
    return this.#isSignedBy(readCertificate(certificate), this.#own);
  }

  /** The CA's private key; its `toPem()` gives the text. Keep it off the database server. */
  get privateKey(): PrivateKey {
    return this.#key;
  }

  async #isSignedBy(certificate: Certificate, authority: Certificate): Promise<boolean> {
    if (!sameName(certificate.issuer, authority.subject)) return false;
    return verifyCertificateSignature(certificate.der, authority.publicKey, signerOf(this.#key).provider);
  }

  get #own(): Certificate {
    return this.#certificates[0]!;
  }

  #serverProfile(options: ServerProfile): Profile {
    const isAllowed = (name: string) =>
      this.#certificates.every(
        ({ extensions }) => forbiddenName(extensions, [{ tag: 0x82, content: asciiBytes(name) }]) === undefined,
      );
    return serverProfile(options, isAllowed);
  }

  async #issueLeaf(
    options: CertificateOptions,
    profile: Profile,
    kind: KeyKind,
    publicKey: Bytes,
  ): Promise<Certificate> {
    const subject = encodeName(profile.subject);
    const extensions = [basicConstraints({ isCa: false }), ...profile.extensions(kind)];
    const days = defaultDays.leaf;
    const certificate = await issueLeaf(this.#issuer, { ...options, days, subject, publicKey, extensions });
    // The common name decides who gets in, so that it is compared with the role once more, in what was really signed.
    if (profile.user !== undefined && commonName(decodeName(certificate.subject)) !== profile.user) {
      throw new PgHostsslError('readback-mismatch', 'The common name does not read back as the role');
    }
    return certificate;
  }

  get #issuer(): Issuer {
    return { certificates: this.#certificates, signer: signerOf(this.#key) };
  }
}

/** What is sent along after a leaf: all but the root, which the other side has. */
function intermediates(certificates: readonly Certificate[]): string {
  return certificates
    .filter((certificate) => !isSelfSigned(certificate))
    .map(({ der }) => certificatePem(der))
    .join('');
}
