import { aboveComment } from '../../../access/place/above-comment.ts';
import { isSameRule } from '../../../access/place/same-rule.ts';
import type { AccessRule } from '../../../access/rules/access-rule.ts';
import { readRules } from '../../../access/rules/read-rules.ts';
import { serverFacts } from '../../../conf/server/server-facts.ts';
import type { ConfTree } from '../../../conf/tree.ts';
import { includeReaders } from '../../../disk/included-files.ts';
import { PgHostsslError } from '../../../errors.ts';
import { type HbaEntry, HbaFile } from '../../../hba/file.ts';
import { all, type HbaRuleInput, type HostRule, type HostRuleInput } from '../../../hba/rule.ts';
import { clientCertOption } from '../../../hba/tables/client-cert.ts';
import type { PgMajor } from '../../../version.ts';
import type { ServerState } from '../../state.ts';
import { invalid } from '../request/invalid.ts';
import type { ExceptionRequest, TlsRequest } from '../request/request.ts';
import { assertAccepted } from '../settings/accepted.ts';
import { connectionsOf, overSocket, overTcp, rejectingAllOf } from './rule-reach.ts';

/** The rules of a plan, with the file that contains them. */
export interface PlannedRules {
  /** The pg_hba.conf with the rules. If the file before the plan had the rules already, the same object is returned. */
  readonly file: HbaFile;
  /** The rule that demands the certificate. */
  readonly main: HostRule;
  /** The rule that rejects the user's other connections, if the request has `withoutCertificate: 'reject'`. */
  readonly rejecting?: HostRule;
  /** The rules that let the user in with a password and without a certificate, because the request has exceptions. */
  readonly exceptions: readonly HostRule[];
}

/** The entries of the file that are rules of the plan. */
export function ownRules({ main, rejecting, exceptions }: PlannedRules): readonly HostRule[] {
  return [...exceptions, main, ...(rejecting === undefined ? [] : [rejecting])];
}

/**
 * Parses pg_hba.conf for a server with TLS on and with `ssl_ca_file`, and checks that the server accepts the file.
 *
 * @throws PgHostsslError `hba-refused` if the server refuses one of the files
 */
export function acceptedHba(server: ServerState, settings: ConfTree): HbaFile {
  const { version, hba, owner, included } = server;
  const facts = { ...serverFacts(settings), ssl: true, sslCa: true };
  const file = HbaFile.parse(hba.content(), { version, file: hba.path, server: facts, ...includeReaders(included) });
  assertAccepted('hba-refused', [hba, ...(included?.files ?? [])], owner, file.diagnostics);
  return file;
}

/**
 * Checks that a rule that names a user decides about the user who connects by this name.
 *
 * @throws PgHostsslError `plan-refused`
 */
