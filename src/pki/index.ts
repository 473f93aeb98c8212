export { CertificateAuthority } from './authority.ts';
export type {
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
export type { ChainProblem, ChainProblemCode } from './chain-problem.ts';
export {
  type CheckRevocationOptions,
  checkRevocation,
  type RevocationProblem,
  type RevocationProblemCode,
} from './check-revocation.ts';
export { describeCertificate } from './describe.ts';
export type {
  DistinguishedName,
  NameAttribute,
  NameInput,
  RelativeDistinguishedName,
} from './distinguished-name.ts';
export type {
  Engine,
  EngineOptions,
  WebCrypto,
  WebCryptoAlgorithm,
  WebCryptoKey,
  WebCryptoKeyUsage,
  WebCryptoSubtle,
} from './engine.ts';
export { type KeyUsage, keyUsageNames, type Purpose } from './extensions.ts';
export type { ListProblemCode } from './find-list.ts';
export { formatName, type NameForm } from './format-name.ts';
export { certificateFileName, type HashNameOptions, revocationListFileName } from './hash-name.ts';
export { type CertificateInfo, inspectCertificate } from './inspect.ts';
export type { IssuedCertificate, IssuedKeyPair } from './issue.ts';
export { type KeyAlgorithm, keyAlgorithmNames } from './key-algorithms.ts';
export { keyMatches } from './key-matches.ts';
export { Ledger, type LedgerStore, memoryLedgerStore, type RevocationTarget, type RevokeOptions } from './ledger.ts';
export type { LedgerEntry } from './ledger-data.ts';
export { type HostMatch, matchesHost } from './match-host.ts';
export { parseName } from './name.ts';
export type { NameConstraints, NameSubtrees } from './name-constraints.ts';
export { createPkcs12, type Pkcs12Options } from './pkcs12.ts';
export { PrivateKey, type ReadPrivateKeyOptions } from './private-key.ts';
export type { RenewOptions } from './renew.ts';
export { type RenewalItem, type RenewalKind, type RenewalPlanOptions, renewalPlan } from './renewal-plan.ts';
export { type CertificateRequest, type CertificateRequestOptions, createCertificateRequest } from './request.ts';
export {
  inspectRevocationList,
  type RevocationListInfo,
  type RevocationReason,
  type RevokedCertificate,
} from './revocation-list.ts';
export type { IssuedRevocationList, Revocation, RevocationListOptions } from './revoke.ts';
export { planRollover, type RolloverStep } from './rollover.ts';
export type { Validity } from './validity.ts';
export { type ChainVerdict, type VerifyChainOptions, verifyChain } from './verify-chain.ts';
