import { optionValue } from '../../hba/read/option.ts';
import { messageWithoutCa, noCertificate } from '../../hba/tables/client-cert.ts';
import type { AuthMethod } from '../../hba/tables/tables.ts';
import { type PgMajor, spanIncludes } from '../../version.ts';
import { type AccessRule, mapOf } from '../rules/access-rule.ts';
import type { AccessFacts, NeededFact } from '../rules/facts.ts';
import { hasFlag } from '../rules/held-option.ts';
import { type AccessInput, ignoresCase, krbCaseinsUsers, serverFactsOf } from '../rules/input.ts';
import { methodRows } from '../rules/methods.ts';
import {
  type ClientCertificate,
  certificateNames,
  failsAtUnknownAttribute,
  hasUnknownAttribute,
} from './certificate-name.ts';
import { checkMap, type IdentMatch } from './match-ident.ts';
import { isSameName } from './match-names.ts';

/** A client, as far as a rule judges it. */
export interface Client {
  /** The certificate, if the server asks for one. */
  readonly certificate: ClientCertificate | undefined;
  readonly systemUser: string | undefined;
  readonly user: string;
}

/**
 * Why the server refuses a client. `not-offered`: the server offers no connection over the transport. `no-rule`: no
 * rule matches the connection. `reject`: the deciding rule has method `reject`. `ca-missing`: the rule demands a client
 * certificate, and the server has no CA file. `certificate-missing`: the client presents no certificate.
 * `certificate-unusable`: the server cannot read the subject of the certificate, or the subject has no name that the
 * rule compares. `role-missing`: the role does not exist. `identity`: the name in the certificate, or the identity that
 * the method found, is not the role, and no mapping of the rule's map lets it log in as the role; or the identity is of
 * another Kerberos realm than the rule demands.
 */
export type RefusalCause =
  | 'not-offered'
  | 'no-rule'
  | 'reject'
  | 'ca-missing'
  | 'certificate-missing'
  | 'certificate-unusable'
  | 'role-missing'
  | 'identity';

/** The verdict of the server on a client, by the deciding rule. */
export type ClientVerdict =
  | { readonly kind: 'admitted' | 'password'; readonly reason: string }
  | {
      readonly kind: 'refused';
      readonly because: RefusalCause;
      readonly reason: string;
      readonly log?: string;
    }
  | { readonly kind: 'unknown'; readonly reason: string; readonly needs: readonly NeededFact[] };

/** Returns the verdict of the deciding rule on a client; `undefined` for a `reject` rule. */
export function judgeClient(
  rule: AccessRule,
  client: Client,
  input: AccessInput,
  facts: AccessFacts,
): ClientVerdict | undefined {
  const verdict = judge(rule, client, input, facts);
  const isLetIn = verdict?.kind === 'admitted' || verdict?.kind === 'password';
  return (isLetIn ? refusedLater(client, input.hba.version, facts) : undefined) ?? verdict;
}

function judge(rule: AccessRule, client: Client, input: AccessInput, facts: AccessFacts): ClientVerdict | undefined {
  const { method, certificate: level } = rule;
  // The server checks the certificate before the method, even for `reject`.
  if (level !== 'none' && serverFactsOf(input).sslCa === false) {
    return refusedFor('ca-missing', messageWithoutCa(input.hba.version));
  }
  if (level !== 'none' && client.certificate === undefined) return refusedFor('certificate-missing', noCertificate);
  const { asks, checksRolePassword } = methodRows[method];
  if (asks === 'refuse') return undefined;
  const failed = failureOf(method, client.user);
  const identity = asks === 'system-user' ? judgeIdentity(rule, client, input, facts) : undefined;
  if (identity?.kind === 'refused') return identity;
  if (checksRolePassword === true && isMissingRole(client.user, facts)) {
    return refusedFor('role-missing', failed, `Role "${client.user}" does not exist.`);
  }
  const objection = level === 'verify-full' ? objectionToName(rule, client, input, facts) : undefined;
  // The server checks the password or the identity before the name in the certificate. If the name is not the user's
  // name, the server refuses the client even with the right password.
  if (objection?.kind === 'refused' && identity?.kind === 'unknown') return refusedFor(objection.because, failed);
  const verdict = objection ?? identity;
  if (verdict !== undefined) return verdict;
  if (asks === 'secret') return { kind: 'password', reason: `method ${method} asks for a password` };
  return { kind: 'admitted', reason: admittedBy(rule, level) };
}

/** Returns the verdict of a method that asks another service for the identity of the client. */
function judgeIdentity(rule: AccessRule, client: Client, input: AccessInput, facts: AccessFacts): ClientVerdict {
  const { method, options } = rule;
  if (method === 'oauth' && hasFlag(options, 'delegate_ident_mapping')) {
    return {
      kind: 'password',
      reason: 'method oauth asks for a token, and its validator decides whether the user may log in',
    };
  }
  if (client.systemUser === undefined) {
    return {
      kind: 'unknown',
      reason: `method ${method} asks another service for the identity of the client`,
      needs: [{ kind: 'system-user', method }],
    };
  }
  const { systemUser, user } = client;
  const anyCase = ignoresCase(method) && krbCaseinsUsers(input);
  const check = (question: CaseQuestion): IdentMatch =>
    checkSystemUser(rule, { systemUser, user, ...question }, input, facts);
  const match = check({ isAnyCase: anyCase === true });
  if (match.kind === 'refused' && anyCase === undefined && check({ isAnyCase: true }).kind !== 'refused') {
    const reason = `krb_caseins_users decides whether "${systemUser}" may log in as "${user}"`;
    return { kind: 'unknown', reason, needs: [{ kind: 'setting', name: 'krb_caseins_users' }] };
  }
  return match.kind === 'admitted'
    ? { kind: 'admitted', reason: `method ${method}, authenticated as "${systemUserOf(rule, systemUser)}"` }
    : refusal(match, failureOf(method, user));
}

