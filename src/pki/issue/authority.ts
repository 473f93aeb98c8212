import { assertProperties, given } from '../../arguments.ts';
import { asciiBytes, type Bytes } from '../../asn1/bytes.ts';
import { copyArgument } from '../../copy-argument.ts';
import { PgHostsslError } from '../../errors.ts';
import { sameName } from '../../names/canonical-name.ts';
import { commonName, decodeName, encodeName } from '../../names/name.ts';
import { type Certificate, certificatePem, readCertificate, readCertificates } from '../certificate/certificate.ts';
import { type ConstrainedName, constrainedName } from '../certificate/constrained-name.ts';
import { basicConstraints } from '../certificate/extensions.ts';
import { forbiddenName } from '../certificate/forbidden-name.ts';
import { nameTag } from '../certificate/general-name.ts';
import type { Host } from '../certificate/host.ts';
import { isSelfSigned } from '../certificate/issuer.ts';
import { keyUsage } from '../certificate/key-usage.ts';
import { belongsTo } from '../certificate/matches-key.ts';
import { chooseKey, givenKey } from '../keys/choose-key.ts';
import { type KeyKind, kindOfKey } from '../keys/key-algorithms.ts';
import { bindKey, type PrivateKey, refuseWeakKey, signerOf } from '../keys/private-key.ts';
import { isSignedBy } from '../keys/verify-signature.ts';
import { completeProvider } from '../provider/provider.ts';
import { type CrlOptions, crlOptionNames, type IssuedCrl, issueCrl } from '../revocation/issue-crl.ts';
import { checkIsAuthority, checkIsIssuer, choosePathLength } from './authority-limits.ts';
import {
  type AuthorityOptions,
  authorityNames,
  type CertificateOptions,
  type ClientCertificateOptions,
  type ClientProfile,
  type CreateAuthorityOptions,
  clientNames,
  clientRequestNames,
  createNames,
  type IssueOptions,
  issueNames,
  type LoadAuthorityOptions,
  loadNames,
  type ServerCertificateOptions,
  type ServerProfile,
  serverNames,
  serverRequestNames,
} from './authority-options.ts';
import { type IssuedCertificate, type IssuedKeyPair, intermediates, issued } from './issued.ts';
import { clientProfile, type Profile, serverProfile } from './profile.ts';
import { carriedExtensions, checkIsLeaf, chooseSameKind, type RenewOptions, renewNames, renewRoot } from './renew.ts';
import { checkClientRequest, checkServerRequest, readRequest } from './request.ts';
import { authorityName, createRoot, limits } from './root.ts';
import { type Issuer, signBelow } from './sign-certificate.ts';

/** The number of days for which a certificate is valid, if the caller gives no validity. */
const defaultDays = { intermediate: 1825, leaf: 365 } as const;

/** @internal Returns a CA whose clock stands still at one moment: the given moment, or now by the clock of the CA. */
export let authorityAt: (
  authority: CertificateAuthority,
  moment: Date | undefined,
) => { readonly now: Date; readonly authority: CertificateAuthority };

/** @internal Returns whether the name constraints of a CA allow a host in its certificates. */
export let mayName: (authority: CertificateAuthority, host: Host) => boolean;

/**
 * A certificate authority (CA): a certificate that may sign other certificates, and its private key. A CA keeps no
 * record of the certificates that it issues; use a {@link Ledger} for that.
 *
 * @example
 * ```ts
 * import assert from 'node:assert';
 * import { CertificateAuthority, verifyChain } from 'pg-hostssl/pki';
 *
 * const authority = await CertificateAuthority.create({ subject: '/O=Example/CN=Example CA' });
 * const server = await authority.issueServerCertificate({ hosts: ['db.example.com', '10.0.0.5'] });
 * const client = await authority.issueClientCertificate({ user: 'webadmin', validity: { days: 30 } });
 *
 * const roots = authority.certificate;
 * assert.ok((await verifyChain({ chain: server.chain, roots, purpose: 'serverAuth' })).ok);
 * assert.ok((await verifyChain({ chain: client.chain, roots, purpose: 'clientAuth' })).ok);
 *
 * // The key of the CA belongs in a vault. It signs again after `load`.
 * const stored = { certificate: authority.certificate, privateKey: authority.privateKey.toPem() };
 * assert.equal((await CertificateAuthority.load(stored)).certificate, roots);
 * ```
 */
