import type { HbaFile } from '../hba/file.ts';
import type { FileRefused } from './match/match-rule.ts';
import { findUnreachable } from './reach/find-unreachable.ts';
import { RejectionFinder } from './reach/rejection-finder.ts';
import type { AccessRow } from './report/access-row.ts';
import { markdownOf } from './report/markdown.ts';
import { rowsOf } from './report/table-rows.ts';
import type { AccessRule, PlacedRule } from './rules/access-rule.ts';
import { type AccessFacts, assertFacts } from './rules/facts.ts';
import { type AccessInput, inputOf } from './rules/input.ts';
import { readRules, refusalOf } from './rules/read-rules.ts';
import { analysisOf } from './space/analysis.ts';

/** A table of who can connect to a server, from where, and by which method. */
export type AccessTable =
  | {
      /** The server accepts the files. */
      readonly kind: 'table';
      /**
       * The rows: those that let connections in, the weakest authentication first, then the rejections. If several rows
       * match a connection, the row with the rule that the server reads first decides.
       */
      readonly rows: readonly AccessRow[];
      /**
       * The rows as a Markdown table. If there are included files, the table names the file of each rule, and its last
       * column has the position of each row's first rule in the order in which the server reads the rules. If every
       * included file was read, this is `rule_number` of pg_hba_file_rules.
       */
      toMarkdown(): string;
    }
  | FileRefused;

/**
 * Returns a table of who can connect to a server, from where, and by which method. The table lists the rules that let a
 * connection in and are reachable, and the rejections that refuse a connection which a later rule would let in. Rules
 * that differ only in their addresses share a row. Five or more rules also share a row if they differ only in the
 * digits of their names, in their networks and in the values of their options. Rules share no row if a rule between
 * them decides some of their connections in another way. An included file that was not read has a row with the outcome
 * `unknown`.
 *
 * @param input the authentication files of the server
 * @param facts facts about the server that are not in the files
 * @throws PgHostsslError `argument-invalid` for a value of the wrong kind
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
  const rules = reached.filter((rule) => rule.outcome.kind !== 'refused' || finder.refusesForLater(rule));
  const rows = rowsOf(rules, analysis.list.version, facts);
  const { rules: all } = analysis.list;
  return { kind: 'table', rows, toMarkdown: () => markdownOf(rows, positionsOf(all)) };
}

/** The positions of rules in the order in which the server reads them; `undefined` if there are no included files. */
function positionsOf(rules: readonly AccessRule[]): ReadonlyMap<PlacedRule, number> | undefined {
  if (!rules.some(({ entry }) => entry.kind === 'include')) return undefined;
  return new Map(rules.map(({ placed, index }) => [placed, index + 1]));
}
