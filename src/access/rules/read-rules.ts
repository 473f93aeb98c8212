import type { ExpandedRecord } from '../../auth-file/expanded-records.ts';
import { bytesOfName, maxNameBytes } from '../../c/names.ts';
import type { HbaFile } from '../../hba/file.ts';
import { optionValue } from '../../hba/read/option.ts';
import { all, type HbaDatabase, type HbaOption, type HbaRule, type HbaUser } from '../../hba/rule.ts';
import { demandedCertificate } from '../../hba/tables/client-cert.ts';
import { usedMethod } from '../../hba/tables/tables.ts';
import type { ServerFacts } from '../../parse-options.ts';
import { type Diagnostic, isError } from '../../text/diagnostic.ts';
import type { PgMajor } from '../../version.ts';
import { regexOf } from '../regex/regex.ts';
import type { AccessRule, PlacedRule } from './access-rule.ts';
import { type AccessFacts, membersOf } from './facts.ts';
import { heldValue } from './held-option.ts';
import {
  type AccessInput,
  ignoresCase,
  isNamespaced,
  krbCaseinsUsers,
  offeredTransports,
  serverFactsOf,
} from './input.ts';
import { mapKey } from './map-key.ts';
import { letsInNone, usersOfMap } from './mapped-users.ts';
import { type Outcome, refused, unknownOutcome } from './outcome.ts';
import { ruleAddress } from './rule-address.ts';
import { type TransportSet, transportsOfType } from './transport.ts';

/**
 * The rules of an input with everything that the computations of `pg-hostssl/access` need. The rules of a file are read
 * only once.
 */
export interface RuleList {
  /** The major version of the server that reads the files. */
  readonly version: PgMajor;
  /** The rules in the order in which the server tries them. */
  readonly rules: readonly AccessRule[];
  /** The transports that the server can offer. */
  readonly offered: TransportSet;
  /** The known facts about the server. */
  readonly server: ServerFacts;
  /** The known facts about the roles and the machine. */
  readonly facts: AccessFacts;
}

/** Returns the errors for which a server refuses the whole file; `undefined` if the server accepts the file. */
export function refusalOf({ hba }: AccessInput): readonly Diagnostic[] | undefined {
  const errors = hba.diagnostics.filter(isError);
  return errors.length === 0 ? undefined : errors;
}

/** Returns the errors of existing lines, for which the server refuses the file even if a rule is added. */
export function errorsOfLines(hba: HbaFile): readonly Diagnostic[] {
  return hba.diagnostics.filter((each) => isError(each) && each.code !== 'hba-no-entries');
}

interface KeptList {
  readonly input: AccessInput;
  readonly list: RuleList;
}

/** The last rules of each file alone, and of each file with further files. */
const kept = { alone: new WeakMap<HbaFile, KeptList>(), withOthers: new WeakMap<HbaFile, KeptList>() };

/** Returns the rules of an input. Without facts, the rules of the last input with the same pg_hba.conf are cached. */
export function readRules(input: AccessInput, facts: AccessFacts = {}): RuleList {
  if (Object.values(facts).some((fact) => fact !== undefined)) return readAnew(input, facts);
  const { hba, ident, conf } = input;
  const lists = ident === undefined && conf === undefined ? kept.alone : kept.withOthers;
  const last = lists.get(hba);
  if (last !== undefined && last.input.ident === ident && last.input.conf === conf) return last.list;
  const list = readAnew(input, facts);
  lists.set(hba, { input, list });
  return list;
}

function readAnew(input: AccessInput, facts: AccessFacts): RuleList {
  const { hba } = input;
  const { version } = hba;
  const server = serverFactsOf(input);
  const offered = offeredTransports(input);
  const context: Context = { input, server, offered, facts, outcomeKeys: new Map() };
  const rules = hba
    .expandedRecords()
    .filter(({ kind }) => kind !== 'refused')
    .map((expanded, index) => accessRule(expanded, index, context));
  return { version, rules, offered, server, facts };
}

interface Context {
  readonly input: AccessInput;
  readonly server: ServerFacts;
  readonly offered: TransportSet;
  readonly facts: AccessFacts;
  /**
   * The outcome keys of the rules so far, by method and options as written. The key of a rule contains all mappings of
   * its map, so thousands of rules with one map must share one text.
   */
  readonly outcomeKeys: Map<string, string>;
}

function accessRule(expanded: ExpandedRecord<HbaRule>, index: number, context: Context): AccessRule {
  const { own, file, line, text } = expanded;
  if (expanded.kind !== 'record') {
    return {
      ...unread,
      index,
      entry: own,
      text,
      placed: placedAt(undefined, file, line),
      transports: context.offered,
    };
  }
  const rule = expanded.entry;
  const method = usedMethod(rule.type, rule.method);
  const options = rule.options ?? noOptions;
  const certificate = demandedCertificate(method, optionValue(options, 'clientcert'), context.input.hba.version);
  const users = usersOf(rule, context.facts);
  const outcome = outcomeOf({ method, options, users, certificate }, context);
  const heldOptions = heldOptionsOf(options, outcome, context.input);
  // Here an object literal is many times faster than object spread.
  return {
    index,
    entry: own,
    placed: placedAt(rule, file, line),
    rule,
    text,
    transports: transportsOfType(rule.type) & context.offered,
    databases: databasesOf(rule),
    users,
    address: rule.type === 'local' ? undefined : ruleAddress(rule.address),
    method,
    options,
    certificate,
    outcome,
    heldOptions,
    outcomeKey: sharedOutcomeKey(outcome, heldOptions, options, context),
  };
}

