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

/** The rules of a plan and the file that contains them. */
export interface PlannedRules {
  /** The file with the rules; the same object if it had them before. */
  readonly file: HbaFile;
  /** The rule that asks for the certificate. */
  readonly main: HostRule;
  /** The rule that refuses the user's other connections, if the request has `withoutCertificate: 'reject'`. */
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

/** The rule that refuses all connections of the user that the certificate rule above it does not match. */
function rejectingRule(user: string): HostRuleInput {
  const databases: NonEmptyList<HbaDatabase> = [all, { keyword: 'replication' }];
  return { type: 'host', databases, users: [user], address: all, method: 'reject' };
}

/**
 * Puts the rule where it decides. The server takes the first rule that matches a connection. So the rule goes above the
 * first rule that may let the same connections in by other means, above an include line, and above a rule that rejects all
 * of them. Rules that reject some of them stay above it and keep their effect.
 */
export function planRules(
  hba: HbaFile,
  rule: HostRuleInput,
  user: string,
  withoutCertificate: NonNullable<TlsRequest['withoutCertificate']>,
): PlannedRules {
  const rejects = withoutCertificate === 'reject';
  const decides = (entry: HbaEntry): boolean => (rejects ? mayDecideAny(entry, user) : mayDecide(entry, rule, user));
  const { file, entry: main } = ensureAbove(hba, rule, decides, 0);
  if (!rejects) return { file, main };
  const below = file.entries.indexOf(main) + 1;
  const last = ensureAbove(file, rejectingRule(user), (entry) => mayDecideAny(entry, user), below);
  return { file: last.file, main, rejecting: last.entry };
}

/** Puts a rule above the first entry, from an index on, that decides before it, unless the rule is there already. */
function ensureAbove(
  file: HbaFile,
  rule: HostRuleInput,
  decidesBefore: (entry: HbaEntry) => boolean,
  from: number,
): { readonly file: HbaFile; readonly entry: HostRule } {
  const { entries } = file;
  const key = keyOfRule(normalizeRule(rule));
  const isTheRule = (entry: HbaEntry): entry is HostRule =>
    entry.kind === 'rule' && keyOfRule(normalizeRule(entry)) === key;
  const end = entries.findIndex((entry, i) => i >= from && !isTheRule(entry) && decidesBefore(entry));
  const present = entries.slice(from, end === -1 ? undefined : end).find(isTheRule);
  if (present !== undefined) return { file, entry: present };
  // The rejecting rule goes directly below the certificate rule.
  const place = from > 0 ? { after: entries[from - 1]! } : placeAbove(entries, end);
  const changed = file.insert(rule, place);
  const entry = changed.entries.find((other) => !entries.includes(other) && isTheRule(other));
  return { file: changed, entry: entry as HostRule };
}

/** Above an entry and the comment lines directly above it. Comment lines at the start of the file stay on top. */
function placeAbove(entries: readonly HbaEntry[], index: number): Place<HbaEntry> {
  if (index === -1) return 'end';
  let top = index;
  while (top > 0 && entries[top - 1]!.kind === 'comment') top -= 1;
  return { before: entries[top === 0 ? index : top]! };
}

/** Whether an entry may decide about connections of the rule, so that the rule has to come first. */
function mayDecide(entry: HbaEntry, rule: HostRuleInput, user: string): boolean {
  if (entry.kind !== 'rule') return entry.kind === 'include' || entry.kind === 'indirect';
  if (!mayMatchOverTls(entry, user, rule.databases)) return false;
  return entry.method !== 'reject' || coversRule(entry, rule, user);
}

/** Whether an entry may decide about any connection of the user over TCP, so that the rule has to come first. */
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
