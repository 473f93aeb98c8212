import type { Diagnostic } from '../../text/diagnostic.ts';
import { type Access, isForReplication, mayAskPassword } from './rules/access.ts';

/**
 * The codes of diagnostics about connections that the server, or a rule above those of the plan, may refuse, or after
 * which the server may not start.
 */
const codesOfRefusedConnections: ReadonlySet<Diagnostic['code']> = new Set([
  'tls-behind-reject',
  'tls-crl-refuses',
  'tls-crl-directory',
  'tls-hosts-file',
  'tls-listens-locally',
  'ssl-key-encrypted',
  'tls-scram-fails',
]);

/** The codes of the diagnostics that say why a connection may fail after the plan, as a text for a person. */
export function mayFail(diagnostics: readonly Diagnostic[]): string | undefined {
  const found = diagnostics.filter(
    ({ code, severity }) =>
      severity === 'error' ||
      (codesOfRefusedConnections.has(code) && (code !== 'tls-behind-reject' || severity === 'warning')),
  );
  return found.length === 0 ? undefined : [...new Set(found.map(({ code }) => code))].join(', ');
}

/**
 * One sentence that says what the plan does. If a diagnostic says that the server may refuse a login, the sentence
 * names the diagnostic.
 */
export function summaryOf(
  [first, ...others]: readonly [Access, ...Access[]],
  { changesRules }: { readonly changesRules: boolean },
  diagnostics: readonly Diagnostic[],
): string {
  const { host, port, database } = first.target;
  const all = [first, ...others];
  // The login of a user by a rule with method `cert` uses no SCRAM.
  const usesScram = !changesRules || all.some(mayAskPassword);
  const why = mayFail(usesScram ? diagnostics : diagnostics.filter(({ code }) => code !== 'tls-scram-fails'));
  const forReplication = all.filter(isForReplication).length;
  const reaches = [
    ...(forReplication < all.length ? ['logs in'] : []),
    ...(forReplication > 0 ? ['connects for physical replication'] : []),
  ];
  const verb = changesRules ? (why === undefined ? reaches.join(' or ') : 'gets a rule') : 'can show who it is';
  const who = others.length === 0 ? usersOf([first]) : `Each of ${usersOf(all)}`;
  const where = all.length === 1 && forReplication === 0 ? `, database ${JSON.stringify(database)}` : '';
  const but = why === undefined ? '' : `, but the connection may fail (${why})`;
  return `${who} ${verb} with a certificate at ${host}:${port}${where}${but}`;
}

/** The names of the users without repetitions. Of more than five users, only the first three are named. */
export function usersOf(accesses: readonly Access[]): string {
  const names = [...new Set(accesses.map(({ target }) => JSON.stringify(target.user)))];
  return names.length > 5 ? `${names.length} users (${names.slice(0, 3).join(', ')}, …)` : names.join(', ');
}
