import type { DiagnosticCode } from '../../codes.ts';
import { clientCertOption, type HbaEntry, type HbaFile, type HbaRule, hbaFileRules } from '../../hba/index.ts';
import type { Diagnostic } from '../../text/diagnostic.ts';
import { diagnosticAt } from './diagnostic-at.ts';
import { coversRule, demandsCertificate, mayMatchOverTls, mayMatchUser } from './may-match.ts';
import type { TlsRequest } from './request.ts';
import type { PlannedRules } from './rules.ts';

/** What the user of a plan should know about pg_hba.conf. */
export function ruleDiagnostics(
  hba: HbaFile,
  path: string,
  planned: PlannedRules,
  user: string,
  rule: TlsRequest['rule'],
): Diagnostic[] {
  const found: Diagnostic[] = [];
  const { note } = clientCertOption('verify-full', hba.version);
  if (rule?.password !== undefined && note !== undefined) {
    found.push(diagnosticAt({ file: path }, 'tls-name-not-bound', 'warning', note));
  }
  const isWhole = includesNoRules(hba, path);
  for (const entry of hba.entries) {
    if (isWhole && entry.kind === 'include') continue;
    const judgement = judge(entry, planned, user);
    if (judgement === undefined) continue;
    const place = { file: path, line: hba.lineNumber(entry), text: entry.text };
    found.push(diagnosticAt(place, judgement.code, judgement.severity, judgement.message));
  }
  return found;
}

/** Whether the files that include lines name were read and hold no rules. */
function includesNoRules(hba: HbaFile, path: string): boolean {
  if (hba.diagnostics.some(({ code }) => code === 'include-not-followed')) return false;
  return hbaFileRules(hba).every(({ file_name }) => (file_name ?? path) === path);
}

interface Judgement {
  readonly code: DiagnosticCode;
  readonly severity: 'warning' | 'info';
  readonly message: string;
}

function judge(entry: HbaEntry, planned: PlannedRules, user: string): Judgement | undefined {
  if (entry.kind === 'include' || entry.kind === 'indirect') {
    const message = `The plan does not judge the rules that this line takes in. They may let ${quote(user)} in by other means`;
    return { code: 'tls-hba-include', severity: 'warning', message };
  }
  if (entry.kind !== 'rule' || entry === planned.main || entry === planned.rejecting) return undefined;
  return entry.method === 'reject' ? judgeReject(entry, planned, user) : judgeOther(entry, planned, user);
}

function judgeReject(entry: HbaRule, { file, main }: PlannedRules, user: string): Judgement | undefined {
  if (!mayMatchOverTls(entry, user, main.databases)) return undefined;
  if (file.entries.indexOf(entry) < file.entries.indexOf(main)) {
    const message = `This rule stays above the rule for ${quote(user)} and still rejects the connections that it matches`;
    return { code: 'tls-behind-reject', severity: 'info', message };
  }
  // A rule at the end that rejects everything else is good practice.
  if (coversRule(entry, main, user)) return undefined;
  const message = `With a certificate ${quote(user)} now gets in where this rule rejected. Move this rule up to keep its effect`;
  return { code: 'tls-before-reject', severity: 'warning', message };
}

function judgeOther(entry: HbaRule, { file, main, rejecting }: PlannedRules, user: string): Judgement | undefined {
  if (!mayMatchUser(entry, user) || demandsCertificate(entry, file.version)) return undefined;
  const how = `lets ${quote(user)} in without a certificate, by method ${entry.method}`;
  const code = 'tls-without-certificate';
  if (entry.type === 'local') {
    return { code, severity: 'info', message: `This rule ${how}, over the Unix socket of the server's machine` };
  }
  if (rejecting !== undefined && file.entries.indexOf(entry) > file.entries.indexOf(rejecting)) return undefined;
  const isTlsOnly = entry.type === 'hostssl';
  if (isTlsOnly && coversRule(main, entry, user)) return undefined;
  const where = isTlsOnly ? 'to other databases or from other addresses' : 'without TLS, or to other databases';
  const message = `This rule ${how}, ${where}. Plan with withoutCertificate 'reject', or change the rule`;
  return { code, severity: 'warning', message };
}

function quote(name: string): string {
  return JSON.stringify(name);
}
