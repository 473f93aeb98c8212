import { PgHostsslError } from '../errors.ts';
import { type Certificate, certificatePem, readCertificates } from './certificate.ts';
import { type Bytes, equalBytes } from './der.ts';
import type { DistinguishedName, NameInput } from './distinguished-name.ts';
import { completeEngine, type EngineOptions } from './engine.ts';
import {
  authorityKeyIdentifier,
  basicConstraints,
  extendedKeyUsage,
  keyUsage,
  readBasicConstraints,
  readKeyUsage,
  readSubjectKeyIdentifier,
  subjectAltName,
  subjectKeyIdentifier,
} from './extensions.ts';
import { type Host, parseHost } from './host.ts';
import {
  belongsTo,
  checkCommonName,
  chooseSerialNumber,
  type IssuedKeyPair,
  issuedWithKey,
  keyIdentifier,
  signCertificate,
} from './issue.ts';
import type { KeyAlgorithm } from './key-algorithms.ts';
import { commonName, encodeName, nameValues, parseName } from './name.ts';
import { PrivateKey, refuseWeakKey, signerOf } from './private-key.ts';
import { checkRoleName } from './role.ts';
import { choosePeriod, type Validity } from './validity.ts';
import { verifyCertificateSignature } from './x509.ts';

/** What all certificates have in common. */
export interface IssueOptions {
  /** The kind of key to generate; `ecdsa-p256` if not given. */
  readonly keyAlgorithm?: KeyAlgorithm;
  /** The key to use instead of a new one: one that {@link PrivateKey} made or read, or PKCS#8 PEM. */
  readonly key?: PrivateKey | string;
  /** From when until when it is to be valid. */
  readonly validity?: Validity;
  /** 1 to 20 octets as hexadecimal digits; 159 random bits if not given. */
  readonly serialNumber?: string;
}

/** What a new authority is to be. */
export interface CreateAuthorityOptions extends IssueOptions, EngineOptions {
  /** Its name, such as `/O=Example/CN=Example database authority`. */
  readonly subject: NameInput;
  /** How many authorities may stand below this one before a leaf; any number if not given. */
  readonly pathLength?: number;
  /**
   * Hosts for which the authority's own certificate is valid as a server certificate, too: the how-to's self-signed
   * `server.crt` that is its own `root.crt`. Mind that the server's key can then sign anything; an authority apart from
   * the server is better.
   */
  readonly hosts?: readonly string[];
}

/** An authority that exists already. */
export interface LoadAuthorityOptions extends EngineOptions {
  /** Its certificate, PEM; the intermediates above it, if there are any, come after it. */
  readonly certificate: string;
  /** Its private key, PEM. */
  readonly privateKey: string;
  /** Opens the private key, where it is encrypted. */
  readonly passphrase?: string;
}

/** What a server certificate is to be. */
export interface ServerCertificateOptions extends IssueOptions {
  /** DNS names, wildcards (`*.example.com`), international names, IPv4 and IPv6 addresses; at least one. */
  readonly hosts: readonly string[];
  /** The subject; the common name is the first host if not given. Clients of today look at the hosts alone. */
  readonly subject?: NameInput;
}

/** What a client certificate is to be. */
export interface ClientCertificateOptions extends IssueOptions {
  /** The database role, which becomes the common name exactly as it is. */
  readonly user: string;
  /** The other attributes of the subject, such as `/O=Example/OU=Web`; a common name in it must be the role. */
  readonly subject?: NameInput;
}

/** Days of validity where none are given. */
const defaultDays = { authority: 3650, leaf: 365 } as const;

/**
 * A certificate authority: a certificate that may sign others, and its private key. It keeps no record of what it
 * issues. Its key shows neither in `util.inspect` nor in JSON.
 */
export class CertificateAuthority {
  /** The authority's own certificate, PEM with a final newline: what clients and servers trust, if it is a root. */
  readonly certificate: string;
  readonly #own: Certificate;
  readonly #key: PrivateKey;
  /** The certificates to be sent after a leaf: of this authority and those above it, without the root. */
  readonly #chain: string;