export class CertificateAuthority {
  /** The CA certificate, PEM with a final newline. Clients and servers trust it if it is a root. */
  readonly certificate: string;
  /**
   * The CA certificate, then the intermediate CA certificates above it, without the root. `load` takes this text as
   * `certificate`.
   */
  readonly chain: string;
  /** The CA certificate, then the CA certificates above it. */
  readonly #certificates: readonly Certificate[];
  /** The CA certificates that follow the leaf in the `chain` of an issued certificate, PEM. */
  readonly #sentAlong: string;
  readonly #key: PrivateKey;

  private constructor(certificates: readonly Certificate[], key: PrivateKey) {
    const [own, ...above] = certificates;
    this.certificate = certificatePem(own!.der);
    this.chain = this.certificate + intermediates(above);
    this.#certificates = certificates;
    this.#sentAlong = intermediates(certificates);
    this.#key = key;
  }

  /**
   * Creates a root CA with a new key, or with a key that the caller gives.
   *
   * @throws PgHostsslError `name-invalid`, `name-attribute-unknown`, `host-invalid`, `validity-invalid`,
   * `serial-number-invalid`, `key-algorithm-unsupported`, `key-weak`, `path-length-invalid`; `private-key-invalid`,
   * `passphrase-missing` for a given key; `argument-invalid`
   */
  static async create(options: CreateAuthorityOptions): Promise<CertificateAuthority> {
    assertProperties(options, createNames, 'options of CertificateAuthority.create');
    options = copyArgument(options);
    const { certificate, key } = await createRoot(options);
    return new CertificateAuthority([certificate], key);
  }

  /**
   * Loads an existing CA, and checks its certificates and key. An expired CA can be loaded, but it cannot issue
   * certificates.
   *
   * @throws PgHostsslError `certificate-invalid`; `not-an-authority` and `lacks-cert-sign` for a certificate that may
   * not sign others; `issuer-mismatch` for certificates in the wrong order; `key-mismatch`; `private-key-invalid`,
   * `passphrase-missing`, `passphrase-wrong`, `key-weak`, `key-algorithm-unsupported`; `argument-invalid`
   */
  static async load(options: LoadAuthorityOptions): Promise<CertificateAuthority> {
    assertProperties(options, loadNames, 'options of CertificateAuthority.load');
    options = copyArgument(options);
    const { certificate, privateKey } = options;
    const certificates = readCertificates(certificate);
    const provider = await completeProvider(options.provider);
    for (const [i, authority] of certificates.entries()) {
      checkIsAuthority(authority);
      if (i > 0) await checkIsIssuer(authority, certificates[i - 1]!, provider);
    }
    const key = await givenKey(privateKey, provider, options.passphrase);
    if (!belongsTo(key, certificates[0]!)) {
      throw new PgHostsslError('key-mismatch', 'The private key does not belong to the CA certificate');
    }
    return new CertificateAuthority(certificates, key);
  }

  /**
   * Issues a certificate for a database server.
   *
   * @throws PgHostsslError `host-invalid` (also if there is no host), `name-invalid`, `name-attribute-unknown`,
   * `name-not-permitted`, `wrong-purpose`, `issuer-expired`, `validity-invalid`, `serial-number-invalid`, `key-weak`,
   * `key-algorithm-unsupported`; `private-key-invalid`, `passphrase-missing` for a given key; `argument-invalid`
   */
  async issueServerCertificate(options: ServerCertificateOptions): Promise<IssuedKeyPair> {
    assertProperties(options, serverNames, 'options of issueServerCertificate');
    options = copyArgument(options);
    return this.#issueWithKey(options, this.#serverProfile(options));
  }

  /**
   * Issues a certificate with which a client logs in as a role.
   *
   * @throws PgHostsslError `role-name-invalid`, `name-invalid`, `name-attribute-unknown`, `name-not-permitted`,
   * `wrong-purpose`, `issuer-expired`, `validity-invalid`, `serial-number-invalid`, `key-weak`,
   * `key-algorithm-unsupported`; `private-key-invalid`, `passphrase-missing` for a given key; `argument-invalid`
   */
  async issueClientCertificate(options: ClientCertificateOptions): Promise<IssuedKeyPair> {
    assertProperties(options, clientNames, 'options of issueClientCertificate');
    options = copyArgument(options);
    return this.#issueWithKey(options, clientProfile(options));
  }

