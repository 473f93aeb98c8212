import { type ConnectionTarget, connectionTarget, parseConnectionString } from '../../client/index.ts';
import type { HbaFile, HostRule } from '../../hba/index.ts';
import type { RuleRequest, TlsRequest } from './request.ts';
import { certificateRule, type PlannedRules, planRules } from './rules.ts';

/** The way in of a user that a request asks for. */
export interface Access {
  /** Whom the user connects to. */
  readonly target: ConnectionTarget;
  /** The rule. */
  readonly rule: RuleRequest | undefined;
  /** What happens to other connections of the user over TCP. */
  readonly withoutCertificate: NonNullable<TlsRequest['withoutCertificate']>;
}

/**
 * All ways in of a request, that of its connection first.
 *
 * @throws PgHostsslError `connection-…`
 */
export function accessesOf(request: TlsRequest): readonly [Access, ...Access[]] {
  const { connection, rule, withoutCertificate = 'unchanged', users = [] } = request;
  const target = typeof connection === 'string' ? parseConnectionString(connection) : connectionTarget(connection);
  const others = users.map(({ user, database = target.database, ...access }): Access => {
    const { hostaddr } = target;
    return {
      target: connectionTarget({ host: target.host, ...(hostaddr && { hostaddr }), port: target.port, user, database }),
      rule: access.rule,
      withoutCertificate: access.withoutCertificate ?? 'unchanged',
    };
  });
  return [{ target, rule, withoutCertificate }, ...others];
}

/** The rules of all ways in. */
export interface AllRules {
  /** The file with all of them. */
  readonly file: HbaFile;
  /** The rules of each way in, in that file. */
  readonly rules: readonly PlannedRules[];
  /** The rules of the plan, in the order of the file. */
  readonly entries: readonly HostRule[];
}

/** Puts the rules of all ways in where they decide. If one entry of a user rejects its other connections, it does so for all. */
export function planAllRules(hba: HbaFile, accesses: readonly Access[]): AllRules {
  let file = hba;
  const planned = new Map<Access, PlannedRules>();
  for (const user of new Set(accesses.map(({ target }) => target.user))) {
    const own = accesses.filter(({ target }) => target.user === user);
    const wanted = own.map(({ target, rule }) => certificateRule(file.version, user, target.database, rule));
    const rejects = own.some(({ withoutCertificate }) => withoutCertificate === 'reject');
    const rules = planRules(file, wanted, user, rejects ? 'reject' : 'unchanged');
    for (const [i, access] of own.entries()) planned.set(access, rules[i]!);
    file = rules[0]!.file;
  }
  const rules = accesses.map((access) => ({ ...planned.get(access)!, file }));
  const entries = rules.flatMap(({ main, rejecting }) => (rejecting === undefined ? [main] : [main, rejecting]));
  return { file, rules, entries: file.entries.filter((entry) => entries.includes(entry as HostRule)) as HostRule[] };
}

/** What a plan for these ways in does, in a sentence. */
export function summaryOf([first, ...others]: readonly [Access, ...Access[]], changesRules: boolean): string {
  const { host, port, database } = first.target;
  const verb = changesRules ? 'logs in' : 'can show who it is';
  const who = others.length === 0 ? usersOf([first]) : `Each of ${usersOf([first, ...others])}`;
  const where = others.length === 0 ? `, database ${JSON.stringify(database)}` : '';
  return `${who} ${verb} with a certificate at ${host}:${port}${where}`;
}

/** The names of the users, each once. */
export function usersOf(accesses: readonly Access[]): string {
  return [...new Set(accesses.map(({ target }) => JSON.stringify(target.user)))].join(', ');
}
