import { appendAll } from '../../append-all.ts';
import { groupBy } from '../../group-by.ts';
import { serializeDatabase, serializeUser } from '../../hba/write/serialize.ts';
import type { PgMajor } from '../../version.ts';
import type { AccessRule } from '../rules/access-rule.ts';
import type { AccessFacts } from '../rules/facts.ts';
import { weaknessRank } from '../rules/outcome.ts';
import { isWide } from '../rules/rule-address.ts';
import { transportsIn } from '../rules/transport.ts';
import { addressAtoms, shownAddresses } from '../space/address-atom.ts';
import type { AccessRow } from './access-row.ts';
import { isSameList, JoinedRows } from './joined-rows.ts';
import { RowSeparators } from './row-separators.ts';

/**
 * The number of rules from which rules of the same form share one table row. Rules have the same form if they differ
 * only in the digits of their names, in their networks and in the values of their options.
 */
const foldFrom = 5;

/** A rule and its own table row. */
interface ShownRule {
  readonly rule: AccessRule;
  readonly row: AccessRow;
}

/**
 * Returns the table rows for a list of rules. Rows with the weakest authentication come first, and rejections come
 * last.
 */
export function rowsOf(list: readonly AccessRule[], version: PgMajor, facts: AccessFacts): readonly AccessRow[] {
  const separators = new RowSeparators(list, facts);
  const rules = list.map((rule): ShownRule => ({ rule, row: rowOf(rule, version) }));
  const folded = new Set<ShownRule>();
  const rows: AccessRow[] = [];
  for (const group of groupBy(rules, formOf).values()) {
    if (group.length < foldFrom) continue;
    for (const part of partsOf(group, separators)) {
      if (part.length < foldFrom) continue;
      for (const rule of part) folded.add(rule);
      rows.push(foldedRow(part));
    }
  }
  const single = rules.filter((rule) => !folded.has(rule));
  const joined = new JoinedRows((first, later) => !separators.areBetween(single[first]!.rule, single[later]!.rule));
  for (const { row } of single) joined.add(row);
  appendAll(rows, joined.rows);
  // Among equally weak rows, a row of a single rule comes before a row that sums up many rules. Rows of equal rank are
  // in the order in which the server reads their first rules.
  const order = new Map(list.map((rule, index) => [rule.placed, index]));
  const positionOf = (row: AccessRow): number => order.get(row.rules[0]!)!;
  const rank = (row: AccessRow): number => weaknessRank(row.outcome) + (row.folded === undefined ? 0 : 0.1);
  return rows.sort((a, b) => rank(a) - rank(b) || positionOf(a) - positionOf(b));
}

/** Splits a list of rules of the same form where another rule separates them. */
function partsOf(group: readonly ShownRule[], separators: RowSeparators): readonly (readonly ShownRule[])[] {
  const parts: ShownRule[][] = [];
  for (const each of group) {
    const part = parts.at(-1);
    if (part === undefined || separators.areBetween(part[0]!.rule, each.rule)) parts.push([each]);
    else part.push(each);
  }
  return parts;
}

function rowOf(rule: AccessRule, version: PgMajor): AccessRow {
  return {
    transport: transportsIn(rule.transports),
    from: fromOf(rule),
    databases: rule.databases.map((each) => serializeDatabase(each, version)),
    users: rule.users.map((each) => serializeUser(each, version)),
    outcome: rule.outcome,
    rules: [rule.placed],
  };
}

function fromOf({ address }: AccessRule): readonly string[] {
  return address?.kind === 'all' ? ['all'] : addressAtoms(address, {}).flatMap(shownAddresses);
}

/**
 * Returns a key of the form of a rule. Two rules have the same key if they differ only in the digits of their names, in
 * their networks and in the values of their options.
 */
function formOf({ rule, row }: ShownRule): string {
  const { transports, address, outcome, options } = rule;
  const names = [row.databases.map(formOfName), row.users.map(formOfName)];
  const isVaried = /\d/.test(JSON.stringify([row.databases, row.users])) || address?.kind === 'network';
  return JSON.stringify([
    // A network that is wider than a private network such as 10.0.0.0/8 never shares a row with narrower networks.
    address?.kind === 'network' && isWide(address),
    transports,
    ...names,
    address?.kind,
    outcome,
    options.map(({ name }) => name),
    isVaried ? 0 : rule.index,
  ]);
}

function formOfName(name: string): string {
  return name.replace(/\d+/g, '‹n›');
}

function foldedRow(group: readonly ShownRule[]): AccessRow {
  const { row } = group[0]!;
  const form = (column: 'databases' | 'users'): readonly string[] =>
    group.every((each) => isSameList(each.row[column], row[column])) ? row[column] : row[column].map(formOfName);
  return {
    ...row,
    from: [...new Set(group.flatMap((each) => each.row.from))],
    databases: form('databases'),
    users: form('users'),
    rules: group.flatMap((each) => each.row.rules),
    folded: group.length,
  };
}
