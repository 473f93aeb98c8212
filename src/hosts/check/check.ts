import { diagnosticsOf, type Finding, findingsOfReading } from '../../auth-file/check/diagnostics.ts';
import { lintLine } from '../../auth-file/check/lint-line.ts';
import { type ExpandedLine, expandLines } from '../../auth-file/read/expand.ts';
import type { AuthLine } from '../../auth-file/read/line.ts';
import type { Token } from '../../auth-file/scan/token.ts';
import type { ParseOptions } from '../../parse-options.ts';
import type { Diagnostic } from '../../text/diagnostic.ts';
import { rangeAt } from '../../text/position.ts';
import { type HostsReading, passphraseCommand, readHost } from '../read/record.ts';

/** Every problem of a pg_hosts.conf and of what it includes. */
export function checkFile(lines: readonly AuthLine[], options: ParseOptions): Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  const seen = new Set<string>();
  expandLines(lines, options, (expanded) => {
    const reading = readingOf(expanded);
    const findings = findingsOfReading(expanded, reading);
    for (const token of reading?.record?.hosts ?? []) if (isRepeated(token, seen)) findings.push(repetition(token));
    lintLine(expanded, findings, (fields) => readHost(fields).problem !== undefined);
    const secrets = secretsOf(expanded);
    for (const diagnostic of diagnosticsOf(findings, expanded)) diagnostics.push({ ...diagnostic, ...secrets });
  });
  return diagnostics;
}

function secretsOf({ line, scanned, firstLine }: ExpandedLine): Pick<Diagnostic, 'secrets'> {
  const command = passphraseCommand(scanned);
  return command === undefined ? {} : { secrets: [rangeAt(line.text, command.start, command.end, firstLine)] };
}

function readingOf({ fields, problem }: ExpandedLine): HostsReading | undefined {
  if (problem !== undefined) return { problem };
  return fields.length === 0 ? undefined : readHost(fields);
}

function repetition({ value, start, end }: Token): Finding {
  const message = `${value} has an entry already, and host names compare without case`;
  return { code: 'hosts-repeated', severity: 'error', message, start, end };
}

function isRepeated({ value }: Token, seen: Set<string>): boolean {
  const key = value.toLowerCase();
  if (seen.has(key)) return true;
  seen.add(key);
  return false;
}
