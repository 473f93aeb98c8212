import { type AccessRule, mapOf, type PlacedRule } from '../../../access/rules/access-rule.ts';
import { readRules } from '../../../access/rules/read-rules.ts';
import { findInScope } from '../../../access/scope/find-in-scope.ts';
import { analysisOf } from '../../../access/space/analysis.ts';
import type { ConnectionTarget } from '../../../client/bundle/target.ts';
import type { DiagnosticCode } from '../../../codes.ts';
import type { ConfTree } from '../../../conf/tree.ts';
import type { HbaEntry, HbaFile } from '../../../hba/file.ts';
import { clientCertOption } from '../../../hba/tables/client-cert.ts';
import type { IdentFile } from '../../../ident/file.ts';
import { lazily } from '../../../lazily.ts';
import type { Diagnostic } from '../../../text/diagnostic.ts';
import { type DiagnosticPlace, planDiagnostic } from '../plan-diagnostic.ts';
import type { TlsRequest } from '../request/request.ts';
import { hasNoSocket } from '../settings/listening.ts';
import { takesOtherNames } from './maps.ts';
import { mayRefuseLogin, type Overruled, overruledRejections } from './rejections.ts';
import { decidingRules, overSocket, overTcp } from './rule-reach.ts';
import type { PlannedRules } from './rules.ts';

/** The request for one user of the server, and the files that decide what the rules for the user mean. */
interface JudgedRequest {
  /** The path of pg_hba.conf. */
  readonly path: string;
  /** The connection of the user. */
  readonly target: ConnectionTarget;
  /** The properties that the request gives for the user's rule. */
  readonly rule: TlsRequest['rule'];
  /** The user name maps; `undefined` if pg_ident.conf was not read. */
  readonly maps: IdentFile | undefined;
  readonly settings: ConfTree;
  /** All rules of the plan, which get no diagnostic. A user may have several. */
  readonly own: readonly HbaEntry[];
}

/**
 * Diagnostics about the planned pg_hba.conf. They name rules that let the user in without a certificate or with a
 * certificate of another name, and rules with a certificate that the plan ends. They also name rules that reject some
 * of the user's connections, above or below the certificate rule. `local` rules are ignored if the server has no Unix
 * socket.
 */
export function ruleDiagnostics(hba: HbaFile, planned: PlannedRules, request: JudgedRequest): Diagnostic[] {
  const { path, rule } = request;
  const found: Diagnostic[] = [];
  const { note } = clientCertOption('verify-full', hba.version);
  if (rule?.password !== undefined && note !== undefined) {
    found.push(planDiagnostic({ file: path }, 'tls-name-not-bound', 'warning', note));
  }
  const lineBefore = lineNumbersBefore(hba, planned);
  const judge = judgeOf(hba, planned, request);
  const unread = new Set<HbaEntry>();
  for (const each of readRules({ hba: planned.file }).rules) {
    const judgement = judge(each);
    const { entry } = each;
    if (judgement === undefined || unread.has(entry)) continue;
    // A line may include many files that were not read, but it gets only one diagnostic.
    if (each.rule === undefined) unread.add(entry);
    found.push(
      planDiagnostic(placeOfRule(each, path, lineBefore), judgement.code, judgement.severity, judgement.message),
    );
  }
  return found;
}

/**
 * The place of a rule for a diagnostic: the line of an included file, or the line of pg_hba.conf before the plan.
 *
 * @param lineBefore returns the line number that an entry of the planned file had before the plan
 */
export function placeOfRule(
  { entry, placed }: AccessRule,
  path: string,
  lineBefore: (entry: HbaEntry) => number,
): DiagnosticPlace {
  const { rule, file, line } = placed;
  return entry.kind === 'include' && rule !== undefined
    ? { file: file ?? path, line, text: rule.text }
    : { file: path, line: lineBefore(entry), text: entry.text };
}

