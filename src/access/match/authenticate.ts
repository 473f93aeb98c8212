import { assertProperties, assertRecord } from '../../arguments.ts';
import { PgHostsslError } from '../../errors.ts';
import type { HbaFile } from '../../hba/file.ts';
import { noRootStore } from '../../hba/tables/client-cert.ts';
import type { AuthMethod } from '../../hba/tables/tables.ts';
import { type PgMajor, spanIncludes } from '../../version.ts';
import { type AccessRule, optionValue, type PlacedRule, placedRule } from '../rules/access-rule.ts';
import { type AccessFacts, assertFacts, type NeededFact } from '../rules/facts.ts';
import { hasFlag } from '../rules/held-option.ts';
import { type AccessInput, ignoresCase, inputOf, krbCaseinsUsers, tlsFactsOf, whyNotOffered } from '../rules/input.ts';
import { certificateLevel } from '../rules/outcome.ts';
import { readRules, refusalOf } from '../rules/read-rules.ts';
import {
  type ClientCertificate,
  certificateNames,
  comparedCommonName,
  failsAtUnknownAttribute,
  hasUnknownAttribute,
  showsSubjectFirst,
} from './certificate-name.ts';
import { type Connection, readConnection } from './connection.ts';
import { checkMap, type IdentMatch } from './match-ident.ts';
import { isSameName } from './match-names.ts';
import { type FileRefused, findRules } from './match-rule.ts';
import { methodRows } from './methods.ts';
import { rejectionMessage } from './rejection.ts';

/** A connection and the proofs of identity of its client. */
export interface ClientConnection extends Connection {
  /** The client certificate. Its chain is assumed to be trusted. */
  readonly certificate?: ClientCertificate | undefined;
  /**
   * The identity that the authentication method found: an operating-system user, a Kerberos principal or a token
   * subject.
   */
  readonly systemUser?: string | undefined;
}

/** The outcome of a connection. */
export type Authentication =
  | {
      /**
       * `admitted`: the server lets the client in. `password`: the server lets the client in if the password is right.
       */
      readonly kind: 'admitted' | 'password';
      /** The reason for the outcome, in words. */
      readonly reason: string;
      /** The rule that decides the connection. */
      readonly rule: PlacedRule;
    }
  | {
      /** The server refuses the client, whatever password the client sends. */
      readonly kind: 'refused';
      /**
       * The message that the server sends to the client. If the server offers no connection over the transport, for
       * example because `ssl` is off, the reason in words.
       */
      readonly reason: string;
      /** A further message that the server writes to its log. */
      readonly log?: string;
      /** The deciding rule, if a rule matches. */
      readonly rule?: PlacedRule;
    }
  | {
      /** The outcome depends on facts that were not given. */
      readonly kind: 'unknown';
      /** The reason for the outcome, in words. */
      readonly reason: string;
      /** The facts that the caller must give for a certain outcome. */
      readonly needs: readonly NeededFact[];
      /** The rules of which one can be the deciding rule, if the deciding rule is uncertain. */
      readonly possible: readonly PlacedRule[];
    }
  | FileRefused;

/**
 * Returns whether the server lets a connection in, by the deciding rule, its method, `clientcert`, `clientname` and
 * `map` (`ClientAuthentication`). The function assumes that the role may log in and connect, and that the database
 * exists. If the facts contain `roles`, a role that is not in the list is refused; otherwise, the role is assumed to
 * exist.
 *
 * @param input the files; pg_hba.conf alone is enough if no rule names a map. Methods `gss` and `sspi` also need the
 * setting `krb_caseins_users`
 * @param connection the connection, with the client's certificate
 * @param facts facts about the server that are not in the files
 * @returns `admitted`, `refused` with the server's message, `password` if only a password decides, or `unknown`
 * @throws PgHostsslError `argument-invalid` for a connection that no client can make; `name-invalid` for an invalid
 * subject
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { authenticate } from 'pg-hostssl/access';
 * import { HbaFile } from 'pg-hostssl/hba';
 *
 * const hba = HbaFile.parse('hostssl all all 0.0.0.0/0 cert\n');
 * const connection = { transport: 'ssl', address: '10.0.0.1', database: 'app', user: 'alice' } as const;
 * assert.equal(authenticate({ hba }, { ...connection, certificate: { subject: 'CN=alice' } }).kind, 'admitted');
 * const other = authenticate({ hba }, { ...connection, certificate: { subject: 'CN=bob' } });
 * assert.ok(other.kind === 'refused');
 * assert.equal(other.reason, 'certificate authentication failed for user "alice"');
 * assert.equal(other.log, 'provided user name (alice) and authenticated user name (bob) do not match');
 * ```
 */