  /**
   * Issues a certificate for the key in a certificate request. The request must be signed with that key. All other
   * content of the certificate comes from the options. The function refuses a request that asks for a role or host that
   * the options do not give.
   *
   * @param request PKCS#10: PEM, or DER
   * @throws PgHostsslError `request-invalid`, `request-not-allowed`, `key-weak`, `key-algorithm-unsupported`, and the
   * codes of {@link CertificateAuthority.issueServerCertificate} and {@link
   * CertificateAuthority.issueClientCertificate}
   */
  async signRequest(
    request: string | Uint8Array,
    options: (ServerProfile | ClientProfile) & CertificateOptions,
  ): Promise<IssuedCertificate> {
    const isClient = (options as Partial<ClientProfile> | null)?.user !== undefined;
    assertProperties<object>(options, isClient ? clientRequestNames : serverRequestNames, 'options of signRequest');
    const copy = copyArgument(given(options));
    const profile = 'user' in copy ? clientProfile(copy) : this.#serverProfile(copy);
    const parsed = readRequest(request);
    if ('user' in copy) checkClientRequest(parsed, copy.user);
    else checkServerRequest(parsed, copy.hosts);
    const kind = kindOfKey(parsed.publicKey);
    refuseWeakKey(kind);
    if (!(await isSignedBy(parsed.der, parsed.publicKey, signerOf(this.#key).provider))) {
      throw new PgHostsslError('request-invalid', 'The key in the certificate request did not sign the request');
    }
    return issued(await this.#issueLeaf(copy, profile, kind, parsed.publicKey), this.#sentAlong);
  }

  /**
   * Issues an intermediate CA below this CA, for example one CA for servers and one for clients. Servers and clients
   * trust the root only. The `chain` of a certificate from the new CA holds the intermediate CA certificates.
   *
   * @throws PgHostsslError `path-too-long` or `name-not-permitted` if the path length or the name constraints of this
   * CA forbid the new CA, and the codes of {@link CertificateAuthority.create}
   */
  async issueIntermediateAuthority(options: AuthorityOptions): Promise<CertificateAuthority> {
    assertProperties(options, authorityNames, 'options of issueIntermediateAuthority');
    options = copyArgument(options);
    const subject = authorityName(options);
    const extensions = [
      ...limits(options, choosePathLength(this.#certificates, options.pathLength)),
      keyUsage(['keyCertSign', 'cRLSign']),
    ];
    const key = await chooseKey(options, signerOf(this.#key).provider);
    const { publicKey } = signerOf(key);
    const days = defaultDays.intermediate;
    const issue = { ...options, isLeaf: false, days, subject, publicKey, extensions };
    const certificate = await signBelow(this.#issuer, issue);
    return new CertificateAuthority([certificate, ...this.#certificates], key);
  }

  /**
   * Renews a certificate of a server or a client. The new certificate has the same names, key usage and extended key
   * usage, and a new serial number and period of validity. Its key is a new key of the same kind, or the key in the
   * options, which may be the old key.
   *
   * @param certificate the old certificate, PEM; it may have expired
   * @throws PgHostsslError `issuer-mismatch` for a certificate of another CA, `not-a-leaf` for a CA certificate;
   * `not-an-authority` and `lacks-cert-sign` if `issuedBy` may not sign certificates; `name-not-permitted`,
   * `wrong-purpose`, `certificate-invalid`, `key-weak`, `key-algorithm-unsupported`, `issuer-expired`,
   * `validity-invalid`, `serial-number-invalid`; `private-key-invalid`, `passphrase-missing` for a given key;
   * `argument-invalid`
   */
  async renewCertificate(certificate: string, options: RenewOptions = {}): Promise<IssuedKeyPair> {
    assertProperties(options, renewNames, 'options of renewCertificate');
    options = copyArgument(options);
    const old = readCertificate(certificate);
    checkIsLeaf(old);
    const issuer = options.issuedBy === undefined ? this.#own : readCertificate(options.issuedBy);
    checkIsAuthority(issuer);
    if (!(await this.#isSignedBy(old, issuer))) {
      throw new PgHostsslError('issuer-mismatch', 'The certificate to renew was not issued by this CA', {
        hint: 'Give the CA certificate that issued the old certificate as `issuedBy`, or issue a new certificate.',
      });
    }
    const key = await chooseSameKind(old, options, signerOf(this.#key).provider);
    const renewed = await signBelow(this.#issuer, {
      ...options,
      isLeaf: true,
      days: defaultDays.leaf,
      subject: old.subject.bytes,
      publicKey: signerOf(key).publicKey,
      extensions: carriedExtensions(old),
    });
    return { ...issued(renewed, this.#sentAlong), privateKey: key };
  }

  /**
   * Renews this root. The new root has the same name, constraints and key usage. Its key is a new key, or the key in
   * the options. If `key` is the old key (`privateKey`), the old and the new root both verify all certificates issued
   * before. The exception is a certificate whose `authorityKeyIdentifier` names the serial number of the old root, as
   * easy-rsa writes it. If the new root has a new key, follow {@link rolloverSteps}.
   *
   * @throws PgHostsslError `not-a-root` for an intermediate CA, and the codes of {@link CertificateAuthority.create}
   */
  async renew(options: IssueOptions = {}): Promise<CertificateAuthority> {
    assertProperties(options, issueNames, 'options of renew');
    options = copyArgument(options);
    const own = this.#own;
    if (!isSelfSigned(own)) {
      throw new PgHostsslError('not-a-root', 'Only a root CA can renew itself', {
        hint: 'Issue the intermediate CA again from the CA above it.',
      });
    }
    const { certificate, key } = await renewRoot(own, options, signerOf(this.#key).provider);
    return new CertificateAuthority([certificate], key);
  }

  /**
   * Issues a certificate revocation list (CRL) of this CA. As soon as a server has a CRL, it needs a CRL of every CA in
   * a chain, and of the root, too: see {@link checkRevocation}.
   *
   * @throws PgHostsslError `authority-lacks-crl-sign` if the CA may not sign CRLs; `issuer-mismatch` for a certificate
   * or a previous CRL of another CA; `revocation-reason-unknown`, `crl-number-invalid`, `crl-invalid`,
   * `certificate-invalid`, `serial-number-invalid`, `issuer-expired`, `validity-invalid`, `argument-invalid`
   */
  async issueCrl(options: CrlOptions = {}): Promise<IssuedCrl> {
    assertProperties(options, crlOptionNames, 'options of issueCrl');
    options = copyArgument(options);
    return issueCrl(options, this.#own, signerOf(this.#key));
  }

  /**
   * Whether this CA signed a certificate. Only the first certificate of a PEM text is read. Dates, purposes and
   * revocation are not checked.
   *
   * @throws PgHostsslError `certificate-invalid`
   */
  async hasIssued(certificate: string): Promise<boolean> {
    return this.#isSignedBy(readCertificate(certificate), this.#own);
  }

  /** The private key of the CA; `privateKey.toPem()` returns its text. Do not store this key on the database server. */
  get privateKey(): PrivateKey {
    return this.#key;
  }

  async #isSignedBy(certificate: Certificate, authority: Certificate): Promise<boolean> {
    if (!sameName(certificate.issuer, authority.subject)) return false;
    return isSignedBy(certificate.der, authority.publicKey, signerOf(this.#key).provider);
  }

  static {
    authorityAt = (authority, moment) => {
      const { provider } = signerOf(authority.#key);
      const now = moment ?? provider.now();
      const key = bindKey(authority.#key, { ...provider, now: () => now });
      return { now, authority: new CertificateAuthority(authority.#certificates, key) };
    };
    mayName = (authority, host) =>
      authority.#allows(
        host.kind === 'dns'
          ? { tag: nameTag.dns, content: asciiBytes(host.name) }
          : { tag: nameTag.ip, content: host.address },
      );
  }

  get #own(): Certificate {
    return this.#certificates[0]!;
  }

  #serverProfile(options: ServerProfile): Profile {
    return serverProfile(options, (name) => this.#allows({ tag: nameTag.dns, content: asciiBytes(name) }));
  }

  /** Whether the name constraints of the CA allow a name. */
  #allows(name: Pick<ConstrainedName, 'tag' | 'content'>): boolean {
    return forbiddenName(this.#certificates, [constrainedName(name)]) === undefined;
  }

  async #issueWithKey(options: IssueOptions, profile: Profile): Promise<IssuedKeyPair> {
    const key = await chooseKey(options, signerOf(this.#key).provider);
    const { kind, publicKey } = signerOf(key);
    const certificate = await this.#issueLeaf(options, profile, kind, publicKey);
    return { ...issued(certificate, this.#sentAlong), privateKey: key };
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
    const certificate = await signBelow(this.#issuer, {
      ...options,
      isLeaf: true,
      days,
      subject,
      publicKey,
      extensions,
    });
    // The common name decides who may log in. The signed certificate must therefore hold the role as its common name.
    if (profile.user !== undefined && commonName(decodeName(certificate.subject)) !== profile.user) {
      throw new PgHostsslError('readback-mismatch', 'The common name of the signed certificate is not the role');
    }
    return certificate;
  }

  get #issuer(): Issuer {
    return { certificates: this.#certificates, signer: signerOf(this.#key) };
  }
}
