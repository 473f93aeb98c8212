import type { DiagnosticCode } from '../../codes.ts';
import { clientCertOption, type HbaEntry, type HbaFile, type HbaRule, hbaFileRules } from '../../hba/index.ts';
import type { Diagnostic } from '../../text/diagnostic.ts';
import { countLineEnds } from '../../text/position.ts';
import { coversRule, demandsCertificate, mayMatchOverTls, mayMatchUser } from './may-match.ts';
import { noteAt } from './notes.ts';
import type { TlsRequest } from './request.ts';
import type { PlannedRules } from './rules.ts';

/** What the user of a plan should know about pg_hba.conf. */
export function ruleNotes(
  hba: HbaFile,
  path: string,
  planned: PlannedRules,
  user: string,
  rule: TlsRequest['rule'],
): Diagnostic[] {
  const notes: Diagnostic[] = [];
  const { note } = clientCertOption('verify-full', hba.version);
  if (rule?.password !== undefined && note !== undefined) {
    notes.push(noteAt({ file: path }, 'tls-name-not-bound', 'warning', note));
  }
  const lines = lineNumbers(hba.entries);
  const isWhole = includesNoRules(hba, path);
  for (const entry of hba.entries) {
    if (isWhole && entry.kind === 'include') continue;
    const found = noteOn(entry, planned, user);
    if (found === undefined) continue;
    const place = { file: path, line: lines.get(entry)!, text: entry.text };
    notes.push(noteAt(place, found.code, found.severity, found.message));
  }
  return notes;
}

/** Whether the files that include lines name were read and hold no rules. */
function includesNoRules(hba: HbaFile, path: string): boolean {
  if (hba.diagnostics.some(({ code }) => code === 'include-not-followed')) return false;
  return hbaFileRules(hba).every(({ file_name }) => (file_name ?? path) === path);
}

interface FoundNote {
  readonly code: DiagnosticCode;
  readonly severity: 'warning' | 'info';
  readonly message: string;
}

function noteOn(entry: HbaEntry, planned: PlannedRules, user: string): FoundNote | undefined {
  if (entry.kind === 'include' || entry.kind === 'indirect') {
    const message = `the plan does not judge the rules that this line takes in; they may let ${quote(user)} in otherwise`;
    return { code: 'tls-hba-include', severity: 'warning', message };
  }
  if (entry.kind !== 'rule' || entry === planned.main || entry === planned.rejecting) return undefined;
  return entry.method === 'reject' ? noteOnReject(entry, planned, user) : noteOnOther(entry, planned, user);
}

function noteOnReject(entry: HbaRule, { file, main }: PlannedRules, user: string): FoundNote | undefined {
  if (!mayMatchOverTls(entry, user, main.databases)) return undefined;
  if (file.entries.indexOf(entry) < file.entries.indexOf(main)) {
    const message = `this rule stands above the one for ${quote(user)} and goes on rejecting what it matches`;
    return { code: 'tls-behind-reject', severity: 'info', message };
  }
  // One that rejects everything else at the end is how a file should look.
  if (coversRule(entry, main, user)) return undefined;
  const message = `with a certificate ${quote(user)} now gets in where this rule rejected; move it up if it is to go on`;
  return { code: 'tls-before-reject', severity: 'warning', message };
}

function noteOnOther(entry: HbaRule, { file, main, rejecting }: PlannedRules, user: string): FoundNote | undefined {
  if (!mayMatchUser(entry, user) || demandsCertificate(entry, file.version)) return undefined;
  const how = `lets ${quote(user)} in without a certificate, by method ${entry.method}`;
  const code = 'tls-without-certificate';
  if (entry.type === 'local') {
    return { code, severity: 'info', message: `this rule ${how}, over the Unix socket of the server's machine` };
  }
  if (rejecting !== undefined && file.entries.indexOf(entry) > file.entries.indexOf(rejecting)) return undefined;
  const isTlsOnly = entry.type === 'hostssl';
  if (isTlsOnly && coversRule(main, entry, user)) return undefined;
  const where = isTlsOnly ? 'to other databases or from other addresses' : 'without TLS, or to other databases';
  const message = `this rule ${how}, ${where}; plan with withoutCertificate 'reject', or mend the rule`;
  return { code, severity: 'warning', message };
}

/** The line that each entry begins in. */
function lineNumbers(entries: readonly HbaEntry[]): ReadonlyMap<HbaEntry, number> {
  const lines = new Map<HbaEntry, number>();
  let line = 1;
  for (const entry of entries) {
    lines.set(entry, line);
    line += countLineEnds(entry.text);
  }
  return lines;
}

function quote(name: string): string {
  return JSON.stringify(name);
}
