import type { DiagnosticCode } from '../../codes.ts';
import { groupBy } from '../../group-by.ts';
import type { HbaUser } from '../../hba/rule.ts';
import { type PgMajorSpan, spanIncludes } from '../../version.ts';
import { findCrossing } from '../reach/crossing.ts';
import { findUnreachable, type Unreached } from '../reach/find-unreachable.ts';
import { type AccessRule, mapOf } from '../rules/access-rule.ts';
import { canBeSubject, comparesSubject } from '../rules/mapped-users.ts';
import { methodRows } from '../rules/methods.ts';
import { isWide } from '../rules/rule-address.ts';
import type { Scope } from '../scope/scope.ts';
import type { Finding } from './finding.ts';
import { type LintContext, lineOf, shownRules } from './lint-context.ts';

/** Connections from other machines. */
const remote: Scope = { transport: ['plain', 'ssl', 'gss'], not: { from: ['loopback'] } };
const remotePlain: Scope = { transport: ['plain'], not: { from: ['loopback'] } };
/** Connections from addresses of the public internet. */
const internet: Scope = {
  transport: ['plain', 'ssl', 'gss'],
  from: ['0.0.0.0/0', '2000::/3'],
  not: {
    from: [
      'loopback',
      '0.0.0.0/8',
      '10.0.0.0/8',
      '100.64.0.0/10',
      '169.254.0.0/16',
      '172.16.0.0/12',
      '192.168.0.0/16',
      '224.0.0.0/3',
    ],
  },
};
const standbys: Scope = { ...internet, replication: 'physical' };
const superuser: Scope = { ...internet, users: ['postgres'] };

/** A lint that examines one rule. */
interface RuleLint {
  readonly code: DiagnosticCode;
  readonly severity: Finding['severity'];
  /** The major versions for which the lint runs. */
  readonly span?: PgMajorSpan;
  /** Returns the message about a rule; `undefined` if the lint finds no problem in the rule. */
  readonly judge: (rule: AccessRule, context: LintContext) => string | undefined;
}

const ruleLints: readonly RuleLint[] = [
  {
    code: 'access-trust-remote',
    severity: 'warning',
    judge: (rule, context) =>
      isBare(rule, 'trust') && context.decides(rule, remote)
        ? 'The rule lets in clients of other machines without any proof. Ask for a password or a certificate'
        : undefined,
  },
  {
    code: 'access-password-plain',
    severity: 'warning',
    judge: (rule, context) =>
      sendsPassword(rule) && context.decides(rule, remotePlain)
        ? 'Clients of other machines send their passwords unencrypted. Use hostssl, or scram-sha-256'
        : undefined,
  },
  {
    code: 'access-md5-deprecated',
    severity: 'info',
    span: { since: 18 },
    judge: ({ method }) => (method === 'md5' ? 'Method md5 is deprecated. Use scram-sha-256' : undefined),
  },
  {
    code: 'access-ident-remote',
    severity: 'warning',
    judge: (rule, context) =>
      isBare(rule, 'ident') && context.decides(rule, remote)
        ? 'The rule trusts the client machine to name its user. Ask for a password or a certificate'
        : undefined,
  },
  {
    code: 'access-without-tls',
    severity: 'info',
    judge: (rule, context) =>
      context.list.server.ssl === true &&
      rule.outcome.kind === 'way-in' &&
      !sendsPassword(rule) &&
      context.decides(rule, remotePlain)
        ? 'TLS is on, but the rule also lets in clients of other machines without TLS. Use hostssl'
        : undefined,
  },
  {
    code: 'access-wide-weak',
    severity: 'warning',
    judge: (rule, context) =>
      ['trust', 'ident', 'password', 'md5'].some((method) => isBare(rule, method)) &&
      isOfWideNetwork(rule) &&
      context.decides(rule, internet)
        ? `Method ${rule.method} lets in addresses of the public internet. Narrow the network, or use scram-sha-256 or cert`
        : undefined,
  },
  {
    code: 'access-superuser-remote',
    severity: 'warning',
    judge: (rule, context) => {
      if (rule.outcome.kind === 'refused' || !isOfWideNetwork(rule)) return undefined;
      const isStandby = context.decides(rule, standbys);
      if (!isStandby && !(rule.users.includes('postgres') && context.decides(rule, superuser))) return undefined;
      const who = isStandby ? 'Standbys' : 'The superuser postgres';
      return `${who} can log in from addresses of the public internet. Narrow the network to the machines that need the rule`;
    },
  },
  {
    code: 'access-certificate-without-ca',
    severity: 'warning',
    judge: ({ certificate }, { list, parsedWith }) =>
      parsedWith.sslCa !== false && list.server.sslCa === false && certificate !== 'none'
        ? 'The server has no CA file, so it refuses every connection of the rule. Set ssl_ca_file, or the CA of each record of pg_hosts.conf if the server uses it'
        : undefined,
  },
  {
    code: 'access-clientname-without-map',
    severity: 'warning',
    judge: (rule) => {
      if (rule.method === 'reject' || !comparesSubject(rule) || mapOf(rule) !== '') return undefined;
      if (rule.users.every(isSubject)) return undefined;
      const advice = rule.method === 'cert' ? 'Name a map, or leave clientname out' : 'Leave clientname out';
      return `clientname=DN compares the whole subject of a certificate, such as "CN=alice,O=Example", with the name of the user, so the rule lets in no user with a plain name. ${advice}`;
    },
  },
];

