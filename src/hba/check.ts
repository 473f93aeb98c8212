import type { ParseOptions } from '../parse-options.ts';
import type { Diagnostic } from '../text/diagnostic.ts';
import type { AuthLine } from './auth-line.ts';
import { type ExpandedLine, expandLines } from './expand.ts';
import { diagnosticsOf, type Finding, findingsOfReading } from './finding.ts';
import { HbaLine } from './line.ts';
import { lintLine } from './lint-line.ts';
import { lintRecord } from './lint-record.ts';
import type { HbaRecord, RecordReading } from './record.ts';
import { readingOf } from './view.ts';

/** Every problem of a pg_hba.conf and of what it includes. */
export function checkFile(lines: readonly HbaLine[], options: ParseOptions): Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  let hasRecords = false;
  let forAll = false;
  let forReplication = false;
  expandLines(lines, options, (expanded) => {
    const reading = readingOf(expanded);
    hasRecords ||= reading !== undefined;
    forAll ||= reading?.record !== undefined && isForAll(reading.record);
    forReplication ||= reading?.record !== undefined && isForReplication(reading.record);
    const findings = findingsOf(expanded, reading);
    for (const diagnostic of diagnosticsOf(findings, expanded)) diagnostics.push(diagnostic);
  });
  const start = { line: 1, column: 1 };
  const whole = { range: { start, end: start }, ...(options.file === undefined ? {} : { file: options.file }) };
  if (!hasRecords) {
    const message = 'the file holds no rule, and a server refuses such a file: add at least one';
    diagnostics.push({ code: 'hba-no-entries', severity: 'error', message, ...whole });
  } else if (forAll && !forReplication) {
    const message = 'no rule is for replication, which the database "all" does not cover: standbys cannot connect';
    diagnostics.push({ code: 'hba-replication-uncovered', severity: 'info', message, ...whole });
  }
  return diagnostics;
}

function findingsOf(expanded: ExpandedLine, reading: RecordReading | undefined): Finding[] {
  const { line } = expanded;
  const findings = findingsOfReading(expanded, reading);
  if (reading?.record !== undefined) lintRecord(reading.record, line.how, findings);
  const own = expanded.fields === expanded.scanned.fields ? findings : findings.map(withoutFix);
  lintLine(expanded, own);
  return own.map((finding) => (finding.code === 'comma-stray' ? withJoin(finding, line) : finding));
}

/** A comma behind a blank joins two words where the blank goes, if the line then is a rule. */
function withJoin(finding: Finding, { text, how }: AuthLine): Finding {
  const { start: end } = finding;
  let start = end;
  while (/[ \t]/.test(text.charAt(start - 1))) start -= 1;
  const { record } = new HbaLine(text.slice(0, start) + text.slice(end), how).read();
  if (start === end || record === undefined) return finding;
  return { ...finding, fix: { title: 'join the words', start, end, text: '' } };
}

/** What is found in the words of an `@file` is not mended in the line that names it. */
function withoutFix({ fix: _, ...finding }: Finding): Finding {
  return finding;
}

function isForAll(record: HbaRecord): boolean {
  return record.type !== 'local' && record.databases.some((token) => token.value === 'all' && !token.quoted);
}

function isForReplication(record: HbaRecord): boolean {
  return record.databases.some((token) => token.value === 'replication' && !token.quoted);
}
