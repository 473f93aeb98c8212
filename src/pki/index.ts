/**
 * A certificate authority on WebCrypto: certificates for PostgreSQL servers and their users, CRLs, private keys, and
 * functions that verify them as OpenSSL and libpq do.
 *
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { CertificateAuthority, verifyChain } from 'pg-hostssl/pki';
 *
 * const authority = await CertificateAuthority.create({ subject: '/CN=Example CA' });
 * const { chain } = await authority.issueClientCertificate({ user: 'webadmin' });
 * const verdict = await verifyChain({ chain, roots: authority.certificate, purpose: 'clientAuth' });
 * assert.ok(verdict.ok);
 * ```
 * @module pg-hostssl/pki
 */

export type {
  DistinguishedName,
  NameAttribute,
  NameInput,
  RelativeDistinguishedName,
} from '../names/distinguished-name.ts';
export { formatName, type NameForm } from '../names/format-name.ts';
export { parseName } from '../names/name.ts';
export type { DnsTextOfAddresses } from './certificate/alternative-names.ts';
export { type CertificateInfo, describeCertificate, inspectCertificate } from './certificate/inspect.ts';
export { type KeyUsage, keyUsageNames, type Purpose } from './certificate/key-usage.ts';
export { type HostMatch, matchesHost } from './certificate/match-host.ts';
export { matchesKey } from './certificate/matches-key.ts';
export type { NameConstraints, NameSubtrees } from './certificate/name-constraints.ts';
export type { OpensslProfile } from './certificate/openssl-rules.ts';
export type { Validity } from './certificate/validity.ts';
export { CertificateAuthority } from './issue/authority.ts';
export type {
  AddressNames,
  AuthorityOptions,
  CertificateOptions,
  ClientCertificateOptions,
  ClientProfile,
  CreateAuthorityOptions,
  IssueOptions,
  LoadAuthorityOptions,
  ServerCertificateOptions,
  ServerProfile,
} from './issue/authority-options.ts';
export type { IssuedCertificate, IssuedKeyPair } from './issue/issued.ts';
export { createPkcs12, type Pkcs12Options } from './issue/pkcs12.ts';
export type { RenewOptions } from './issue/renew.ts';
export { type CertificateRequest, type CertificateRequestOptions, createCertificateRequest } from './issue/request.ts';
export { type KeyAlgorithm, keyAlgorithmNames } from './keys/key-algorithms.ts';
export { PrivateKey, type ReadPrivateKeyOptions } from './keys/private-key.ts';
export {
  Ledger,
  type LedgerStore,
  memoryLedgerStore,
  type RevocationTarget,
  type RevokeOptions,
} from './lifecycle/ledger.ts';
export type { LedgerEntry } from './lifecycle/ledger-data.ts';
export { type RenewalItem, type RenewalKind, type RenewalsDueOptions, renewalsDue } from './lifecycle/renewals-due.ts';
export { type RolloverStep, rolloverSteps } from './lifecycle/rollover-steps.ts';
export type { Provider, ProviderOptions, WebCrypto, WebCryptoSubtle } from './provider/provider.ts';
export {
  type CheckRevocationOptions,
  checkRevocation,
  type RevocationProblem,
  type RevocationProblemCode,
} from './revocation/check-revocation.ts';
export { type CrlInfo, inspectCrl, type RevokedCertificate } from './revocation/crl.ts';
export { certificateFileName, crlFileName, type HashNameOptions } from './revocation/file-name.ts';
export type { CrlProblemCode } from './revocation/find-crl.ts';
export type { CrlOptions, IssuedCrl, Revocation } from './revocation/issue-crl.ts';
export type { RevocationReason } from './revocation/revocation-reason.ts';
export type { ChainProblem, ChainProblemCode } from './verify/chain-problem.ts';
export { type ChainVerdict, type VerifyChainOptions, verifyChain } from './verify/verify-chain.ts';
