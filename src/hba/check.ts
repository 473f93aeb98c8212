import type { ParseOptions } from '../parse-options.ts';
import type { Diagnostic, Severity } from '../text/diagnostic.ts';
import { rangeAt } from '../text/position.ts';
import type { AuthLine } from './auth-line.ts';
import { type ExpandedLine, expandLines } from './expand.ts';
import type { HbaLine } from './line.ts';
import { lintLine, lintStart } from './lint-line.ts';
import { lintRecord } from './lint-record.ts';
import type { Finding, LineProblem } from './problem.ts';
import type { HbaRecord, RecordReading } from './record.ts';
import { readingOf } from './view.ts';

/** Every problem of a pg_hba.conf and of what it includes. */
export function checkFile(lines: readonly HbaLine[], options: ParseOptions): Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  const expanded = expandLines(lines, options);
  const records: HbaRecord[] = [];
  let hasRecords = false;
  for (const each of expanded) {
    const reading = readingOf(each);
    hasRecords ||= reading !== undefined;
    if (reading?.record !== undefined) records.push(reading.record);
    for (const finding of findingsOf(each, reading)) diagnostics.push(diagnosticOf(finding, each));
  }
  const start = { line: 1, column: 1 };
  const whole = { range: { start, end: start }, ...(options.file === undefined ? {} : { file: options.file }) };
  if (!hasRecords) {
    const message = 'the file holds no rule, and a server refuses such a file: add at least one';
    diagnostics.push({ code: 'hba-no-entries', severity: 'error', message, ...whole });
  } else if (records.some(isForAll) && !records.some(isForReplication)) {
    const message = 'no rule is for replication, which the database "all" does not cover: standbys cannot connect';
    diagnostics.push({ code: 'hba-replication-uncovered', severity: 'info', message, ...whole });
  }
  return diagnostics;
}

/** The diagnostic of something found in a line. */
export function diagnosticOf(finding: Finding, { line, firstLine, file }: ExpandedLine): Diagnostic {
  const { code, severity, message, start, end, fix } = finding;
  const rangeOf = (from: number, to: number): Diagnostic['range'] => rangeAt(line.text, from, to, firstLine);
  return {
    code,
    severity,
    message,
    range: rangeOf(start, end),
    ...(file === undefined ? {} : { file }),
    ...(fix === undefined ? {} : { fix: { title: fix.title, range: rangeOf(fix.start, fix.end), text: fix.text } }),
  };
}

/** A problem that the server sees, as something found in its line. */
export function findingOf(problem: LineProblem, severity: Severity, line: AuthLine): Finding {
  const { code, message, token, fix } = problem;
  return { code, severity, message, start: token?.start ?? 0, end: token?.end ?? line.contentEnd, fix };
}

function findingsOf({ line, firstLine, notes }: ExpandedLine, reading: RecordReading | undefined): Finding[] {
  const { problem, record } = reading ?? {};
  const warnings = [...notes, ...(reading?.notes ?? [])];
  return [
    ...warnings.map((note) => findingOf(note, 'warning', line)),
    ...(problem === undefined ? [] : [findingOf(problem, 'error', line)]),
    ...(record === undefined ? [] : lintRecord(record, line.how.version)),
    ...(firstLine === 1 ? lintStart(line) : []),
    ...lintLine(line),
  ].sort((a, b) => a.start - b.start);
}

function isForAll(record: HbaRecord): boolean {
  return record.type !== 'local' && record.databases.some((token) => token.value === 'all' && !token.quoted);
}

function isForReplication(record: HbaRecord): boolean {
  return record.databases.some((token) => token.value === 'replication' && !token.quoted);
}
