import { assertList, assertProperties, shownValue } from '../arguments.ts';
import { type DiagnosticCode, diagnosticCodes } from '../codes.ts';
import { PgHostsslError } from '../errors.ts';
import type { HbaFile } from '../hba/file.ts';
import { type Diagnostic, isError } from '../text/diagnostic.ts';
import { countLineEnds } from '../text/position.ts';
import { allows, diagnosticOf } from './lint/finding.ts';
import { LintContext } from './lint/lint-context.ts';
import { lintMaps } from './lint/map-lints.ts';
import { lintCrossing, lintRules } from './lint/rule-lints.ts';
import { type AccessFacts, assertFacts } from './rules/facts.ts';
import { type AccessInput, inputOf } from './rules/input.ts';
import { readMappings } from './rules/read-mappings.ts';
import { readRules } from './rules/read-rules.ts';

/** Options of {@link lintAccess}. */
export interface LintOptions {
  /** Codes of diagnostics to leave out. Errors are always reported. */
  readonly off?: readonly DiagnosticCode[] | undefined;
  /** Facts about the server that are not in the files. */
  readonly facts?: AccessFacts | undefined;
}

/**
 * Returns the diagnostics of the files, and diagnostics about the connections that the rules let in: unreachable rules,
 * weak methods for other machines, undefined maps, pitfalls of pg_ident.conf. A comment `# pg-hostssl: allow CODE` on a
 * line marks a diagnostic of that line as suppressed.
 *
 * @param input the authentication files of the server
 * @param options codes to leave out, and facts
 * @returns all diagnostics; if the server refuses a file, only the diagnostics of the files
 * @throws PgHostsslError `argument-invalid` for an unknown code
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { lintAccess } from 'pg-hostssl/access';
 * import { HbaFile } from 'pg-hostssl/hba';
 *
 * const hba = HbaFile.parse('host app all 10.0.0.0/8 trust # pg-hostssl: allow access-trust-remote\n');
 * const [diagnostic] = lintAccess({ hba });
 * assert.deepEqual([diagnostic?.code, diagnostic?.suppressed], ['access-trust-remote', true]);
 * ```
 */
export function lintAccess(input: AccessInput | HbaFile, options: LintOptions = {}): readonly Diagnostic[] {
  const files = inputOf(input, 'the input of lintAccess');
  assertProperties(options, { off: true, facts: true }, 'options of lintAccess');
  const { off = [], facts = {} } = options;
  assertList(off, 'off of lintAccess');
  assertFacts(facts);
  for (const code of off) {
    if (!Object.hasOwn(diagnosticCodes, code))
      throw new PgHostsslError('argument-invalid', `off names the unknown code ${shownValue(code)}`);
  }
  const own = ofFiles(files);
  const isRefused = files.hba.diagnostics.some(isError);
  const diagnostics = isRefused ? own : [...own, ...ofAccess(files, facts)];
  return diagnostics.filter((each) => isError(each) || !off.includes(each.code));
}

function ofAccess(input: AccessInput, facts: AccessFacts): Diagnostic[] {
  const context = new LintContext(input, facts);
  return [...lintRules(context), ...lintCrossing(context), ...lintMaps(context)].map(diagnosticOf);
}

/** Returns the diagnostics of the files. A diagnostic that a comment allows is marked as suppressed. */
function ofFiles({ hba, ident }: AccessInput): Diagnostic[] {
  const comments = new Map<string, string | undefined>();
  // A diagnostic can begin on any physical line of a rule, so the comment of the rule is stored for each of its
  // physical lines.
  const note = (
    place: string,
    line: number,
    { text, comment }: { readonly text: string; readonly comment?: string | undefined },
  ): void => {
    for (let i = 0; i <= countLineEnds(text.replace(/\n$/, '')); i++) comments.set(`${place} ${line + i}`, comment);
  };
  for (const { placed } of readRules({ hba }).rules) {
    const { rule, file, line } = placed;
    if (rule !== undefined) note(`hba ${file}`, line, rule);
  }
  for (const each of ident === undefined ? [] : readMappings(ident)) {
    if (each.kind === 'record') note(`ident ${each.file}`, each.line, each.entry);
  }
  const marked = (diagnostic: Diagnostic, kind: string): Diagnostic => {
    const comment = comments.get(`${kind} ${diagnostic.file} ${diagnostic.range.start.line}`);
    const isAllowed = !isError(diagnostic) && allows(comment, diagnostic.code);
    return isAllowed ? { ...diagnostic, suppressed: true } : diagnostic;
  };
  return [
    ...hba.diagnostics.map((each) => marked(each, 'hba')),
    ...(ident?.diagnostics ?? []).map((each) => marked(each, 'ident')),
  ];
}
