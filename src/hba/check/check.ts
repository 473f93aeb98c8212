import { diagnosticsOf } from '../../auth-file/check/diagnostics.ts';
import { expandLines } from '../../auth-file/read/expand.ts';
import type { ParseOptions } from '../../parse-options.ts';
import type { Diagnostic } from '../../text/diagnostic.ts';
import { countLineEnds, type Range, rangeAt } from '../../text/position.ts';
import type { HbaLine } from '../line.ts';
import { readingOf } from '../view.ts';
import { findingsOf } from './lint.ts';
import { type LineRole, noRecord, roleOf, ruleForAll } from './replication.ts';

/** Every problem of a pg_hba.conf and of what it includes. */
export function checkFile(lines: readonly HbaLine[], options: ParseOptions): Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  let hasRecords = false;
  let forAll = false;
  let forReplication = false;
  const note = (role: LineRole): void => {
    hasRecords ||= role.isRecord;
    forAll ||= role.isForAll;
    forReplication ||= role.isForReplication;
  };
  // Most lines were read once already, for their entries, and there is nothing to be told of them.
  const isQuiet = ({ quietRole }: HbaLine): boolean => {
    if (quietRole !== undefined) note(quietRole);
    return quietRole !== undefined;
  };
  expandLines(
    lines,
    options,
    (expanded) => {
      const reading = readingOf(expanded);
      note(reading === undefined ? noRecord : roleOf(reading));
      const findings = findingsOf(expanded, reading);
      for (const diagnostic of diagnosticsOf(findings, expanded)) diagnostics.push(diagnostic);
    },
    isQuiet,
  );
  const start = { line: 1, column: 1 };
  const whole = { start, end: start };
  const file = options.file === undefined ? {} : { file: options.file };
  if (!hasRecords) {
    const message = 'the file holds no rule, and a server refuses such a file: add at least one';
    diagnostics.push({ code: 'hba-no-entries', severity: 'error', message, range: whole, ...file });
  } else if (forAll && !forReplication) {
    const message = 'no rule is for replication, which the database "all" does not cover: standbys cannot connect';
    const range = rangeOfRuleForAll(lines) ?? whole;
    diagnostics.push({ code: 'hba-replication-uncovered', severity: 'warning', message, range, ...file });
  }
  return diagnostics;
}

/** Where the first rule for all databases of the file itself has its word `all`. */
function rangeOfRuleForAll(lines: readonly HbaLine[]): Range | undefined {
  let firstLine = 1;
  for (const line of lines) {
    const { record } = line.read();
    const token = record === undefined ? undefined : ruleForAll(record);
    if (token !== undefined) return rangeAt(line.text, token.start, token.end, firstLine);
    firstLine += countLineEnds(line.text);
  }
  return undefined;
}
