import type { ExpandedLine } from '../hba/expand.ts';
import { diagnosticsOf, type Finding, findingOf } from '../hba/finding.ts';
import { lintLine, lintStart } from '../hba/lint-line.ts';
import type { Token } from '../hba/token.ts';
import type { Diagnostic } from '../text/diagnostic.ts';
import { readHost } from './line.ts';

/** Every problem of a pg_hosts.conf and of what it includes. */
export function checkFile(lines: readonly ExpandedLine[]): Diagnostic[] {
  const seen = new Set<string>();
  return lines.flatMap((expanded) => diagnosticsOf(findingsOf(expanded, seen), expanded));
}

/** @param seen the host names of the lines before, to which those of this line are added */
function findingsOf({ line, fields, firstLine, notes, problem }: ExpandedLine, seen: Set<string>): Finding[] {
  const reading = problem === undefined && fields.length > 0 ? readHost(fields) : { problem };
  const findings = notes.map((note) => findingOf(note, 'warning', line));
  if (reading.problem !== undefined) findings.push(findingOf(reading.problem, 'error', line));
  const repeated = 'record' in reading ? (reading.record?.hosts ?? []).filter((token) => isRepeated(token, seen)) : [];
  for (const { value, start, end } of repeated) {
    const message = `${value} has an entry already, and host names compare without case`;
    findings.push({ code: 'hosts-repeated', severity: 'error', message, start, end });
  }
  return [...findings, ...(firstLine === 1 ? lintStart(line) : []), ...lintLine(line)];
}

function isRepeated({ value }: Token, seen: Set<string>): boolean {
  const key = value.toLowerCase();
  if (seen.has(key)) return true;
  seen.add(key);
  return false;
}
