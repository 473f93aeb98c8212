import { matchDatabase } from '../../../access/match/match-names.ts';
import { type ConnectionTarget, connectionTarget } from '../../../client/bundle/target.ts';
import { parseConnection } from '../../../client/connection/connection-string.ts';
import type { ConfTree } from '../../../conf/tree.ts';
import { PgHostsslError } from '../../../errors.ts';
import type { HbaFile } from '../../../hba/file.ts';
import type { HbaDatabase, HostRule, NonEmptyList } from '../../../hba/rule.ts';
import { invalid } from '../request/invalid.ts';
import type { ExceptionRequest, RuleRequest, TlsRequest } from '../request/request.ts';
import { serverAddress } from '../settings/listening.ts';
import { certificateRule, exceptionRules, ownRules, type PlannedRules, planRules } from './rules.ts';

/** What a request asks for one user of the server: a rule and a certificate. */
export interface Access {
  /** The server, role and database of the user's connection. */
  readonly target: ConnectionTarget;
  /** The user's certificate, if another CA issued it. */
  readonly clientCertificate: TlsRequest['clientCertificate'];
  /** The name of the property of the request that holds the user's certificate from another CA. */
  readonly certificateName: string;
  /** The properties that the request gives for the user's rule. */
  readonly rule: RuleRequest | undefined;
  /** Whether other TCP connections of the user are rejected. */
  readonly withoutCertificate: NonNullable<TlsRequest['withoutCertificate']>;
  /** The connections of the user that need no certificate. */
  readonly exceptions: readonly ExceptionRequest[];
}

/**
 * Returns the access of each user in a request. The user of `connection` comes first.
 *
 * @param settings the settings of the server; they give the host and port that the connection lacks
 * @throws PgHostsslError the codes that begin with `connection-`
 */
export function accessesOf(request: TlsRequest, settings: ConfTree): readonly [Access, ...Access[]] {
  const {
    connection,
    rule,
    withoutCertificate = 'unchanged',
    exceptions = [],
    clientCertificate,
    users = [],
  } = request;
  const target = targetOf(connection, settings);
  const others = users.map(({ user, database = target.database, ...access }, i): Access => {
    return {
      target: connectionTarget({ ...target, user, database }),
      rule: access.rule,
      clientCertificate: access.clientCertificate,
      certificateName: `users[${i}].clientCertificate`,
      withoutCertificate: access.withoutCertificate ?? 'unchanged',
      exceptions: access.exceptions ?? [],
    };
  });
  const certificateName = 'clientCertificate';
  const accesses = [
    { target, rule, withoutCertificate, exceptions, clientCertificate, certificateName },
    ...others,
  ] as const;
  for (const [i, access] of accesses.entries()) assertInDatabases(access, accesses, i === 0 ? '' : `users[${i - 1}].`);
  return accesses;
}

/**
 * Checks that a rule of the request contains the database of a user's connection. Otherwise the bundle of the user
 * would name a database to which the certificate does not let the user in.
 *
 * @throws PgHostsslError `argument-invalid`
 */
function assertInDatabases({ target }: Access, accesses: readonly Access[], at: string): void {
  const { user, database } = target;
  const connection = { database, user, isPhysical: false };
  const isContained = accesses.some(
    (access) =>
      access.target.user === user &&
      databasesOf(access).some((element) => matchDatabase(element, connection, {}) !== false),
  );
  if (isContained || accesses.some((access) => access.target.user === user && isForReplication(access))) return;
  const name = JSON.stringify(database);
  const place = at === '' ? 'the connection' : at.slice(0, -1);
  throw invalid(
    `${at}rule.databases`,
    `does not contain ${name}, the database of the connection of ${JSON.stringify(user)}`,
    `Add ${name}, or give one of these databases as the database of ${place}. Every database is \`all\` of pg-hostssl, not the text 'all'.`,
  );
}

function databasesOf({ rule, target }: Access): NonEmptyList<HbaDatabase> {
  return rule?.databases ?? [target.database];
}

/** Whether the rule of an access contains physical replication and not the database of the user's connection. */
export function isForReplication(access: Access): boolean {
  const { user, database } = access.target;
  const databases = databasesOf(access);
  return (
    databases.some((element) => matchDatabase(element, { database, user, isPhysical: true }, {}) === true) &&
    !databases.some((element) => matchDatabase(element, { database, user, isPhysical: false }, {}) !== false)
  );
}

/** Whether a rule of an access asks for a password. */
export function mayAskPassword({ rule, exceptions }: Access): boolean {
  return rule?.password !== undefined || exceptions.length > 0;
}

function targetOf(connection: TlsRequest['connection'], settings: ConfTree): ConnectionTarget {
  const defaults = serverAddress(settings);
  if (typeof connection === 'string') return parseConnection(connection, defaults);
  const { host = defaults.host, port = defaults.port, ...parts } = connection;
  if (host !== undefined) return connectionTarget({ ...parts, host, port });
  throw new PgHostsslError(
    'connection-host-invalid',
    'The connection names no host, and listen_addresses names none either',
    {
      hint: 'Give the host name or address at which clients reach the server.',
    },
  );
}

/** The rules that a plan needs for all users of a request. */
export interface AllRules {
  /** The pg_hba.conf with the rules for all users. */
  readonly file: HbaFile;
  /** The rules for each user, as entries of `file`. */
  readonly rules: readonly PlannedRules[];
  /** The rules of all users, in the order of the file. */
  readonly entries: readonly HostRule[];
}

/**
 * Inserts the rules for all users into pg_hba.conf, above the rules that would otherwise decide about the same
 * connections. If a user has several entries in the request and one has `withoutCertificate: 'reject'`, the other
 * connections of the user are rejected.
 */
export function planAllRules(hba: HbaFile, accesses: readonly Access[]): AllRules {
  let file = hba;
  const planned = new Map<Access, PlannedRules>();
  for (const user of new Set(accesses.map(({ target }) => target.user))) {
    const own = accesses.filter(({ target }) => target.user === user);
    const wanted = own.map(({ target, rule }) => certificateRule(file.version, user, target.database, rule));
    const rejects = own.some(({ withoutCertificate }) => withoutCertificate === 'reject');
    const exceptions = own.flatMap(({ target, exceptions }) => exceptionRules(user, target.database, exceptions));
    const rules = planRules(file, { user, wanted, exceptions, rejects });
    for (const [i, access] of own.entries()) planned.set(access, rules[i]!);
    file = rules[0]!.file;
  }
  const rules = accesses.map((access) => ({ ...planned.get(access)!, file }));
  const entries = rules.flatMap(ownRules);
  return { file, rules, entries: file.entries.filter((entry) => entries.includes(entry as HostRule)) as HostRule[] };
}
