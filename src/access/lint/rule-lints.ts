import type { DiagnosticCode } from '../../codes.ts';
import type { AuthMethod } from '../../hba/index.ts';
import { type PgMajorSpan, spanIncludes } from '../../version.ts';
import { findCrossing } from '../reach/crossing.ts';
import { findUnreachable, type Unreached } from '../reach/find-unreachable.ts';
import { type AccessRule, optionValue } from '../rules/access-rule.ts';
import { certificateLevel } from '../rules/outcome.ts';
import { isWide } from '../rules/rule-address.ts';
import type { Scope } from '../scope/scope.ts';
import type { Finding } from './finding.ts';
import { type LintContext, lineOf, shownRules } from './lint-context.ts';

/** Connections of other machines. */
const remote: Scope = { transport: ['plain', 'ssl', 'gss'], not: { from: ['loopback'] } };
const remotePlain: Scope = { transport: ['plain'], not: { from: ['loopback'] } };
/** Connections of addresses of the public internet. */
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

/** Methods by which the server gets the password itself, as the client sends it. */
const passwordIsSent: readonly AuthMethod[] = ['password', 'ldap', 'pam', 'bsd', 'radius'];

/** A lint that looks at one rule. */
interface RuleLint {
  readonly code: DiagnosticCode;
  readonly severity: Finding['severity'];
  /** The majors that it is for. */
  readonly span?: PgMajorSpan;
  /** The message, if the lint has something to say. */
  readonly judge: (rule: AccessRule, context: LintContext) => string | undefined;
}

const ruleLints: readonly RuleLint[] = [
  {
    code: 'access-trust-remote',
    severity: 'warning',
    judge: (rule, context) =>
      isBare(rule, 'trust') && context.decides(rule, remote)
        ? 'Clients of other machines are let in without any proof: ask for a password or a certificate'
        : undefined,
  },
  {
    code: 'access-password-plain',
    severity: 'warning',
    judge: (rule, context) =>
      passwordIsSent.includes(rule.method) && context.decides(rule, remotePlain)
        ? 'Passwords of clients of other machines are sent unencrypted: use hostssl, or scram-sha-256'
        : undefined,
  },
  {
    code: 'access-md5-deprecated',
    severity: 'info',
    span: { since: 18 },
    judge: ({ method }) => (method === 'md5' ? 'md5 is deprecated: use scram-sha-256' : undefined),
  },
  {
    code: 'access-ident-remote',
    severity: 'warning',
    judge: (rule, context) =>
      isBare(rule, 'ident') && context.decides(rule, remote)
        ? 'The client machine itself says who its user is: ask for a password or a certificate'
        : undefined,
  },
  {
    code: 'access-without-tls',
    severity: 'info',
    judge: (rule, context) =>
      context.list.tls.ssl === true &&
      rule.outcome.kind === 'way-in' &&
      !passwordIsSent.includes(rule.method) &&
      context.decides(rule, remotePlain)
        ? 'TLS is on, but clients of other machines are let in without it as well: use hostssl'
        : undefined,
  },
  {
    code: 'access-wide-weak',
    severity: 'warning',
    judge: (rule, context) =>
      ['trust', 'ident', 'password', 'md5'].some((method) => isBare(rule, method)) &&
      isOfWideNetwork(rule) &&
      context.decides(rule, internet)
        ? `Method ${rule.method} lets in addresses of the public internet: narrow the network, or use scram-sha-256 or cert`
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
      return `${who} can log in from addresses of the public internet: name the machines`;
    },
  },
  {
    code: 'access-certificate-without-ca',
    severity: 'warning',
    span: { since: 10 },
    judge: ({ method, options }, { list }) =>
      list.tls.sslCa === false && certificateLevel(method, optionValue(options, 'clientcert'), list.version) !== 'none'
        ? 'The server refuses every connection of the rule, since it has no CA file: set ssl_ca_file'
        : undefined,
  },
];

/** What is to be said about the rules of a file. */
export function lintRules(context: LintContext): Finding[] {
  const { list } = context;
  const unreached = findUnreachable(context.analysis);
  const byRule = new Map(unreached.map((each) => [each.rule, each]));
  return list.rules.flatMap((rule) => {
    if (rule.rule === undefined) return [];
    const found = byRule.get(rule);
    const findings = found === undefined ? [] : [unreachable(found)];
    // Who does not reach a rule is not endangered by it.
    if (found?.certainty === 'certain' && found.because !== 'no-user') return findings;
    for (const { code, severity, span = {}, judge } of ruleLints) {
      const message = spanIncludes(span, list.version) ? judge(rule, context) : undefined;
      if (message !== undefined) findings.push({ code, severity, message, at: lineOf(rule) });
    }
    return findings;
  });
}

const reasons: Readonly<Record<Unreached['because'], string>> = {
  shadowed: 'the rules before it match all of its connections',
  'transport-off': 'the server offers no such connection: TLS is off, or GSS encryption is not there',
  'no-user': 'no connection has such a user and database: the role has no members, or a name is empty or too long',
  'no-address': 'no client has such an address',
};

function unreachable({ rule, because, by, certainty }: Unreached): Finding {
  const differs = by.some((other) => other.outcomeKey !== rule.outcomeKey);
  const isCertain = certainty === 'certain';
  const who =
    by.length === 0
      ? reasons[because]
      : `${shownRules(by)} ${by.length === 1 ? 'matches' : 'match'} all of its connections`;
  const what = isCertain ? 'No connection reaches the rule' : 'Perhaps no connection reaches the rule';
  const advice = differs ? ', and with another outcome: move it up, or remove it' : ': remove it';
  return {
    code: 'access-unreachable',
    severity: isCertain && differs ? 'warning' : 'info',
    message: `${what}, since ${who}${because === 'shadowed' ? advice : ''}`,
    at: lineOf(rule),
    related: by.slice(0, 10).map((other) => [lineOf(other), 'This rule matches connections of it first'] as const),
  };
}

/** The pairs of rules that cross, one finding for each later rule. */
export function lintCrossing({ analysis }: LintContext): Finding[] {
  const { found, stoppedAt } = findCrossing(analysis, findUnreachable(analysis));
  const byLater = new Map<AccessRule, AccessRule[]>();
  for (const { earlier, later } of found) {
    const list = byLater.get(later);
    if (list === undefined) byLater.set(later, [earlier]);
    else list.push(earlier);
  }
  const findings = [...byLater].map(
    ([later, earlier]): Finding => ({
      code: 'access-crossing',
      severity: 'info',
      message: `${shownRules(earlier)} ${earlier.length === 1 ? 'takes' : 'take'} some of its connections, with another outcome`,
      at: lineOf(later),
      related: earlier.slice(0, 10).map((other) => [lineOf(other), 'This rule takes some of its connections'] as const),
    }),
  );
  if (stoppedAt === undefined) return findings;
  const message =
    'Too many rules share connections: from this rule on, rules that take some connections of a later rule were not reported';
  return [...findings, { code: 'access-crossing', severity: 'info', message, at: lineOf(stoppedAt) }];
}

function isOfWideNetwork({ address }: AccessRule): boolean {
  return address !== undefined && isWide(address);
}

/** Whether a rule lets clients in by a method without a certificate. */
function isBare({ method, outcome }: AccessRule, name: string): boolean {
  return method === name && outcome.kind === 'way-in' && outcome.certificate === 'none';
}