const noOptions: readonly HbaOption[] = [];
const noHeldOptions: ReadonlyMap<string, string> = new Map();

function placedAt(rule: HbaRule | undefined, file: string | undefined, line: number): PlacedRule {
  return file === undefined ? { rule, line } : { rule, file, line };
}

/**
 * The fields of the rule that stands for an included file that was not read. The lines of this file can match any
 * connection.
 */
const unread: Omit<AccessRule, 'index' | 'entry' | 'text' | 'placed' | 'transports'> = {
  rule: undefined,
  databases: [all, { keyword: 'replication' }],
  users: [all],
  address: { kind: 'all' },
  method: 'reject',
  options: [],
  certificate: 'none',
  outcome: unknownOutcome,
  heldOptions: noHeldOptions,
  outcomeKey: 'unknown',
};

function outcomeOf(
  { method, options, users, certificate }: Pick<AccessRule, 'method' | 'options' | 'users' | 'certificate'>,
  { input, server }: Context,
): Outcome {
  if (method === 'reject') return refused;
  // Without a CA file, the server cannot check certificates and refuses each connection that needs one.
  if (certificate !== 'none' && server.sslCa === false) return refused;
  if (letsInNone(usersOfMap({ method, options, certificate }, input), users)) return refused;
  return { kind: 'way-in', method, certificate };
}

/**
 * Returns the options that decide who gets in by a rule, in a normalized form; see `heldOptions` of {@link AccessRule}.
 */
function heldOptionsOf(
  options: readonly HbaOption[],
  outcome: Outcome,
  input: AccessInput,
): ReadonlyMap<string, string> {
  if (outcome.kind !== 'way-in') return noHeldOptions;
  const anyCase = ignoresCase(outcome.method) && krbCaseinsUsers(input) === true;
  // A client then logs in as another role.
  const isOtherRole = isNamespaced(input);
  if (options.length === 0 && !anyCase && !isOtherRole) return noHeldOptions;
  const values = new Map(options.map(({ name, value }) => [name as string, value]));
  values.delete('clientcert');
  // The server compares the certificate's name only with verify-full.
  if (outcome.certificate !== 'verify-full') values.delete('clientname');
  for (const [name, given] of values) {
    const value = heldValue(name, given);
    if (value === undefined) values.delete(name);
    else if (name === 'map' && input.ident !== undefined) values.set(name, mapKey(input.ident, value));
    else values.set(name, value);
  }
  if (anyCase) values.set('krb_caseins_users', 'on');
  if (isOtherRole) values.set('db_user_namespace', 'on');
  return values;
}

function sharedOutcomeKey(
  outcome: Outcome,
  heldOptions: ReadonlyMap<string, string>,
  options: readonly HbaOption[],
  { outcomeKeys }: Context,
): string {
  if (heldOptions.size === 0) return outcomeKey(outcome, heldOptions);
  const written = JSON.stringify([outcome, options.map(({ name, value }) => [name, value])]);
  let key = outcomeKeys.get(written);
  if (key === undefined) {
    key = outcomeKey(outcome, heldOptions);
    outcomeKeys.set(written, key);
  }
  return key;
}

function outcomeKey(outcome: Outcome, heldOptions: ReadonlyMap<string, string>): string {
  if (outcome.kind !== 'way-in') return outcome.kind;
  const { method, certificate } = outcome;
  const level = certificate === 'none' ? method : `${method} ${certificate}`;
  if (heldOptions.size === 0) return level;
  return `${level} ${JSON.stringify([...heldOptions].sort(([a], [b]) => (a < b ? -1 : 1)))}`;
}

function databasesOf({ databases }: HbaRule): readonly HbaDatabase[] {
  if (databases.every(isSimple)) return databases;
  return databases.flatMap((each): readonly HbaDatabase[] => namesIn(each));
}

function usersOf({ users }: HbaRule, facts: AccessFacts): readonly HbaUser[] {
  if (users.every(isSimple)) return users;
  return users.flatMap((each): readonly HbaUser[] => {
    if (typeof each !== 'object' || !('memberOf' in each)) return namesIn(each);
    // No role has an empty name or a name longer than 63 bytes, and a role that does not exist has no members
    // (`is_member`).
    if (!canBeName(each.memberOf)) return [];
    return membersOf(each.memberOf, facts) ?? [each];
  });
}

function isSimple(element: HbaDatabase | HbaUser): boolean {
  if (typeof element !== 'string') return 'keyword' in element;
  // A UTF-16 unit takes at most three bytes in UTF-8.
  return element !== '' && element.length * 3 <= maxNameBytes;
}

/**
 * Returns whether a name in a rule can be the name of a database or a role. The server cuts the names in a connection
 * request to 63 bytes, but not the names in a rule (`ProcessStartupPacket`). A connection request has no empty names:
 * if the database is missing, the server uses the user's name.
 */
function canBeName(name: string): boolean {
  return name !== '' && bytesOfName(name).length <= maxNameBytes;
}

/**
 * Converts a column element. Names that no connection can have are left out, and a regular expression that is a choice
 * of names is replaced by these names.
 */
function namesIn<T extends HbaDatabase | HbaUser>(element: T): readonly (T | string)[] {
  if (typeof element === 'string') return canBeName(element) ? [element] : [];
  if (typeof element !== 'object' || !('regex' in element)) return [element];
  const regex = regexOf(element.regex);
  if (regex !== undefined && regex.minBytes > maxNameBytes) return [];
  return regex?.names?.filter(canBeName) ?? [element];
}
