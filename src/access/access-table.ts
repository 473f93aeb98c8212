import type { HbaFile } from '../hba/index.ts';
import type { FileRefused } from './match/match-rule.ts';
import { findUnreachable } from './reach/find-unreachable.ts';
import { RejectionFinder } from './reach/rejection-finder.ts';
import { type AccessRow, rowsOf } from './report/access-row.ts';
import { markdownOf } from './report/markdown.ts';
import { type AccessFacts, assertFacts } from './rules/facts.ts';
import { type AccessInput, inputOf } from './rules/input.ts';
import { readRules, refusalOf } from './rules/read-rules.ts';
import { analysisOf } from './space/analysis.ts';

/** Who can come in how, and from where. */
export type AccessTable =
  | {
      /** The server takes the file. */
      readonly kind: 'table';
      /** The ways in, weakest first, then rejections. The row whose line comes first decides about a connection of several. */
      readonly rows: readonly AccessRow[];
      /** The rows as a Markdown table. */
      toMarkdown(): string;
    }
  | FileRefused;

/**
 * Who can come in how, and from where: the rules that let somebody in and that some connection reaches, in words, and the
 * rejections that refuse somebody whom a later rule would let in. Rules that differ in their addresses alone are joined, and
 * many rules of one form are folded into one row. An included file that was not read has a row with the outcome `unknown`.
 *
 * @param input the files
 * @param facts what the files do not tell
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { accessTable } from 'pg-hostssl/access';
 * import { HbaFile } from 'pg-hostssl/hba';
 *
 * const table = accessTable(HbaFile.parse('local all all peer\nhost all all 127.0.0.1/32 scram-sha-256\n'));
 * assert.ok(table.kind === 'table');
 * assert.match(table.toMarkdown(), /\| this machine, 127\.0\.0\.1 \| with or without TLS \| all \| all \| password \(SCRAM\) \| 2 \|/);
 * ```
 */
export function accessTable(input: AccessInput | HbaFile, facts: AccessFacts = {}): AccessTable {
  const files = inputOf(input, 'the input of accessTable');
  assertFacts(facts);
  const diagnostics = refusalOf(files);
  if (diagnostics !== undefined) return { kind: 'file-refused', diagnostics };
  const analysis = analysisOf(readRules(files, facts));
  const certain = findUnreachable(analysis).filter(({ certainty }) => certainty === 'certain');
  const unreached = new Set(certain.map(({ rule }) => rule));
  const reached = analysis.list.rules.filter((rule) => !unreached.has(rule));
  const finder = new RejectionFinder(analysis, reached);
  const rules = reached.filter((rule) => rule.outcome.kind !== 'refused' || finder.takes(rule));
  const rows = rowsOf(rules, analysis.list.version);
  return { kind: 'table', rows, toMarkdown: () => markdownOf(rows) };
}
