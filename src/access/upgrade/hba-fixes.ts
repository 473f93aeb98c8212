import type { HbaEntry, HbaFile } from '../../hba/file.ts';
import type { HbaRule } from '../../hba/rule.ts';
import { clientCertEffect } from '../../hba/tables/client-cert.ts';
import { authMethodsOf } from '../../hba/tables/tables.ts';
import type { Diagnostic, Fix } from '../../text/diagnostic.ts';
import { lineNumbers } from '../../text/lines.ts';
import type { Range } from '../../text/position.ts';
import type { PgMajor } from '../../version.ts';
import { changedRule, fixOf } from './line-changes.ts';

/** A fix of a line that the new major version refuses. */
export interface HbaFix {
  readonly fix: Fix;
  /** `true` if the fix refuses clients that the older version lets in. */
  readonly rejects: boolean;
}

/** Returns the fixes of those errors of the new major version whose lines are in the main file and have a fix. */
export function hbaFixesOf(found: readonly Diagnostic[], before: HbaFile, to: PgMajor): Map<Diagnostic, HbaFix> {
  const numbers = lineNumbers(before.entries);
  const byLine = new Map(before.entries.map((entry, index) => [numbers[index]!, entry]));
  const fixes = new Map<Diagnostic, HbaFix>();
  for (const diagnostic of found) {
    const fix = hbaFixOf(diagnostic, before, byLine, to);
    if (fix !== undefined) fixes.set(diagnostic, fix);
  }
  return fixes;
}

function hbaFixOf(
  diagnostic: Diagnostic,
  before: HbaFile,
  byLine: ReadonlyMap<number, HbaEntry>,
  to: PgMajor,
): HbaFix | undefined {
  const { file, fix, range, severity } = diagnostic;
  if (severity !== 'error' || file !== before.expandable().options.file) return undefined;
  const { line } = range.start;
  const rule = byLine.get(line);
  if (rule?.kind !== 'rule') return fix && { fix, rejects: false };
  if (authMethodsOf(to).has(rule.method)) {
    const found = clientCertFix(rule, range, before) ?? fix;
    return found && { fix: found, rejects: false };
  }
  // If the line were removed, a later rule would decide its connections, perhaps by a weaker way.
  const title = 'refuse the clients until the line has another method';
  const rejection = fixOf(rule, line, title, () => changedRule(before, rule, { method: 'reject', options: [] }));
  return rejection === undefined ? fix && { fix, rejects: false } : { fix: rejection, rejects: true };
}

/**
 * Returns a fix for a `clientcert` value that later versions refuse. With the fix, the rule demands the same
 * certificate as before.
 */
function clientCertFix(rule: HbaRule, range: Range, before: HbaFile): Fix | undefined {
  // Since major version 14, a line with a NUL byte continues on the next line.
  if (rule.text.includes('\0')) return undefined;
  const given = rule.options.filter(({ name }) => name === 'clientcert');
  const value = given.at(-1)?.value;
  if (value === undefined) return undefined;
  const effect = clientCertEffect(value, before.version);
  // The older version treats a value such as `on` as "no certificate", but the author may have meant to demand a
  // certificate.
  if (effect === 'off' && !withoutDemand.includes(value)) return undefined;
  // Method cert always checks the name in the certificate and accepts no weaker value of `clientcert`.
  const level = effect === 'off' || rule.method !== 'cert' ? effect : 'verify-full';
  if (given.length === 1 && level !== 'off') {
    const text = `clientcert=${level}`;
    return { title: `write ${text}`, range, text };
  }
  const others = rule.options.filter(({ name }) => name !== 'clientcert');
  const options = level === 'off' ? others : [...others, { name: 'clientcert', value: level } as const];
  const title =
    level === 'off'
      ? 'remove clientcert, which asks for no certificate'
      : `demand the same certificate as PostgreSQL ${before.version}`;
  return fixOf(rule, range.start.line, title, () => changedRule(before, rule, { options }));
}

/** The values of `clientcert` that explicitly demand no certificate. */
const withoutDemand: readonly string[] = ['0', 'no-verify'];