  private constructor(certificates: readonly Certificate[], key: PrivateKey) {
    this.#own = certificates[0]!;
    this.#key = key;
    this.certificate = certificatePem(this.#own.der);
    this.#chain = certificates
      .filter(({ issuer, subject }) => !equalBytes(issuer.bytes, subject.bytes))
      .map(({ der }) => certificatePem(der))
      .join('');
  }

  /**
   * A new root authority with a new key, or with the one given.
   *
   * @throws PgHostsslError `name-invalid`, `name-attribute-unknown`, `host-invalid`, `validity-invalid`,
   * `serial-number-invalid`, `key-algorithm-unsupported`, `key-weak`
   */
  static async create(options: CreateAuthorityOptions): Promise<CertificateAuthority> {
    const subject = parseName(options.subject);
    if (subject.length === 0) throw new PgHostsslError('name-invalid', 'An authority has an empty name');
    const hosts = options.hosts?.map(parseHost);
    const engine = await completeEngine(options.engine);
    const period = choosePeriod(options.validity ?? {}, defaultDays.authority, engine.now());
    const serialNumber = chooseSerialNumber(options.serialNumber, engine);
    const key = await chooseKey(options, engine);
    const { publicKey } = signerOf(key);
    const name = encodeName(subject);
    const identifier = await keyIdentifier(publicKey, engine);
    const constraints = { isCa: true, ...(options.pathLength === undefined ? {} : { pathLength: options.pathLength }) };
    const extensions = [
      basicConstraints(constraints),
      // With a server's purpose in an extended key usage, the authority would no longer be one for clients.
      keyUsage([...(hosts === undefined ? [] : serverKeyUsage(key)), 'keyCertSign', 'cRLSign']),
      subjectKeyIdentifier(identifier),
      authorityKeyIdentifier(identifier),
      ...(hosts === undefined ? [] : [subjectAltName(hosts)]),
    ];
    const content = { serialNumber, issuer: name, subject: name, ...period, publicKey, extensions };
    return new CertificateAuthority([await signCertificate(content, signerOf(key))], key);
  }

  /**
   * An authority that exists already, checked to be one.
   *
   * @throws PgHostsslError `certificate-invalid`; `authority-unfit` for a certificate that may not sign others;
   * `key-mismatch`; `private-key-invalid`, `passphrase-missing`, `passphrase-wrong`, `key-weak`,
   * `key-algorithm-unsupported`. An expired authority can be loaded; issuing is what fails then.
   */
  static async load(options: LoadAuthorityOptions): Promise<CertificateAuthority> {
    const { certificate, privateKey, ...keyOptions } = options;
    const certificates = readCertificates(certificate);
    const own = certificates[0]!;
    checkMaySign(own);
    const key = await PrivateKey.read(privateKey, keyOptions);
    if (!belongsTo(key, own)) {
      throw new PgHostsslError('key-mismatch', "The private key does not belong to the authority's certificate");
    }
    return new CertificateAuthority(certificates, key);
  }

  /**
   * A certificate for a database server.
   *
   * @throws PgHostsslError `host-invalid` (also for no host at all), `name-invalid`, `name-attribute-unknown`,
   * `issuer-expired`, `validity-invalid`, `serial-number-invalid`, `key-weak`
   */
  async issueServerCertificate(options: ServerCertificateOptions): Promise<IssuedKeyPair> {
    const hosts = options.hosts.map(parseHost);
    if (hosts.length === 0) {
      throw new PgHostsslError('host-invalid', 'A server certificate needs at least one host', {
        hint: 'Give every name and address under which clients will connect.',
      });
    }
    const subject = options.subject === undefined ? hostSubject(hosts[0]!) : parseName(options.subject);
    return this.#issue(options, subject, (key) => [
      keyUsage(serverKeyUsage(key)),
      extendedKeyUsage(['serverAuth']),
      subjectAltName(hosts),
    ]);
  }

  /**
   * A certificate with which a client logs in as a role.
   *
   * @throws PgHostsslError `role-name-invalid`, `name-invalid`, `name-attribute-unknown`, `issuer-expired`,
   * `validity-invalid`, `serial-number-invalid`, `key-weak`
   */
  async issueClientCertificate(options: ClientCertificateOptions): Promise<IssuedKeyPair> {
    const subject = clientSubject(checkRoleName(options.user), parseName(options.subject ?? []));
    return this.#issue(
      options,
      subject,
      () => [keyUsage(['digitalSignature']), extendedKeyUsage(['clientAuth'])],
      options.user,
    );
  }

  /**
   * Whether a certificate (the first one in a PEM text) was signed by this authority. Dates, purposes and revocation are
   * not looked at.
   *
   * @throws PgHostsslError `certificate-invalid`
   */
  async hasIssued(certificate: string): Promise<boolean> {
    const [candidate] = readCertificates(certificate);
    if (!equalBytes(candidate!.issuer.bytes, this.#own.subject.bytes)) return false;
    return verifyCertificateSignature(candidate!.der, this.#own.publicKey, signerOf(this.#key).engine);
  }

  /** The authority's private key, PKCS#8 PEM with a final newline, not encrypted. Keep it off the database server. */
  exportPrivateKey(): string {
    return this.#key.toPem();
  }

  async #issue(
    options: IssueOptions,
    subject: DistinguishedName,
    profile: (key: PrivateKey) => readonly Bytes[],
    user?: string,
  ): Promise<IssuedKeyPair> {
    const signer = signerOf(this.#key);
    const { engine } = signer;
    const period = choosePeriod(options.validity ?? {}, defaultDays.leaf, engine.now(), this.#own);
    const serialNumber = chooseSerialNumber(options.serialNumber, engine);
    const key = await chooseKey(options, engine);
    const { publicKey } = signerOf(key);
    // The issuer's identifier is copied, never computed again: authorities made elsewhere choose it as they like.
    const issuerIdentifier = readSubjectKeyIdentifier(this.#own.extensions);
    const certificate = await signCertificate(
      {
        serialNumber,
        issuer: this.#own.subject.bytes,
        subject: encodeName(subject),
        ...period,
        publicKey,
        extensions: [
          basicConstraints({ isCa: false }),
          ...profile(key),
          subjectKeyIdentifier(await keyIdentifier(publicKey, engine)),
          ...(issuerIdentifier === undefined ? [] : [authorityKeyIdentifier(issuerIdentifier)]),
        ],
      },
      signer,
    );
    if (user !== undefined) checkCommonName(certificate, user);
    return issuedWithKey(certificate, this.#chain, key);
  }
}

function checkMaySign(certificate: Certificate): void {
  const fail = (what: string) =>
    new PgHostsslError('authority-unfit', `The certificate ${what}, so that nobody accepts what it signs`, {
      hint: 'Give the certificate of an authority (CA:TRUE, keyCertSign), not that of a server or a client.',
    });
  if (readBasicConstraints(certificate.extensions)?.isCa !== true) throw fail('is not that of an authority');
  if (readKeyUsage(certificate.extensions)?.includes('keyCertSign') === false)
    throw fail('lacks the key usage keyCertSign');
}

async function chooseKey(options: IssueOptions, engine: EngineOptions['engine'] & object): Promise<PrivateKey> {
  const { key, keyAlgorithm } = options;
  if (key === undefined) return PrivateKey.generate(keyAlgorithm, { engine });
  if (typeof key === 'string') return PrivateKey.read(key, { engine });
  refuseWeakKey(signerOf(key).kind);
  return key;
}

/** An RSA key may also decrypt the premaster secret, which TLS 1.2 without forward secrecy asks of it. */
function serverKeyUsage(key: PrivateKey): readonly ('digitalSignature' | 'keyEncipherment')[] {
  return key.algorithm.startsWith('rsa-') ? ['digitalSignature', 'keyEncipherment'] : ['digitalSignature'];
}

/** A long host name does not fit into a common name (64 characters), and need not be there. */
function hostSubject(host: Host): DistinguishedName {
  const value = host.kind === 'dns' ? host.name : host.texts[0]!;
  return value.length <= 64 ? [[{ type: 'CN', value }]] : [[{ type: 'CN', value: 'PostgreSQL server' }]];
}

/** The common name is added as the last level, where DNs have it, unless it is there. */
function clientSubject(user: string, name: DistinguishedName): DistinguishedName {
  const names = nameValues(name, 'CN');
  if (names.length === 0) return parseName([...name, [{ type: 'CN', value: user }]]);
  if (names.length > 1 || commonName(name) !== user) {
    throw new PgHostsslError(
      'name-invalid',
      `The subject has the common name ${JSON.stringify(names.at(-1))}, but the role is ${JSON.stringify(user)}`,
      {
        hint: 'Leave the common name out of the subject: the role becomes it.',
      },
    );
  }
  return name;
}
