import type { Certificate } from '../certificate/certificate.ts';
import { constrainedNames } from '../certificate/constrained-name.ts';
import { extensionOid, holdsResources, isProxy, readBasicConstraints } from '../certificate/extensions.ts';
import { forbiddenName, hasTooManyNames } from '../certificate/forbidden-name.ts';
import { isOldRoot, isSelfIssued } from '../certificate/issuer.ts';
import { isForPurpose, lacksUsage, type Purpose } from '../certificate/key-usage.ts';
import type { OpensslRules } from '../certificate/openssl-rules.ts';
import { isOver } from '../certificate/validity.ts';
import { type ChainProblem, type ChainProblemCode, chainProblem } from './chain-problem.ts';

/**
 * The extensions of a certificate that OpenSSL knows and therefore accepts as critical: `X509_supported_extension`. Key
 * identifiers are not among them.
 */
const knownExtensions: ReadonlySet<string> = new Set([
  extensionOid.keyUsage,
  extensionOid.subjectAltName,
  extensionOid.basicConstraints,
  extensionOid.nameConstraints,
  extensionOid.extendedKeyUsage,
  extensionOid.netscapeCertType,
  extensionOid.distributionPoints,
  extensionOid.addressBlocks,
  extensionOid.systemNumbers,
  extensionOid.proxyCertInfo,
  '2.5.29.32', // extension: certificate policies
  '2.5.29.33', // extension: policy mappings
  '2.5.29.36', // extension: policy constraints
  '2.5.29.54', // extension: inhibit any policy
]);

/** The extension that OpenSSL accepts as critical only from version 3 on: OCSP no check. */
const ocspNoCheck = '1.3.6.1.5.5.7.48.1.5';

/** The purpose and the moment for which a path is checked, and the OpenSSL that checks the path. */
export interface PathUse {
  readonly purpose: Purpose;
  readonly at: Date;
  readonly rules: OpensslRules;
}

/** Adds a problem of one certificate to a list. */
type AddProblem = (code: ChainProblemCode, message: string) => void;

/** The problems of the certificates in a path. This function does not check signatures and revocation. */
export function checkPath(path: readonly Certificate[], use: PathUse): readonly ChainProblem[] {
  return path.flatMap((certificate, depth) => {
    const problems: ChainProblem[] = [];
    const add: AddProblem = (code, message) => {
      problems.push(chainProblem(path, depth, code, message));
    };
    checkCertificate(certificate, { ...use, isLeaf: depth === 0 }, add);
    if (depth > 0) checkAuthority(path, depth, add);
    checkNames(path, depth, use.rules, add);
    return problems;
  });
}

/** Checks a certificate by itself: its validity, its extensions and its purpose. */
function checkCertificate(
  { notBefore, notAfter, extensions }: Certificate,
  { purpose, at, rules, isLeaf }: PathUse & { readonly isLeaf: boolean },
  add: AddProblem,
): void {
  if (at < notBefore) add('not-yet-valid', `The certificate is valid only from ${notBefore.toISOString()} on`);
  if (isOver(notAfter, at, rules)) {
    add('expired', `The ${isLeaf ? '' : 'CA '}certificate was valid until ${notAfter.toISOString()}`);
  }
  const isKnown = (oid: string) => knownExtensions.has(oid) || (oid === ocspNoCheck && rules.knowsOcspNoCheck);
  const unknown = [...extensions].find(([oid, { critical }]) => critical && !isKnown(oid))?.[0];
  if (unknown !== undefined) {
    const message = `OpenSSL does not know the critical extension ${unknown} of the certificate`;
    add('unknown-critical-extension', message);
  }
  if (isProxy(extensions)) {
    const message = 'The certificate is a proxy certificate (RFC 3820), which OpenSSL refuses by default';
    add('proxy-certificate', message);
  }
  if (holdsResources(extensions)) {
    const message =
      'The certificate holds IP addresses or AS numbers (RFC 3779). OpenSSL compares them with those of the issuers, ' +
      'but this library does not, so it is not known whether OpenSSL accepts the chain. ' +
      'Check the chain with "openssl verify", or issue the certificate without them';
    add('resources-not-compared', message);
  }
  if (!isForPurpose(extensions, purpose, isLeaf ? 'leaf' : 'authority')) {
    add('wrong-purpose', `The certificate is not for the purpose ${purpose}`);
  }
}

/** Checks that a certificate may issue the certificate below it in the path. */
function checkAuthority(path: readonly Certificate[], depth: number, add: AddProblem): void {
  const { extensions } = path[depth]!;
  const constraints = readBasicConstraints(extensions);
  const isCa = constraints?.isCa === true || (depth === path.length - 1 && isOldRoot(path[depth]!));
  if (!isCa) add('not-an-authority', 'The certificate issued another certificate, but is not a CA certificate');
  if (lacksUsage(extensions, 'keyCertSign')) {
    add('lacks-cert-sign', 'The certificate issued another certificate, but lacks the key usage keyCertSign');
  }
  // RFC 5280 §6.1.4: self-issued intermediate certificates do not count for the path length.
  const below = path.slice(1, depth).filter((certificate) => !isSelfIssued(certificate)).length;
  const limit = constraints?.pathLength;
  if (limit !== undefined && below > limit) {
    const message = `The path length of the certificate allows ${limit} CA certificates below it, but the chain has ${below}`;
    add('path-too-long', message);
  }
}

/** Checks that all CA certificates above a certificate allow its names: `check_name_constraints`. */
function checkNames(path: readonly Certificate[], depth: number, rules: OpensslRules, add: AddProblem): void {
  const certificate = path[depth]!;
  if (depth > 0 && isSelfIssued(certificate)) return;
  const above = path.slice(depth + 1);
  if (above.some(({ extensions }) => hasTooManyNames(extensions, certificate))) {
    const message = 'The certificate has too many names: OpenSSL refuses to compare them with the name constraints';
    add('names-too-many', message);
    return;
  }
  const names = constrainedNames(certificate.subject, certificate.extensions, { isLeaf: depth === 0 });
  const forbidden = forbiddenName(above, names, rules);
  if (forbidden === undefined) return;
  add('name-not-permitted', `The name constraints of a CA above the certificate do not allow ${forbidden}`);
}
