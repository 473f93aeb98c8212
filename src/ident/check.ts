import type { ExpandedLine } from '../hba/expand.ts';
import { diagnosticsOf, type Finding, findingOf } from '../hba/finding.ts';
import { lintLine, lintStart } from '../hba/lint-line.ts';
import type { Diagnostic } from '../text/diagnostic.ts';
import { readingOf } from './view.ts';

/** Every problem of a pg_ident.conf and of what it includes. */
export function checkFile(lines: readonly ExpandedLine[]): Diagnostic[] {
  return lines.flatMap((expanded) => diagnosticsOf(findingsOf(expanded), expanded));
}

function findingsOf(expanded: ExpandedLine): Finding[] {
  const { line, firstLine } = expanded;
  const { record, problem, notes = [] } = readingOf(expanded) ?? {};
  const [ignored] = record?.ignored ?? [];
  const findings = [...expanded.notes, ...notes].map((note) => findingOf(note, 'warning', line));
  if (problem !== undefined) findings.push(findingOf(problem, 'error', line));
  if (ignored !== undefined) {
    const message = 'the server ignores what stands behind the third column';
    const { start } = ignored[0];
    const { end } = record!.ignored.at(-1)!.at(-1)!;
    findings.push({ code: 'ident-ignored-columns', severity: 'warning', message, start, end });
  }
  return [...findings, ...(firstLine === 1 ? lintStart(line) : []), ...lintLine(line)];
}
