import type { ParseOptions } from '../parse-options.ts';
import type { Diagnostic } from '../text/diagnostic.ts';
import { type ExpandedLine, expandLines } from './expand.ts';
import { diagnosticsOf, type Finding, findingOf } from './finding.ts';
import type { HbaLine } from './line.ts';
import { lintLine, lintStart } from './lint-line.ts';
import { lintRecord } from './lint-record.ts';
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
    diagnostics.push(...diagnosticsOf(findingsOf(each, reading), each));
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

function findingsOf({ line, firstLine, notes }: ExpandedLine, reading: RecordReading | undefined): Finding[] {
  const { problem, record } = reading ?? {};
  const warnings = [...notes, ...(reading?.notes ?? [])];
  return [
    ...warnings.map((note) => findingOf(note, 'warning', line)),
    ...(problem === undefined ? [] : [findingOf(problem, 'error', line)]),
    ...(record === undefined ? [] : lintRecord(record, line.how.version)),
    ...(firstLine === 1 ? lintStart(line) : []),
    ...lintLine(line),
  ];
}

function isForAll(record: HbaRecord): boolean {
  return record.type !== 'local' && record.databases.some((token) => token.value === 'all' && !token.quoted);
}

function isForReplication(record: HbaRecord): boolean {
  return record.databases.some((token) => token.value === 'replication' && !token.quoted);
}