/**
 * Diagnostics for rules that begin to decide when TLS is switched on. `hostssl` rules begin to match. `hostnossl` rules
 * no longer match clients that use TLS whenever the server offers it, as libpq does by default.
 *
 * @param own the rules of the plan, which get no diagnostic
 */
export function switchedOnDiagnostics(hba: HbaFile, path: string, own: readonly HbaEntry[]): readonly Diagnostic[] {
  const analysis = analysisOf(readRules({ hba }));
  const rulesFor = (transport: 'ssl' | 'plain', type: 'hostssl' | 'hostnossl'): AccessRule[] =>
    findInScope(analysis, { transport: [transport] }).flatMap(({ rule }) =>
      rule?.rule?.type === type && !own.includes(rule.entry) ? [rule] : [],
    );
  const begins = (rule: AccessRule): Diagnostic => {
    const effect = rule.outcome.kind === 'refused' ? 'rejects' : `lets in by method ${rule.method}`;
    return switchedOn(rule.placed, path, `With TLS on, this rule begins to match: it ${effect} connections with TLS`);
  };
  const ends = (rule: AccessRule): Diagnostic =>
    switchedOn(
      rule.placed,
      path,
      `With TLS on, this rule no longer matches clients that use TLS whenever the server offers it`,
    );
  return [
    ...rulesFor('ssl', 'hostssl').map(begins),
    ...rulesFor('plain', 'hostnossl')
      .filter(({ outcome }) => outcome.kind === 'way-in')
      .map(ends),
  ];
}

function switchedOn({ rule, file, line }: PlacedRule, path: string, message: string): Diagnostic {
  return planDiagnostic({ file: file ?? path, line, text: rule!.text }, 'tls-switched-on', 'warning', message);
}

interface Judgement {
  readonly code: DiagnosticCode;
  readonly severity: 'warning' | 'info';
  readonly message: string;
}

/** Returns a function that gives the diagnostic for a rule of the planned pg_hba.conf. */
function judgeOf(
  before: HbaFile,
  planned: PlannedRules,
  { target, maps, settings, own }: JudgedRequest,
): (rule: AccessRule) => Judgement | undefined {
  const { file, main } = planned;
  const { user } = target;
  const name = JSON.stringify(user);
  const { rules } = readRules({ hba: file });
  const deciding = new Set([
    ...decidingRules(overTcp(user), file),
    ...(hasNoSocket(settings) ? [] : decidingRules(overSocket(user), file)),
  ]);
  const aboveMain = decidingRules(main, file);
  const isRejectedAbove = lazily(() => mayRefuseLogin(planned, target));
  const overruled = overruledRejections(planned, before, user);
  const ended = endedWaysIn(planned, before, user);
  const mainIndex = rules.findIndex(({ entry }) => entry === main);
  return (rule) => {
    const former = overruled.get(rule.index);
    if (former !== undefined) return noLongerRejects(name, former);
    if (own.includes(rule.entry)) return undefined;
    if (rule.rule === undefined) return notJudged(name);
    if (rule.outcome.kind === 'refused') {
      if (rule.index > mainIndex || !aboveMain.has(rule)) return undefined;
      return isRejectedAbove()(rule) ? mayReject(target) : stillRejects(name);
    }
    if (ended.has(rule.index)) return noLongerLetsIn(name);
    if (rule.outcome.kind !== 'way-in' || !deciding.has(rule)) return undefined;
    return rule.outcome.certificate === 'none' ? letsIn(rule, name) : letsOtherIn(rule, user, maps);
  };
}

/**
 * The indexes of the rules with a certificate that name the user and let it in before the plan, and that the new
 * rejection below the certificate rule ends. Rules without a certificate are left out, because the caller asks to end
 * those ways in. So are rules for all users or for a role, because the caller narrows those for this user.
 */
