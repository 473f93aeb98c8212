import { diagnosticCodes } from '../../codes.ts';
import type { Diagnostic, Severity } from '../../text/diagnostic.ts';
import type { Range } from '../../text/position.ts';
import { distinct } from './distinct.ts';
import { assertReportArguments } from './report-arguments.ts';

/** A SARIF log with the properties that {@link toSarif} sets. */
export interface SarifLog {
  /** The address of the JSON Schema of SARIF. */
  readonly $schema: string;
  /** The version of SARIF. */
  readonly version: '2.1.0';
  /** The runs of the tool; a log of `toSarif` has one run. */
  readonly runs: readonly object[];
}

const levels: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', info: 'note' };

/**
 * Formats diagnostics as a SARIF 2.1.0 log, which GitHub code scanning and other tools read. Suppressed diagnostics are
 * marked as suppressed. A diagnostic that is given twice, for example by `configuration.diagnostics` and `lintAccess`,
 * is reported once.
 *
 * @param diagnostics the diagnostics
 * @param options `file` is the path for diagnostics without a path; `pg_hba.conf` by default
 * @throws PgHostsslError `argument-invalid` for values of the wrong kind
 * @see https://docs.oasis-open.org/sarif/sarif/v2.1.0/
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { lintAccess, toSarif } from 'pg-hostssl/access';
 * import { HbaFile } from 'pg-hostssl/hba';
 *
 * const log = toSarif(lintAccess(HbaFile.parse('host app all 10.0.0.0/8 trust\n')));
 * assert.equal(log.version, '2.1.0');
 * assert.match(JSON.stringify(log), /"ruleId":"access-trust-remote"/);
 * ```
 */
export function toSarif(
  diagnostics: readonly Diagnostic[],
  options: {
    /** The path that is shown for diagnostics without a path of their own. */
    readonly file?: string | undefined;
  } = {},
): SarifLog {
  assertReportArguments(diagnostics, options, 'toSarif');
  const { file = 'pg_hba.conf' } = options;
  const codes = [...new Set(diagnostics.map(({ code }) => code))];
  const location = (at: { readonly file?: string; readonly range: Range }): object => ({
    artifactLocation: { uri: uriOf(at.file ?? file) },
    region: {
      startLine: at.range.start.line,
      startColumn: at.range.start.column,
      endLine: at.range.end.line,
      endColumn: at.range.end.column,
    },
  });
  const results = distinct(diagnostics).map((each) => ({
    ruleId: each.code,
    ruleIndex: codes.indexOf(each.code),
    level: levels[each.severity],
    message: { text: each.message },
    locations: [{ physicalLocation: location(each) }],
    ...(each.related === undefined
      ? {}
      : {
          relatedLocations: each.related.map((place, id) => ({
            id,
            message: { text: place.message },
            physicalLocation: location(place),
          })),
        }),
    ...(each.suppressed === true ? { suppressions: [{ kind: 'inSource' }] } : {}),
  }));
  const rules = codes.map((id) => {
    const text = diagnosticCodes[id];
    return { id, shortDescription: { text: firstSentence(text) }, fullDescription: { text } };
  });
  return {
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [{ tool: { driver: { name: 'pg-hostssl', rules } }, columnKind: 'utf16CodeUnits', results }],
  };
}

/** Returns a text up to the end of its first sentence. The dot in a name such as `pg_hba.conf` ends no sentence. */
function firstSentence(text: string): string {
  return /^.*?\.(?= |$)/s.exec(text)?.[0] ?? text;
}

/**
 * Returns a path as a URI reference. Two slashes at the start would begin a host name, so one of these slashes is
 * removed. Lone surrogates are replaced, because a URI cannot contain them.
 */
function uriOf(path: string): string {
  const wellFormed = path.replace(/^\/{2,}/, '/').toWellFormed();
  return wellFormed.split('/').map(encodeURIComponent).join('/');
}
