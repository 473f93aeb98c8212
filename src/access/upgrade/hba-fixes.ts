import type { HbaFile, HbaRule } from '../../hba/index.ts';
import type { Diagnostic, Fix } from '../../text/diagnostic.ts';
import { lineNumbers } from '../../text/lines.ts';
import { fixOf } from './line-changes.ts';

/** An error of the new major version with a fix, if the line is one of the main file that has a fix. */
export function withHbaFix(diagnostic: Diagnostic, before: HbaFile): Diagnostic {
  const { file, fix, range, severity } = diagnostic;
  if (severity !== 'error' || fix !== undefined || file !== before.expandable().options.file) return diagnostic;
  const { line } = range.start;
  const rule = before.entries[lineNumbers(before.entries).indexOf(line)];
  if (rule?.kind !== 'rule') return diagnostic;
  const added = rule.method === 'radius' ? rejectionFix(rule, line, before) : clientCertFix(rule, line);
  return added === undefined ? diagnostic : { ...diagnostic, fix: added };
}

/**
 * A rejection in place of a method that the new version does not know. Without the line, a later rule would decide about
 * its connections, perhaps by a weaker way.
 */
function rejectionFix(rule: HbaRule, line: number, before: HbaFile): Fix | undefined {
  // The range is that of one line.
  if (/\n./s.test(rule.text)) return undefined;
  const at = before.entries.indexOf(rule);
  return fixOf(rule, line, 'refuse the clients until the line has another method', () => {
    return before.replace(rule, { method: 'reject', options: [] }).entries[at]!;
  });
}

/** The value that asks for the same certificate in all later versions, in place of a `1` that they refuse. */
function clientCertFix({ text, method }: HbaRule, line: number): Fix | undefined {
  const option = 'clientcert=1';
  const at = text.split('\n')[0]!.search(/(?<=[ \t,])clientcert=1(?=[ \t\r,]|$)/);
  if (at === -1) return undefined;
  // Method cert implies the check of the name, and takes no weaker value.
  const value = method === 'cert' ? 'verify-full' : 'verify-ca';
  const range = { start: { line, column: at + 1 }, end: { line, column: at + 1 + option.length } };
  return { title: `write clientcert=${value}`, range, text: `clientcert=${value}` };
}
