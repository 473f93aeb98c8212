import { type Finding, findingsOfReading } from '../../auth-file/check/diagnostics.ts';
import { lintLine } from '../../auth-file/check/lint-line.ts';
import type { ExpandedLine } from '../../auth-file/read/expand.ts';
import { type RecordReading, readRecord } from '../read/record.ts';
import { lintRecord } from './lint-record.ts';

/** All that is to be told of one line of a pg_hba.conf. */
export function findingsOf(expanded: ExpandedLine, reading: RecordReading | undefined): Finding[] {
  const { line } = expanded;
  const findings = findingsOfReading(expanded, reading);
  if (reading?.record !== undefined) lintRecord(reading.record, line.how, findings);
  const own = expanded.fields === expanded.scanned.fields ? findings : findings.map(withoutFix);
  lintLine(expanded, own, (fields) => readRecord(fields, line.how).problem !== undefined);
  return own;
}

/** What is found in the words of an `@file` is not mended in the line that names it. */
function withoutFix({ fix: _, ...finding }: Finding): Finding {
  return finding;
}
