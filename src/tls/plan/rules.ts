import {
  all,
  clientCertOption,
  type HbaDatabase,
  type HbaEntry,
  type HbaFile,
  type HbaRule,
  type HostRule,
  type HostRuleInput,
  type NonEmptyList,
} from '../../hba/index.ts';
import { keyOfRule, normalizeRule } from '../../hba/write/normalize.ts';
import type { Place } from '../../text/lines.ts';
import type { PgMajor } from '../../version.ts';
import { coversRule, mayMatchOverTls, mayMatchUser } from './may-match.ts';
import type { TlsRequest } from './request.ts';

/** The rules of a plan, and the file that holds them. */
export interface PlannedRules {
  /** The file with the rules in it; the same object where they were there already. */
  readonly file: HbaFile;
  /** The rule that asks for the certificate. */
  readonly main: HostRule;
  /** The rule that refuses the user's other connections, where that was asked for. */
  readonly rejecting?: HostRule;
}

/** The rule that lets the user in with a certificate. */
export function certificateRule(
  version: PgMajor,
  user: string,
  database: string,
  { databases = [database], address = all, password }: NonNullable<TlsRequest['rule']> = {},
): HostRuleInput {
  const base = { type: 'hostssl', databases, users: [user], address } as const;
  if (password === undefined) return { ...base, method: 'cert' };
  const { name, value } = clientCertOption('verify-full', version);
  return { ...base, method: password, options: [{ name, value }] };
}

/** The rule that refuses all that the user's certificate rule above it does not take. */
function rejectingRule(user: string): HostRuleInput {
  const databases: NonEmptyList<HbaDatabase> = [all, { keyword: 'replication' }];
  return { type: 'host', databases, users: [user], address: all, method: 'reject' };
}

/**
 * The file with the rule in the place where it decides: the first rule that matches a connection is the only one that
 * counts. So it goes above the first one that might let the same connections in by other means, above those of an
 * included file, and above a rule that rejects everything; but below rules that reject some of them, which stay in force.
 */
export function planRules(
  hba: HbaFile,
  rule: HostRuleInput,
  user: string,
  withoutCertificate: NonNullable<TlsRequest['withoutCertificate']>,
): PlannedRules {
  const rejects = withoutCertificate === 'reject';
  const stands = (entry: HbaEntry): boolean => (rejects ? mayDecideAny(entry, user) : mayDecide(entry, rule, user));
  const { file, entry: main } = ensureAbove(hba, rule, stands, 0);
  if (!rejects) return { file, main };
  const below = file.entries.indexOf(main) + 1;
  const last = ensureAbove(file, rejectingRule(user), (entry) => mayDecideAny(entry, user), below);
  return { file: last.file, main, rejecting: last.entry };
}

/** Puts a rule above the first entry, from an index on, that stands in its way; or finds it there. */
function ensureAbove(
  file: HbaFile,
  rule: HostRuleInput,
  standsInTheWay: (entry: HbaEntry) => boolean,
  from: number,
): { readonly file: HbaFile; readonly entry: HostRule } {
  const { entries } = file;
  const key = keyOfRule(normalizeRule(rule));
  const isTheRule = (entry: HbaEntry): entry is HostRule =>
    entry.kind === 'rule' && keyOfRule(normalizeRule(entry)) === key;
  const end = entries.findIndex((entry, i) => i >= from && !isTheRule(entry) && standsInTheWay(entry));
  const present = entries.slice(from, end === -1 ? undefined : end).find(isTheRule);
  if (present !== undefined) return { file, entry: present };
  // A second rule goes right below the first.
  const place = from > 0 ? { after: entries[from - 1]! } : placeAbove(entries, end);
  const changed = file.insert(rule, place);
  const entry = changed.entries.find((other) => !entries.includes(other) && isTheRule(other));
  return { file: changed, entry: entry as HostRule };
}

/** Above an entry, and above the comment that stands right over it; the file's own heading stays on top. */
function placeAbove(entries: readonly HbaEntry[], index: number): Place<HbaEntry> {
  if (index === -1) return 'end';
  let top = index;
  while (top > 0 && entries[top - 1]!.kind === 'comment') top -= 1;
  return { before: entries[top === 0 ? index : top]! };
}

/** Whether an entry may decide about connections that the rule is for, in a way that the rule has to come before. */
function mayDecide(entry: HbaEntry, rule: HostRuleInput, user: string): boolean {
  if (entry.kind !== 'rule') return entry.kind === 'include' || entry.kind === 'indirect';
  if (!mayMatchOverTls(entry, user, rule.databases)) return false;
  return entry.method !== 'reject' || coversRule(entry, rule, user);
}

/** The same about any connection of the user over TCP. */
function mayDecideAny(entry: HbaEntry, user: string): boolean {
  if (entry.kind !== 'rule') return entry.kind === 'include' || entry.kind === 'indirect';
  if (entry.type === 'local' || !mayMatchUser(entry, user)) return false;
  return entry.method !== 'reject' || isSweeping(entry, user);
}

/** Whether a rule rejects every connection of the user over TLS. */
function isSweeping(entry: HbaRule, user: string): boolean {
  const everything = { type: 'hostssl', databases: [all], users: [user], address: all, method: 'cert' } as const;
  return mayMatchOverTls(entry, user, everything.databases) && coversRule(entry, everything, user);
}
