import { serializeDatabase, serializeUser } from '../../hba/write/serialize.ts';
import type { PgMajor } from '../../version.ts';
import { type AccessRule, type PlacedRule, placedRule } from '../rules/access-rule.ts';
import { type Outcome, weaknessRank } from '../rules/outcome.ts';
import { isWide } from '../rules/rule-address.ts';
import { type Transport, transportsIn } from '../rules/transport.ts';
import { shownAddresses } from '../scope/scope.ts';
import { addressAtoms } from '../space/address-atom.ts';

/** A way in: who can connect to what, from where, and by which method. */
export interface AccessRow {
  /** The transports of the connections. */
  readonly transport: readonly Transport[];
  /** Networks, host names, `samehost`, `samenet`; `all` for every address; empty for the Unix socket. */
  readonly from: readonly string[];
  /**
   * The databases in the notation of the column; names that look like keywords are quoted. For folded rules, the common
   * form of the names, such as `t‹n›`.
   */
  readonly databases: readonly string[];
  /** The users, in the same notation as the databases. */
  readonly users: readonly string[];
  /** What the server does with the connections. */
  readonly outcome: Outcome;
  /** The rules that the row summarizes. */
  readonly rules: readonly PlacedRule[];
  /** The number of folded rules; missing if no rules were folded. */
  readonly folded?: number;
}

/** The number of rules of one form from which they are folded into one row. */
const foldFrom = 5;

/** A rule and its own table row. */
interface ShownRule {
  readonly rule: AccessRule;
  readonly row: AccessRow;
}

/** Returns the rows of some rules, weakest way in first, and rejections last. */
export function rowsOf(list: readonly AccessRule[], version: PgMajor): readonly AccessRow[] {
  const rules = list.map((rule): ShownRule => ({ rule, row: rowOf(rule, version) }));
  const byForm = new Map<string, ShownRule[]>();
  for (const rule of rules) {
    const key = formOf(rule);
    const group = byForm.get(key);
    if (group === undefined) byForm.set(key, [rule]);
    else group.push(rule);
  }
  const folded = new Set<ShownRule>();
  const rows: AccessRow[] = [];
  for (const group of byForm.values()) {
    if (group.length < foldFrom) continue;
    for (const rule of group) folded.add(rule);
    rows.push(foldedRow(group));
  }
  for (const rule of rules) {
    if (folded.has(rule)) continue;
    const next = rule.row;
    const last = rows.findLastIndex((row) => row.folded === undefined && canJoin(row, next));
    if (last === -1) rows.push(next);
    else rows[last] = join(rows[last]!, next);
  }
  // The sort is stable: ways in that are equally weak stay in file order, and single rules come before folded rules.
  const rank = (row: AccessRow): number => weaknessRank(row.outcome) + (row.folded === undefined ? 0 : 0.1);
  return rows.sort((a, b) => rank(a) - rank(b) || a.rules[0]!.line - b.rules[0]!.line);
}

function rowOf(rule: AccessRule, version: PgMajor): AccessRow {
  return {
    transport: transportsIn(rule.transports),
    from: fromOf(rule),
    databases: rule.databases.map((each) => serializeDatabase(each, version)),
    users: rule.users.map((each) => serializeUser(each, version)),
    outcome: rule.outcome,
    rules: [placedRule(rule)],
  };
}

function fromOf({ address }: AccessRule): readonly string[] {
  return address?.kind === 'all' ? ['all'] : addressAtoms(address, {}).flatMap(shownAddresses);
}

/**
 * Returns whether the next rule differs from a row only in its addresses, or only in users that the next rule includes.
 */
function canJoin(row: AccessRow, next: AccessRow): boolean {
  const isSame = (key: 'transport' | 'databases' | 'users' | 'from'): boolean => same(row[key], next[key]);
  if (!isSame('transport') || JSON.stringify(row.outcome) !== JSON.stringify(next.outcome) || !isSame('databases'))
    return false;
  return isSame('users') || (isSame('from') && next.users.includes('all'));
}

function join(row: AccessRow, next: AccessRow): AccessRow {
  return {
    ...row,
    from: [...new Set([...row.from, ...next.from])],
    users: next.users,
    rules: [...row.rules, ...next.rules],
  };
}

function same(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((each, i) => each === b[i]);
}

/**
 * Returns a text that is equal for rules whose columns have the same form. Names are compared without their digits,
 * networks by their size.
 */
function formOf({ rule, row }: ShownRule): string {
  const { transports, address, outcome, options } = rule;
  const names = [row.databases.map(formOfName), row.users.map(formOfName)];
  const isVaried = /\d/.test(JSON.stringify([row.databases, row.users])) || address?.kind === 'network';
  return JSON.stringify([
    // A network that is wider than a private network is never folded with narrower networks.
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
    group.every((each) => same(each.row[column], row[column])) ? row[column] : row[column].map(formOfName);
  return {
    ...row,
    from: [...new Set(group.flatMap((each) => each.row.from))],
    databases: form('databases'),
    users: form('users'),
    rules: group.flatMap((each) => each.row.rules),
    folded: group.length,
  };
}