function endedWaysIn({ file, rejecting }: PlannedRules, before: HbaFile, user: string): ReadonlySet<number> {
  if (rejecting === undefined || before.entries.includes(rejecting)) return new Set();
  const { rules } = readRules({ hba: file });
  const at = rules.findIndex(({ entry }) => entry === rejecting);
  // Without the rejection, each rule below it has the index before.
  const ended = [...decidingRules(rejecting, file.remove(rejecting))].filter(
    ({ index, outcome, users }) =>
      index >= at && outcome.kind === 'way-in' && outcome.certificate !== 'none' && users.includes(user),
  );
  return new Set(ended.map(({ index }) => index + 1));
}

function notJudged(name: string): Judgement {
  const message = `The plan does not know the rules that this line includes. They may let ${name} in by other means`;
  return { code: 'tls-hba-include', severity: 'warning', message };
}

function stillRejects(name: string): Judgement {
  const message = `This rule stays above the rule for ${name} and still rejects the connections that it matches`;
  return { code: 'tls-behind-reject', severity: 'info', message };
}

function mayReject({ user, host }: ConnectionTarget): Judgement {
  const name = JSON.stringify(user);
  const message = `This rule stays above the rule for ${name} and may reject the login of ${name} at ${host}. Move the rule down or narrow it, if ${name} is to log in`;
  return { code: 'tls-behind-reject', severity: 'warning', message };
}

function noLongerRejects(name: string, former: Overruled): Judgement {
  const code = 'tls-before-reject';
  if (former === 'default') {
    const message = `This rule still rejects connections that no other rule matches. The plan lets ${name} in with a certificate above this rule`;
    return { code, severity: 'info', message };
  }
  const message = `The plan lets ${name} in with a certificate where this rule rejected before. Move this rule up to keep its effect`;
  return { code, severity: 'warning', message };
}

function noLongerLetsIn(name: string): Judgement {
  const message = `This rule lets ${name} in with a certificate. The plan ends this way in, because it rejects ${name} above this rule. Give the databases and addresses of this rule in \`rule\` or \`users\`, too, or remove ${name} from this rule`;
  return { code: 'tls-way-in-ends', severity: 'warning', message };
}

function letsIn({ rule, method }: AccessRule, name: string): Judgement {
  const how = `lets ${name} in without a certificate, by method ${method}`;
  const code = 'tls-without-certificate';
  if (rule!.type === 'local') {
    return { code, severity: 'info', message: `This rule ${how}, over the Unix socket of the server's machine` };
  }
  const isTlsOnly = rule!.type === 'hostssl';
  const where = isTlsOnly ? 'to other databases or from other addresses' : 'without TLS, or to other databases';
  const message = `This rule ${how}, ${where}. Plan with withoutCertificate 'reject', or change the rule`;
  return { code, severity: 'warning', message };
}

/** The diagnostic for a rule that demands a certificate, but also accepts one with another name than the user's. */
function letsOtherIn(rule: AccessRule, user: string, maps: IdentFile | undefined): Judgement | undefined {
  const { method, outcome } = rule;
  const map = mapOf(rule);
  const isAnyName = outcome.kind === 'way-in' && outcome.certificate === 'verify-ca';
  if (!isAnyName && (map === '' || !takesOtherNames(maps, map, user))) return undefined;
  const what = isAnyName
    ? 'with any certificate of a CA that the server trusts'
    : 'with certificates of the other names in its map';
  const message = `This rule lets ${JSON.stringify(user)} in ${what}, by method ${method}. Plan with withoutCertificate 'reject', or change the rule`;
  return { code: 'tls-other-certificate', severity: 'warning', message };
}

/**
 * Returns a function that gives the line number that an entry of the planned file had before the plan. Each rule that
 * the plan adds is one line.
 */
function lineNumbersBefore(hba: HbaFile, { file }: PlannedRules): (entry: HbaEntry) => number {
  const before = new Set(hba.entries);
  const addedAt = file.entries.filter((entry) => !before.has(entry)).map((entry) => file.lineNumber(entry));
  return (entry) => {
    const line = file.lineNumber(entry);
    return line - addedAt.filter((above) => above < line).length;
  };
}
