import { type AccessRule, type PlacedRule, placedRule } from '../rules/access-rule.ts';
import { type Outcome, weaknessRank } from '../rules/outcome.ts';
import { type Transport, transportsIn } from '../rules/transport.ts';
import { shownAddresses, shownDatabase, shownUser } from '../scope/scope.ts';
import { addressAtoms } from '../space/address-atom.ts';

/** A way in: who can connect to what, from where, and by which method. */
export interface AccessRow {
  /** How clients reach the server. */
  readonly transport: readonly Transport[];
  /** Networks, host names, `samehost`, `samenet`; `all` for every address; empty for the Unix socket. */
  readonly from: readonly string[];
  /** The databases as the column has them; of folded rules the common form, as in `t‹n›`. */
  readonly databases: readonly string[];
  /** The users, likewise. */
  readonly users: readonly string[];
  /** What the rule does. */
  readonly outcome: Outcome;
  /** The rules that the row is made of. */
  readonly rules: readonly PlacedRule[];
  /** How many rules of one form were folded, if they were. */
  readonly folded?: number;
}

/** So many rules of one form make one row. */
const foldFrom = 5;

/** The rows of some rules, weakest way in first. */
export function rowsOf(rules: readonly AccessRule[]): readonly AccessRow[] {
  const byForm = new Map<string, AccessRule[]>();
  for (const rule of rules) {
    const key = formOf(rule);
    const group = byForm.get(key);
    if (group === undefined) byForm.set(key, [rule]);
    else group.push(rule);
  }
  const folded = new Set<AccessRule>();
  const rows: AccessRow[] = [];
  for (const group of byForm.values()) {
    if (group.length < foldFrom) continue;
    for (const rule of group) folded.add(rule);
    rows.push(foldedRow(group));
  }
  for (const rule of rules) {
    if (folded.has(rule)) continue;
    const last = rows.findLastIndex((row) => row.folded === undefined && canJoin(row, rule));
    if (last === -1) rows.push(rowOf(rule));
    else rows[last] = join(rows[last]!, rule);
  }
  // The sort is stable: ways in that are equally weak stay in the order of the file, exceptions before folded rules.
  const rank = (row: AccessRow): number => weaknessRank(row.outcome) + (row.folded === undefined ? 0 : 0.1);
  return rows.sort((a, b) => rank(a) - rank(b) || a.rules[0]!.line - b.rules[0]!.line);
}

function rowOf(rule: AccessRule): AccessRow {
  return {
    transport: transportsIn(rule.transports),
    from: fromOf(rule),
    databases: rule.databases.map(shownDatabase),
    users: rule.users.map(shownUser),
    outcome: rule.outcome,
    rules: [placedRule(rule)],
  };
}

function fromOf({ address }: AccessRule): readonly string[] {
  return address?.kind === 'all' ? ['all'] : addressAtoms(address, {}).flatMap(shownAddresses);
}

/** Whether the next rule differs from a row in its addresses, or in users that the rule holds as well. */
function canJoin(row: AccessRow, rule: AccessRule): boolean {
  const next = rowOf(rule);
  const isSame = (key: 'transport' | 'databases' | 'users' | 'from'): boolean => same(row[key], next[key]);
  if (!isSame('transport') || JSON.stringify(row.outcome) !== JSON.stringify(next.outcome) || !isSame('databases'))
    return false;
  return isSame('users') || (isSame('from') && next.users.includes('all'));
}

function join(row: AccessRow, rule: AccessRule): AccessRow {
  const next = rowOf(rule);
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

/** A text that is equal for rules whose columns have the same form: names up to their digits, networks up to their size. */
function formOf(rule: AccessRule): string {
  const { transports, databases, users, address, outcome, options } = rule;
  const names = [databases.map(shownDatabase).map(formOfName), users.map(shownUser).map(formOfName)];
  const isVaried = /\d/.test(JSON.stringify([databases, users])) || address?.kind === 'network';
  return JSON.stringify([
    isWide(rule),
    transports,
    ...names,
    address?.kind,
    outcome,
    options.map(({ name }) => name),
    isVaried ? 0 : rule.index,
  ]);
}

/** Whether a network is wider than a private one: among many of one form it is an exception. */
function isWide({ address }: AccessRule): boolean {
  if (address?.kind !== 'network') return false;
  const { family, start, next } = address.range;
  return Number(next) - Number(start) > (family === 'ipv4' ? 2 ** 24 : 2 ** 96);
}

function formOfName(name: string): string {
  return name.replace(/\d+/g, '‹n›');
}

function foldedRow(group: readonly AccessRule[]): AccessRow {
  const first = group[0]!;
  const from = [...new Set(group.flatMap(fromOf))];
  return {
    transport: transportsIn(first.transports),
    from,
    databases: first.databases
      .map(shownDatabase)
      .map((name) => (isShared(group, 'databases') ? name : formOfName(name))),
    users: first.users.map(shownUser).map((name) => (isShared(group, 'users') ? name : formOfName(name))),
    outcome: first.outcome,
    rules: group.map(placedRule),
    folded: group.length,
  };
}

function isShared(group: readonly AccessRule[], column: 'databases' | 'users'): boolean {
  const key = JSON.stringify(group[0]![column]);
  return group.every((rule) => JSON.stringify(rule[column]) === key);
}
