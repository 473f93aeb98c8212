import { cutStartupName } from '../c/names.ts';
import type { IdentMapping } from '../ident/mapping.ts';
import type { DistinguishedName } from '../names/distinguished-name.ts';
import { formatName } from '../names/format-name.ts';
import { isError } from '../text/diagnostic.ts';
import { type Authentication, authenticate } from './match/authenticate.ts';
import type { Connection } from './match/connection.ts';
import type { FileRefused } from './match/match-rule.ts';
import { captureOf } from './regex/capture.ts';
import type { PlacedRule } from './rules/access-rule.ts';
import { type AccessFacts, assertFacts } from './rules/facts.ts';
import { type AccessInput, inputOf, isNamespaced } from './rules/input.ts';
import { substitutedName } from './rules/map-key.ts';
import { readMappings } from './rules/read-mappings.ts';
import { readRules } from './rules/read-rules.ts';
import type { Scope } from './scope/scope.ts';
import { searchFiles } from './search.ts';
import { factsOf, type Supposition } from './space/witness.ts';

/** The names that a server reads from a certificate whose chain it trusts. */
export interface PresentedCertificate {
  /** The subject of the certificate. */
  readonly subject: DistinguishedName;
  /** The bytes of the first common name, read as UTF-8; `undefined` if no role name can have these bytes. */
  readonly commonName: string | undefined;
}

/** A role that a certificate lets in, by one rule. */
export interface CertificateLogin {
  /** The name of the role. */
  readonly user: string;
  /**
   * `admitted`; `password` if the rule also asks for a password or another secret; `unknown` if the answer depends on
   * facts that were not given.
   */
  readonly kind: 'admitted' | 'password' | 'unknown';
  /** The rule that lets the role in. */
  readonly rule: PlacedRule;
  /** An example of a connection that the rule decides; missing for `unknown` if no example was found. */
  readonly connection?: Connection;
  /**
   * Assumptions about the roles and the server's machine. The rule lets the role in only if these assumptions hold,
   * because the caller gave no fact about them.
   */
  readonly supposing: readonly Supposition[];
}

/** The roles that a certificate can log in as. */
export type CertificateLogins =
  | {
      /** The server accepts the files. */
      readonly kind: 'logins';
      /** The roles, one element for each role and rule. */
      readonly logins: readonly CertificateLogin[];
      /**
       * `true` if `logins` contains every role that the certificate can log in as. If a rule or a map applies to all
       * roles, to a group role or to a regular expression, `logins` is complete only if the facts contain `roles`.
       */
      readonly complete: boolean;
    }
  | FileRefused;

/** A question about a user with or without a certificate. */
export interface CertificateQuestion {
  /** `undefined` for a client without a certificate. */
  readonly certificate: PresentedCertificate | undefined;
  readonly user: string;
  /** The connections to look at. Their user and their transport follow from the question itself. */
  readonly scope: Omit<Scope, 'users' | 'transport' | 'not'>;
  readonly facts: AccessFacts;
}

/** The decision of a rule about a connection. */
export interface CertificateAnswer {
  /** The rule; `undefined` if no rule matches the connection. */
  readonly rule: PlacedRule | undefined;
  readonly connection?: Connection;
  readonly supposing: readonly Supposition[];
  readonly verdict: Authentication;
}

/**
 * Returns one answer for each rule that decides TLS connections of the user. If no rule matches some of these
 * connections, the list also has an answer without a rule.
 */
export function certificateAnswers(
  input: AccessInput,
  { certificate, user, scope, facts }: CertificateQuestion,
): readonly CertificateAnswer[] {
  const users = [{ role: cutStartupName(user) }];
  const search = searchFiles(input, { ...scope, transport: ['ssl'], users }, facts);
  if (search.kind === 'file-refused') return [];
  return search.found.map(({ rule, witness, certainty }) => {
    if (witness === undefined) return withoutExample(rule);
    const { connection, supposing = [] } = witness;
    const verdict = authenticate(
      input,
      { ...connection, certificate: certificate && { subject: certificate.subject } },
      // If an unknown fact decides which rule matches the example, the fact must not be taken for false.
      certainty === 'certain' ? factsOf(witness, facts) : facts,
    );
    return { rule, connection, supposing, verdict };
  });
}