export function assertNoNamespace(settings: ConfTree): void {
  if (serverFacts(settings).dbUserNamespace !== true) return;
  const { file, line } = settings.effective('db_user_namespace') ?? {};
  throw new PgHostsslError(
    'plan-refused',
    'db_user_namespace is on: the server appends the database to the user name of a client, so no rule of this plan would match',
    { file: file?.options.file, line, hint: 'Nothing was planned. Set db_user_namespace = off, then plan again.' },
  );
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

/** The rules that let the user in with a password and without a certificate. */
export function exceptionRules(
  user: string,
  database: string,
  exceptions: readonly ExceptionRequest[],
): readonly HostRuleInput[] {
  return exceptions.map(({ type = 'hostssl', databases = [database], address, password }) => {
    return { type, databases, users: [user], address, method: password };
  });
}

/** The rules that a plan needs for one user. */
export interface WantedRules {
  readonly user: string;
  /** The rules that demand the certificate. */
  readonly wanted: readonly HostRuleInput[];
  /** The rules that let the user in without a certificate. */
  readonly exceptions: readonly HostRuleInput[];
  /** Whether all other TCP connections of the user are rejected. */
  readonly rejects: boolean;
}

/**
 * Inserts the rules of a user into pg_hba.conf. The server uses the first rule that matches a connection. A rule is
 * therefore inserted above three kinds of entries: the first rule that may let the same connections in by other means,
 * an include line whose file was not read, and a rule that, together with the rules above it, rejects all of the
 * connections. Rules that reject only some of the connections stay above the inserted rule and keep their effect. The
 * rules of exceptions are inserted above the rules that demand the certificate.
 *
 * @throws PgHostsslError `argument-invalid` if the exceptions contain all connections of a rule that demands the
 * certificate
 * @returns for each wanted rule, its entry in the new file; the new file has all of the rules
 */
export function planRules(hba: HbaFile, { user, wanted, exceptions, rejects }: WantedRules): readonly PlannedRules[] {
  const rejecting = overTcp(user);
  const own = [...wanted, ...exceptions];
  let file = hba;
  for (const rule of wanted) file = ensureDeciding(file, rule, { claimed: rejects ? rejecting : rule, own });
  for (const rule of exceptions) file = ensureDeciding(file, rule, { own: exceptions, above: wanted });
  const indexOf = (rule: HbaRuleInput, from: number): number =>
    file.entries.findIndex((entry, i) => i >= from && entry.kind === 'rule' && isSameRule(entry, rule));
  const indexes = wanted.map((rule) => indexOf(rule, 0));
  const below = indexes.reduce((last, index) => Math.max(last, index), -1) + 1;
  if (rejects) file = ensureDeciding(file, rejecting, { from: below });
  const excepted = exceptions.map((rule) => file.entries[indexOf(rule, 0)] as HostRule);
  for (const rule of wanted) assertNotExcepted(rule, file, excepted);
  return indexes.map((index) => ({
    file,
    main: file.entries[index] as HostRule,
    exceptions: excepted,
    ...(rejects && { rejecting: file.entries[indexOf(rejecting, below)] as HostRule }),
  }));
}

/** Checks that a rule decides about connections that no exception contains. */
function assertNotExcepted(rule: HostRuleInput, file: HbaFile, exceptions: readonly HostRule[]): void {
  if (exceptions.length === 0) return;
  const rules = readRules({ hba: file }).rules.filter(({ entry }) => exceptions.includes(entry as HostRule));
  if (!connectionsOf(rule, file).isCoveredByAll(rules)) return;
  throw invalid(
    'exceptions',
    'contains all connections of the rule, so the server would never ask for the certificate',
  );
}

/** Inserts rules that reject a user over TCP and over the Unix socket, above all rules that let the user in. */
export function rejectUser(hba: HbaFile, user: string): HbaFile {
  return [overTcp(user), overSocket(user)].reduce((file, rule) => ensureDeciding(file, rule, {}), hba);
}

/** The place of a rule in a file, relative to other rules. */
interface PlaceOfRule {
  /** The connections, as a rule, that no other rule above the new rule may let in; those of the new rule by default. */
  readonly claimed?: HbaRuleInput;
  /** The index of the entry from which on the new rule may be inserted; 0 by default. */
  readonly from?: number;
  /** Further rules of the plan, which may be above the new rule. */
  readonly own?: readonly HbaRuleInput[];
  /** Rules of the plan that must be below the new rule. */
  readonly above?: readonly HbaRuleInput[];
}

/**
 * Inserts a rule above the first entry that would otherwise decide about its connections. If the file already has the
 * rule above that entry, nothing is inserted.
 */
function ensureDeciding(
  file: HbaFile,
  rule: HbaRuleInput,
  { claimed = rule, from = 0, own = [], above = [] }: PlaceOfRule,
): HbaFile {
  const { entries } = file;
  const isSame = (entry: HbaEntry, other: HbaRuleInput): boolean => entry.kind === 'rule' && isSameRule(entry, other);
  const isTheRule = (entry: HbaEntry): boolean => isSame(entry, rule);
  const isPassed = (entry: HbaEntry): boolean => isTheRule(entry) || own.some((other) => isSame(entry, other));
  const deciding = firstDeciding(file, rule, claimed, (entry, i) => i < from || isPassed(entry));
  const limit = entries.findIndex((entry) => above.some((other) => isSame(entry, other)));
  const end = limit === -1 ? deciding : Math.min(deciding, limit);
  if (entries.some((entry, i) => i >= from && i < end && isTheRule(entry))) return file;
  // The rejecting rule goes directly below the certificate rule.
  return file.insert(rule, from > 0 ? { after: entries[from - 1]! } : aboveComment(entries, end));
}

/**
 * The index of the entry above which the rule must be inserted: the first entry that decides about connections of
 * `claimed`.
 */
function firstDeciding(
  file: HbaFile,
  rule: HbaRuleInput,
  claimed: HbaRuleInput,
  isPassed: (entry: HbaEntry, index: number) => boolean,
): number {
  const { entries } = file;
  const positions = new Map(entries.map((entry, i) => [entry, i]));
  const passed = entries.map(isPassed);
  const positionOf = ({ entry }: AccessRule): number => positions.get(entry)!;
  const deciding = connectionsOf(claimed, file)
    .overlaps.filter(({ decides }) => decides)
    .map((overlap) => overlap.rule)
    .filter((other) => !passed[positionOf(other)]);
  const wayIn = deciding.findIndex((other) => other.rule === undefined || other.outcome.kind !== 'refused');
  const rejections = wayIn === -1 ? deciding : deciding.slice(0, wayIn);
  const last = rejectingAllOf(rule, file)(rejections) ?? deciding[wayIn];
  return last === undefined ? entries.length : positionOf(last);
}
