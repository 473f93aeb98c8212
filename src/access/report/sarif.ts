import { diagnosticCodes } from '../../codes.ts';
import type { Diagnostic, Severity } from '../../text/diagnostic.ts';
import type { Range } from '../../text/position.ts';
import { assertReportArguments } from './report-arguments.ts';

/** A SARIF log, of the properties that {@link toSarif} fills. */
export interface SarifLog {
  /** The address of the schema. */
  readonly $schema: string;
  /** The version of SARIF. */
  readonly version: '2.1.0';
  /** The one run. */
  readonly runs: readonly object[];
}

const levels: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', info: 'note' };

/**
 * Diagnostics as a SARIF 2.1.0 log, which code scanning of GitHub and others reads. Suppressed diagnostics are marked so.
 *
 * @param diagnostics the diagnostics
 * @param options the path for diagnostics without one; `pg_hba.conf` if not given
 * @throws PgHostsslError `argument-invalid`
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
    /** The path for diagnostics without one. */
    readonly file?: string;
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
  const results = diagnostics.map((each) => ({
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
  const rules = codes.map((id) => ({ id, shortDescription: { text: diagnosticCodes[id] } }));
  return {
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [{ tool: { driver: { name: 'pg-hostssl', rules } }, columnKind: 'utf16CodeUnits', results }],
  };
}

/** A path as URI reference. Two slashes at its start would begin the name of a host; no URI holds a lone surrogate. */
function uriOf(path: string): string {
  const wellFormed = path.replace(/^\/{2,}/, '/').replace(/\p{Surrogate}/gu, '\ufffd');
  return wellFormed.split('/').map(encodeURIComponent).join('/');
}