/**
 * Returns the refusal of a client that the method lets in: the role does not exist (`InitializeSessionUserId`), or the
 * server cannot show the subject of the certificate in pg_stat_ssl (`pgstat_bestart`).
 */
function refusedLater({ user, certificate }: Client, version: PgMajor, facts: AccessFacts): ClientVerdict | undefined {
  if (isMissingRole(user, facts)) return refusedFor('role-missing', `role "${user}" does not exist`);
  const cannotShow =
    spanIncludes(failsAtUnknownAttribute, version) && certificate !== undefined && hasUnknownAttribute(certificate);
  return cannotShow ? refusedFor('certificate-unusable', 'could not get NID for ASN1_OBJECT object') : undefined;
}

function isMissingRole(user: string, { roles }: AccessFacts): boolean {
  return roles?.includes(user) === false;
}

interface CaseQuestion {
  /** Whether upper and lower case of ASCII letters count as equal. */
  readonly isAnyCase: boolean;
}

/** Checks the identity that the method found against the realm and the map of the rule. */
function checkSystemUser(
  rule: AccessRule,
  { systemUser, user, isAnyCase }: CaseQuestion & { readonly systemUser: string; readonly user: string },
  { ident }: AccessInput,
  facts: AccessFacts,
): IdentMatch {
  const reason = realmMismatch(rule, systemUser, { isAnyCase });
  if (reason !== undefined) return { kind: 'refused', reason };
  const question = { map: mapOf(rule), systemUser: systemUserOf(rule, systemUser), pgUser: user, isAnyCase };
  return checkMap(ident, question, facts);
}

/**
 * Checks the name in the certificate for `clientcert=verify-full` and method cert (`CheckCertAuth`). Returns
 * `undefined` if the name lets the client in.
 */
function objectionToName(
  { method, options }: AccessRule,
  { certificate, user }: Client,
  { ident }: AccessInput,
  facts: AccessFacts,
): ClientVerdict | undefined {
  const failed = failureOf(method, user);
  const clientName = optionValue(options, 'clientname') ?? 'CN';
  const name = certificateNames[clientName]!(certificate!);
  if (name === undefined || name === '') {
    const log = `certificate authentication failed for user "${user}": client certificate contains no user name`;
    return refusedFor('certificate-unusable', failed, log);
  }
  const match = checkMap(ident, { map: mapOf({ options }), systemUser: name, pgUser: user }, facts);
  if (match.kind === 'admitted') return undefined;
  if (match.kind !== 'refused' || method === 'cert') return refusal(match, failed);
  const mismatch = `certificate validation (clientcert=verify-full) failed for user "${user}": ${clientName} mismatch`;
  return refusedFor('identity', failed, `${match.reason}\n${mismatch}`);
}

function refusal(match: IdentMatch, reason: string): ClientVerdict {
  if (match.kind === 'unknown')
    return {
      kind: 'unknown',
      reason: 'the answer of the map depends on facts that were not given',
      needs: match.needs,
    };
  return refusedFor('identity', reason, match.kind === 'file-refused' ? undefined : match.reason);
}

function refusedFor(because: RefusalCause, reason: string, log?: string): ClientVerdict & { readonly kind: 'refused' } {
  return { kind: 'refused', because, reason, ...(log === undefined ? {} : { log }) };
}

/** Returns the message that the server sends if authentication by a method fails (`auth_failed`). */
function failureOf(method: AuthMethod, user: string): string {
  return `${methodRows[method].failure} for user "${user}"`;
}

function admittedBy({ method }: AccessRule, level: string): string {
  if (method === 'cert') return 'method cert, by the name in the certificate';
  const certificate = level === 'none' ? '' : ` with clientcert=${level}`;
  return `method ${method}${certificate} asks for nothing more`;
}

/**
 * Returns the server's message if a Kerberos principal is not in the realm `krb_realm` (`pg_GSS_checkauth`,
 * `pg_SSPI_recvauth`).
 */
function realmMismatch(
  { method, options }: AccessRule,
  systemUser: string,
  { isAnyCase }: CaseQuestion,
): string | undefined {
  const realm = optionValue(options, 'krb_realm') ?? '';
  if (realm === '') return undefined;
  const at = systemUser.indexOf('@');
  if (at === -1) return 'GSSAPI did not return realm but realm matching was requested';
  const own = systemUser.slice(at + 1);
  const isSame = isSameName(own, realm, { isAnyCase: isAnyCase || method === 'sspi' });
  return isSame ? undefined : `GSSAPI realm (${own}) and configured realm (${realm}) don't match`;
}

/**
 * Returns the user name that the server looks up in the map. With `include_realm=0`, this is a Kerberos principal
 * without its realm.
 */
function systemUserOf({ method, options }: AccessRule, systemUser: string): string {
  const isWithoutRealm = methodRows[method].isKerberos === true && !hasFlag(options, 'include_realm');
  return isWithoutRealm ? systemUser.replace(/@.*$/s, '') : systemUser;
}