/** Returns the findings about the rules of a file. */
export function lintRules(context: LintContext): Finding[] {
  const { list } = context;
  const unreached = findUnreachable(context.analysis);
  const byRule = new Map(unreached.map((each) => [each.rule, each]));
  return list.rules.flatMap((rule) => {
    if (rule.rule === undefined) return [];
    const found = byRule.get(rule);
    const findings = found === undefined || isReported(found, context) ? [] : [unreachable(found, context)];
    // A rule that no connection reaches lets nobody in, so the other lints do not apply to the rule.
    if (found?.certainty === 'certain' && found.because !== 'no-user') return findings;
    for (const { code, severity, span = {}, judge } of ruleLints) {
      const message = spanIncludes(span, list.version) ? judge(rule, context) : undefined;
      if (message !== undefined) findings.push({ code, severity, message, at: lineOf(rule, context.input) });
    }
    return findings;
  });
}

/** Returns whether a diagnostic of the file itself already says that no connection reaches the rule. */
function isReported({ rule, because }: Unreached, { parsedWith }: LintContext): boolean {
  return because === 'transport-off' && rule.rule?.type === 'hostssl' && parsedWith.ssl === false;
}

interface Reason {
  readonly reason: string;
  readonly advice: string;
}

const reasons: Readonly<Record<Unreached['because'], Reason>> = {
  shadowed: { reason: 'the rules before it match all of its connections', advice: 'Remove the rule' },
  'transport-off': {
    reason:
      'the server offers no such connection: TLS is off, the server has no TCP or Unix socket, or the major version has no GSS encryption',
    advice: 'Remove the rule, or let the server offer such connections',
  },
  'no-user': {
    reason: 'no connection has such a user and database: the role has no members, or a name is empty or too long',
    advice: 'Remove the rule, or name other users and databases',
  },
  'no-address': { reason: 'no client has such an address', advice: 'Remove the rule, or correct its address' },
};

function unreachable({ rule, because, by, certainty }: Unreached, { input }: LintContext): Finding {
  const differs = by.some((other) => other.outcomeKey !== rule.outcomeKey);
  const isCertain = certainty === 'certain';
  const { reason, advice } = reasons[because];
  const matches = isCertain ? (by.length === 1 ? 'matches' : 'match') : 'may match';
  const who = by.length === 0 ? reason : `${shownRules(by)} ${matches} all of its connections`;
  const what = isCertain ? 'No connection reaches the rule' : 'Perhaps no connection reaches the rule';
  const change = differs ? ', and with another outcome. Move the rule up, or remove it' : `. ${advice}`;
  const remedy = isCertain ? change : '. Make sure of that before you change or remove the rule';
  return {
    code: 'access-unreachable',
    severity: isCertain && differs ? 'warning' : 'info',
    message: `${what}, because ${who}${remedy}`,
    at: lineOf(rule, input),
    related: by
      .slice(0, 10)
      .map((other) => [lineOf(other, input), 'This rule matches some of the connections first'] as const),
  };
}

/**
 * Returns one finding for each rule that shares some connections with earlier rules of a different outcome, where each
 * of the rules also has connections of its own.
 */
export function lintCrossing({ analysis, input }: LintContext): Finding[] {
  const { found, stoppedAt } = findCrossing(analysis, findUnreachable(analysis));
  const findings = [...groupBy(found, ({ later }) => later)].map(([later, crossings]): Finding => {
    const earlier = crossings.map((crossing) => crossing.earlier);
    return {
      code: 'access-crossing',
      severity: 'info',
      message: `${shownRules(earlier)} ${earlier.length === 1 ? 'decides' : 'decide'} some connections of this rule, with another outcome. If this is not meant, change the order of the rules`,
      at: lineOf(later, input),
      related: earlier
        .slice(0, 10)
        .map((other) => [lineOf(other, input), 'This rule decides some of the connections'] as const),
    };
  });
  if (stoppedAt === undefined) return findings;
  const message =
    'Too many rules share connections, so crossing rules were reported only above this rule. Compare the rules below it by hand';
  return [...findings, { code: 'access-crossing', severity: 'info', message, at: lineOf(stoppedAt, input) }];
}

function isOfWideNetwork({ address }: AccessRule): boolean {
  return address !== undefined && isWide(address);
}

/** Returns whether an element of the user column can match the whole subject of a certificate. */
function isSubject(user: HbaUser): boolean {
  return typeof user === 'string' ? canBeSubject(user) : 'regex' in user && canBeSubject(user.regex);
}

function sendsPassword({ method }: AccessRule): boolean {
  return methodRows[method].sendsPassword === true;
}

/** Returns whether a rule lets clients in by a method without a certificate. */
function isBare({ method, outcome }: AccessRule, name: string): boolean {
  return method === name && outcome.kind === 'way-in' && outcome.certificate === 'none';
}