export function authenticate(
  input: AccessInput | HbaFile,
  connection: ClientConnection,
  facts: AccessFacts = {},
): Authentication {
  const files = inputOf(input, 'the input of authenticate');
  assertFacts(facts);
  assertRecord(connection, 'the connection of authenticate');
  const { certificate, systemUser, ...plain } = connection;
  if (certificate !== undefined)
    assertProperties(certificate, { subject: true, subjectAltNames: true }, 'the certificate');
  if (systemUser !== undefined && typeof systemUser !== 'string')
    throw new PgHostsslError('argument-invalid', 'systemUser must be a string');
  const asked = readConnection(plain, files);
  const diagnostics = refusalOf(files);
  if (diagnostics !== undefined) return { kind: 'file-refused', diagnostics };
  const { version } = files.hba;
  const closed = whyNotOffered(plain.transport, files);
  if (closed !== undefined) return { kind: 'refused', reason: `the server offers no such connection: ${closed}` };
  // Only over TLS, and only with a CA file, the server asks for a certificate.
  const presented = plain.transport === 'ssl' && tlsFactsOf(files).sslCa !== false ? certificate : undefined;
  if (presented !== undefined && comparedCommonName(presented)?.includes('\0') === true) {
    const log = "SSL certificate's common name contains embedded null";
    return { kind: 'refused', reason: 'the server closes the connection without a message', log };
  }
  const { found, possible, needs } = findRules(readRules(files).rules, asked, facts);
  if (possible.length > 0) {
    const all = found === undefined ? possible : [...possible, found];
    return {
      kind: 'unknown',
      reason: 'the matching rule depends on facts that were not given',
      needs,
      possible: all.map(placedRule),
    };
  }
  if (found === undefined) {
    return { kind: 'refused', reason: rejectionMessage(plain, asked, { version, isRejected: false }) };
  }
  if (files.ident !== undefined && (optionValue(found.options, 'map') ?? '') !== '') {
    // If pg_ident.conf has errors, a server that starts has no maps, and a server that reloads keeps its old maps.
    const errors = files.ident.diagnostics.filter(({ severity }) => severity === 'error');
    if (errors.length > 0) return { kind: 'file-refused', diagnostics: errors };
  }
  const client = { certificate: presented, systemUser, user: asked.user };
  const judged = judge(found, client, files, facts) ?? {
    kind: 'refused' as const,
    reason: rejectionMessage(plain, asked, { version, isRejected: true }),
  };
  const verdict = afterMethod(judged, client, { version, facts });
  return verdict.kind === 'unknown' ? { ...verdict, possible: [] } : { ...verdict, rule: placedRule(found) };
}

interface Client {
  readonly certificate: ClientCertificate | undefined;
  readonly systemUser: string | undefined;
  readonly user: string;
}

type Verdict =
  | { readonly kind: 'admitted' | 'password'; readonly reason: string }
  | { readonly kind: 'refused'; readonly reason: string; readonly log?: string }
  | { readonly kind: 'unknown'; readonly reason: string; readonly needs: readonly NeededFact[] };

