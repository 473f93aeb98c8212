import { AuthLine } from './auth-line.ts';
import type { ExpandedLine } from './expand.ts';
import { type Finding, findingsOfReading } from './finding.ts';
import { lintLine } from './lint-line.ts';
import { lintRecord } from './lint-record.ts';
import { type RecordReading, readRecord } from './record.ts';

/** All that is to be told of one line of a pg_hba.conf. */
export function findingsOf(expanded: ExpandedLine, reading: RecordReading | undefined): Finding[] {
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
  const joined = new AuthLine(text.slice(0, start) + text.slice(end), how);
  const { record } = readRecord(joined.scan().fields, how);
  if (start === end || record === undefined) return finding;
  return { ...finding, fix: { title: 'join the words', start, end, text: '' } };
}

/** What is found in the words of an `@file` is not mended in the line that names it. */
function withoutFix({ fix: _, ...finding }: Finding): Finding {
  return finding;
}