/** The answer for a rule that may decide connections, of which the search found no example. */
function withoutExample(rule: PlacedRule | undefined): CertificateAnswer {
  const possible = rule === undefined ? [] : [rule];
  const reason = 'no example of a connection could be found';
  return { rule, supposing: [], verdict: { kind: 'unknown', reason, needs: [], possible } };
}

/** Returns the roles that a certificate can log in as. If the facts contain `roles`, the answer is complete. */
export function loginsOf(given: AccessInput, certificate: PresentedCertificate, facts: AccessFacts): CertificateLogins {
  const input = inputOf(given, 'configuration of certificateLogins');
  assertFacts(facts);
  const diagnostics = [input.hba, input.ident].flatMap((file) => file?.diagnostics.filter(isError) ?? []);
  if (diagnostics.length > 0) return { kind: 'file-refused', diagnostics };
  const { names, isClosed } = namedRoles(input, certificate, facts);
  const scope = { certificate: ['verify-ca', 'verify-full'], outcome: 'way-in' } as const;
  const loginsAs = (user: string): readonly CertificateLogin[] =>
    certificateAnswers(input, { certificate, user, scope, facts }).flatMap(
      ({ verdict: { kind }, rule, ...example }) => {
        const isLogin = kind === 'admitted' || kind === 'password' || kind === 'unknown';
        return isLogin && rule !== undefined ? [{ user, kind, rule, ...example }] : [];
      },
    );
  const isRead = readRules(input, facts).rules.every(({ rule }) => rule !== undefined);
  // If the certificate cannot log in as a role that no line names, no rule for `all` lets it in as a further role.
  const areAllNamed = facts.roles !== undefined || (isClosed && loginsAs(unusedName(names)).length === 0);
  return {
    kind: 'logins',
    logins: [...names].flatMap(loginsAs),
    complete: isRead && areAllNamed && !isNamespaced(input),
  };
}

/**
 * Returns the names of all roles of the server if the facts contain them. Otherwise, returns the role names that appear
 * in the files and in the certificate.
 */
function namedRoles(
  input: AccessInput,
  certificate: PresentedCertificate,
  facts: AccessFacts,
): {
  readonly names: ReadonlySet<string>;
  /** `false` if a group role, a regular expression or a file that was not read can stand for further roles. */
  readonly isClosed: boolean;
} {
  if (facts.roles !== undefined) return { names: new Set(facts.roles), isClosed: true };
  const presented = [certificate.commonName, formatName(certificate.subject, 'clientname-dn')];
  const systemUsers = presented.filter((name) => name !== undefined && name !== '') as readonly string[];
  const users = readRules(input, facts).rules.flatMap((rule) => rule.users);
  const records = input.ident === undefined ? [] : readMappings(input.ident);
  const mappings = records.flatMap((record) => (record.kind === 'record' ? [record.entry] : []));
  const mapped = mappings.map(({ pgUser }) => pgUser);
  const names = [
    ...(certificate.commonName === undefined ? [] : [certificate.commonName]),
    ...[...users, ...mapped].filter((name) => typeof name === 'string'),
    ...mappings.flatMap((mapping) => systemUsers.flatMap((name) => substituted(mapping, name, input))),
  ];
  const isOpen = (name: (typeof users)[number] | (typeof mapped)[number]): boolean =>
    typeof name !== 'string' && !('keyword' in name) && !('substitute' in name);
  const isClosed = records.length === mappings.length && ![...users, ...mapped].some(isOpen);
  return { names: new Set(names.filter((name) => name !== '')), isClosed };
}

/** Returns the role name that a mapping with `\1` produces for a system user name. */
function substituted({ systemUser, pgUser }: IdentMapping, name: string, { hba }: AccessInput): readonly string[] {
  if (typeof systemUser === 'string' || typeof pgUser === 'string' || !('substitute' in pgUser)) return [];
  const capture = captureOf(systemUser.regex, name);
  if (capture?.kind !== 'match' || capture.text === undefined) return [];
  return [substitutedName(pgUser.substitute, capture.text, hba.version)];
}

/** Returns a role name that is not in the set. */
function unusedName(names: ReadonlySet<string>): string {
  for (let number = 0; ; number += 1) if (!names.has(`role${number}`)) return `role${number}`;
}