/** Returns the verdict of the deciding rule on a client; `undefined` for a `reject` rule. */
function judge(rule: AccessRule, client: Client, input: AccessInput, facts: AccessFacts): Verdict | undefined {
  const { method, options } = rule;
  const level = certificateLevel(method, optionValue(options, 'clientcert'), input.hba.version);
  // The server checks the certificate before the method, even for `reject`.
  if (level !== 'none' && tlsFactsOf(input).sslCa === false) return refusedFor(noRootStore);
  if (level !== 'none' && client.certificate === undefined) {
    return refusedFor('connection requires a valid client certificate');
  }
  const { asks, failure } = methodRows[method];
  if (asks === 'refuse') return undefined;
  const failed = `${failure} for user "${client.user}"`;
  const identity = asks === 'system-user' ? judgeIdentity(rule, client, input, facts) : undefined;
  if (identity?.kind === 'refused') return identity;
  if (storedSecrets.includes(method) && isMissingRole(client.user, facts)) {
    return { kind: 'refused', reason: failed, log: `Role "${client.user}" does not exist.` };
  }
  const name = level === 'verify-full' ? checkCertificate(rule, client, input, facts) : undefined;
  // The server checks the password or the identity before the name in the certificate. If the name is not the user's
  // name, the server refuses the client even with the right password.
  if (name !== undefined && name.kind !== 'admitted') {
    return identity?.kind === 'unknown' && name.kind === 'refused' ? refusedFor(failed) : refusal(name, failed);
  }
  if (identity !== undefined) return identity;
  if (asks === 'secret') return { kind: 'password', reason: `method ${method} asks for a password` };
  return { kind: 'admitted', reason: admittedBy(rule, level) };
}

/** Returns the verdict of a method that asks another service for the identity of the client. */
function judgeIdentity(rule: AccessRule, client: Client, input: AccessInput, facts: AccessFacts): Verdict {
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
    : refusal(match, `${methodRows[method].failure} for user "${user}"`);
}

/**
 * Returns the verdict on a client after the method. A client that the method lets in still fails if the role does not
 * exist (`InitializeSessionUserId`), or if the server cannot show the subject of the certificate in pg_stat_ssl
 * (`pgstat_bestart`).
 */
function afterMethod(
  verdict: Verdict,
  { user, certificate }: Client,
  { version, facts }: { readonly version: PgMajor; readonly facts: AccessFacts },
): Verdict {
  if (verdict.kind !== 'admitted' && verdict.kind !== 'password') return verdict;
  const isMissing = isMissingRole(user, facts);
  const cannotShow =
    spanIncludes(failsAtUnknownAttribute, version) && certificate !== undefined && hasUnknownAttribute(certificate);
  if (cannotShow && (!isMissing || spanIncludes(showsSubjectFirst, version)))
    return refusedFor('could not get NID for ASN1_OBJECT object');
  return isMissing ? refusedFor(`role "${user}" does not exist`) : verdict;
}

function isMissingRole(user: string, { roles }: AccessFacts): boolean {
  return roles?.includes(user) === false;
}

/** The methods that compare a secret with the secret of the role in the database (`get_role_password`). */
const storedSecrets: readonly AuthMethod[] = ['password', 'md5', 'scram-sha-256'];

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
  const map = optionValue(rule.options, 'map') ?? '';
  return checkMap(ident, { map, systemUser: systemUserOf(rule, systemUser), pgUser: user, isAnyCase }, facts);
}

/** Checks the certificate for `clientcert=verify-full` and method cert (`CheckCertAuth`). */
function checkCertificate(
  { method, options }: AccessRule,
  { certificate, user }: Client,
  { ident }: AccessInput,
  facts: AccessFacts,
): IdentMatch {
  const clientName = optionValue(options, 'clientname') ?? 'CN';
  const name = certificateNames[clientName]!.of(certificate!);
  if (name === undefined || name === '') {
    const reason = `certificate authentication failed for user "${user}": client certificate contains no user name`;
    return { kind: 'refused', reason };
  }
  const map = optionValue(options, 'map') ?? '';
  const match = checkMap(ident, { map, systemUser: name, pgUser: user }, facts);
  if (match.kind !== 'refused' || method === 'cert') return match;
  const mismatch = `certificate validation (clientcert=verify-full) failed for user "${user}": ${clientName} mismatch`;
  return { ...match, reason: `${match.reason}\n${mismatch}` };
}

function refusal(match: IdentMatch, reason: string): Verdict {
  if (match.kind === 'unknown')
    return {
      kind: 'unknown',
      reason: 'the answer of the map depends on facts that were not given',
      needs: match.needs,
    };
  const log = match.kind === 'file-refused' ? undefined : match.reason;
  return { kind: 'refused', reason, ...(log === undefined ? {} : { log }) };
}

function refusedFor(reason: string): Verdict {
  return { kind: 'refused', reason };
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
  const isKerberos = method === 'gss' || method === 'sspi';
  return isKerberos && !hasFlag(options, 'include_realm') ? systemUser.replace(/@.*$/s, '') : systemUser;
}
