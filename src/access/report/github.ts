import type { Diagnostic, Severity } from '../../text/diagnostic.ts';
import { distinct } from './distinct.ts';
import { assertReportArguments } from './report-arguments.ts';

const commands: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', info: 'notice' };

/**
 * Formats diagnostics as workflow commands, with which a GitHub workflow annotates files. Suppressed diagnostics are
 * left out. A diagnostic that is given twice, for example by `configuration.diagnostics` and `lintAccess`, is reported
 * once.
 *
 * @param diagnostics the diagnostics
 * @param options `file` is the path for diagnostics without a path; `pg_hba.conf` by default
 * @returns one line for each diagnostic; the workflow must print the lines
 * @throws PgHostsslError `argument-invalid` for values of the wrong kind
 * @see https://docs.github.com/actions/reference/workflow-commands-for-github-actions
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { lintAccess, toGithubAnnotations } from 'pg-hostssl/access';
 * import { HbaFile } from 'pg-hostssl/hba';
 *
 * const [line] = toGithubAnnotations(lintAccess(HbaFile.parse('host app all 10.0.0.0/8 trust\n')));
 * assert.match(line!, /^::warning file=pg_hba\.conf,line=1,col=1,endLine=1,endColumn=30,title=access-trust-remote::/);
 * ```
 */
export function toGithubAnnotations(
  diagnostics: readonly Diagnostic[],
  options: {
    /** The path that is shown for diagnostics without a path of their own. */
    readonly file?: string | undefined;
  } = {},
): readonly string[] {
  assertReportArguments(diagnostics, options, 'toGithubAnnotations');
  const { file = 'pg_hba.conf' } = options;
  return distinct(diagnostics).flatMap(({ code, severity, message, range, suppressed, ...place }) => {
    if (suppressed === true) return [];
    const { start, end } = range;
    const properties = {
      file: place.file ?? file,
      line: start.line,
      col: start.column,
      endLine: end.line,
      endColumn: end.column,
      title: code,
    };
    const shown = Object.entries(properties).map(([name, value]) => `${name}=${escapeProperty(String(value))}`);
    return [`::${commands[severity]} ${shown.join(',')}::${escapeData(message)}`];
  });
}

function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
