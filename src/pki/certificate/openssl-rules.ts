/**
 * A version of OpenSSL, and all newer versions before the next one of this list. {@link verifyChain} gives the verdict
 * of that version. `3` is OpenSSL 3.0.
 */
export type OpensslProfile = '1.1.1' | '3' | '3.5' | '3.6' | '4';

/** The rules of a version of OpenSSL that are different in another version. */
export interface OpensslRules {
  /** Whether a key may be on a curve that is given by parameters instead of a name. */
  readonly allowsExplicitCurves: boolean;
  /** Whether OpenSSL knows signatures RSASSA-PSS with SHA-512/224 and SHA-512/256. */
  readonly knowsShortSha512: boolean;
  /**
   * Whether the strength of an RSA key is estimated and rounded up, and level 0 is the default of the OpenSSL project.
   */
  readonly estimatesStrength: boolean;
  /** Whether OpenSSL uses a delta CRL as if it were complete, as 3.0 also does up to 3.0.20. */
  readonly usesDeltaCrls: boolean;
  /** Whether a self-signed certificate is checked for revocation. */
  readonly checksSelfSigned: boolean;
  /** Whether the second at which a certificate or CRL ends belongs to its validity, as in RFC 5280. */
  readonly includesLastSecond: boolean;
  /** Whether the extension "OCSP no check" may be critical. */
  readonly knowsOcspNoCheck: boolean;
  /** Whether a subtree of name constraints may have the minimum 0, which is the default and should not be written. */
  readonly allowsMinimum: boolean;
  /**
   * Whether name constraints distinguish the types of an otherName, and e-mail addresses in an otherName are compared
   * with name constraints for e-mail addresses.
   */
  readonly knowsOtherNames: boolean;
  /** Whether name constraints are compared with the host that `OSSL_parse_url` finds in a URI. */
  readonly parsesUrls: boolean;
}

const rules3: OpensslRules = {
  allowsExplicitCurves: false,
  knowsShortSha512: true,
  estimatesStrength: true,
  usesDeltaCrls: false,
  checksSelfSigned: true,
  includesLastSecond: false,
  knowsOcspNoCheck: true,
  allowsMinimum: true,
  knowsOtherNames: true,
  parsesUrls: false,
};
const rules35: OpensslRules = { ...rules3, parsesUrls: true };
const rules36: OpensslRules = { ...rules35, checksSelfSigned: false };

/**
 * The rules of each version of OpenSSL. They were found by comparison with 1.1.1s, 1.1.1w, 3.0.22, 3.5.9, 3.6.5 and
 * 4.0.3.
 */
export const opensslRules: Readonly<Record<OpensslProfile, OpensslRules>> = {
  '1.1.1': {
    ...rules3,
    allowsExplicitCurves: true,
    knowsShortSha512: false,
    estimatesStrength: false,
    usesDeltaCrls: true,
    knowsOcspNoCheck: false,
    allowsMinimum: false,
    knowsOtherNames: false,
  },
  '3': rules3,
  '3.5': rules35,
  '3.6': rules36,
  '4': { ...rules36, includesLastSecond: true },
};
