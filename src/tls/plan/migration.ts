import { isSameRule } from '../../access/place/same-rule.ts';
import { PgHostsslError } from '../../errors.ts';
import type { HbaFile } from '../../hba/file.ts';
import type { HbaRuleInput } from '../../hba/rule.ts';
import type { Diagnostic } from '../../text/diagnostic.ts';
import { requestOfMigration } from './check/check-lifecycle-requests.ts';
import { planAccess } from './client-certificates.ts';
import type { TlsPlan } from './data/plan-data.ts';
import { planDiagnostic } from './plan-diagnostic.ts';
import type { MigrationRequest } from './request/lifecycle-requests.ts';
import { dated } from './request/moment.ts';
import type { TlsRequest } from './request/request.ts';
import { assemblePlan } from './result/assemble.ts';
import { accessesOf } from './rules/access.ts';
import { placeOfRule } from './rules/rule-diagnostics.ts';
import { decidingRules, overTcp } from './rules/rule-reach.ts';
import { acceptedHba, certificateRule, exceptionRules } from './rules/rules.ts';
import { acceptedSettings, presentPaths } from './settings/settings.ts';
import { usersOf } from './summary.ts';

/**
 * Plans how a user moves from a password to a certificate: two steps forward, and one step back. PostgreSQL has no rule
 * that accepts either a password or a certificate. The step `offer` therefore only gives the client its certificate,
 * and the step `require` makes the server demand it. The step `back` removes each rule that is equivalent to a rule of
 * the step `require`, even if that rule existed before. Give the same `rule`, `exceptions` and `users` as in the step
 * `require`: a diagnostic names each other rule that still demands a certificate of the user.
 *
 * @returns the plan of the step
 * @throws PgHostsslError the codes of {@link planClientCertificates}; `hba-refused` also if pg_hba.conf would have no
 * rule after the step `back`
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { CertificateAuthority } from 'pg-hostssl/pki';
 * import { fileState, planMigration } from 'pg-hostssl/tls';
 *
 * const request = {
 *   server: {
 *     version: 18,
 *     dataDirectory: '/data',
 *     conf: fileState('/data/postgresql.conf', "listen_addresses = '*'\n"),
 *     hba: fileState('/data/pg_hba.conf', 'host all all all scram-sha-256\n'),
 *     certificate: { path: '/data/server.crt' },
 *     privateKey: { path: '/data/server.key' },
 *     ca: { path: '/data/root.crt' },
 *   },
 *   authority: await CertificateAuthority.create({ subject: '/CN=Example CA' }),
 *   connection: 'postgresql://webadmin@db.example.com/app',
 * } as const;
 * const offer = await planMigration({ ...request, step: 'offer' });
 * assert.ok(!offer.writes.some(({ path }) => path === '/data/pg_hba.conf'));
 * const required = await planMigration({ ...request, step: 'require' });
 * assert.deepEqual(required.rules.map((rule) => rule.split(/\s+/).at(-1)), ['cert', 'reject']);
 * ```
 */
export async function planMigration(request: MigrationRequest): Promise<TlsPlan> {
  const rest = requestOfMigration(request);
  if (request.step === 'back') return await planWayBack(rest);
  const { withoutCertificate = 'reject' } = rest;
  const users = rest.users?.map((user) => ({ ...user, withoutCertificate: user.withoutCertificate ?? 'reject' }));
  return await planAccess({ ...rest, withoutCertificate, users }, { changesRules: request.step === 'require' });
}

async function planWayBack(request: TlsRequest): Promise<TlsPlan> {
  const { server } = request;
  const settings = acceptedSettings(server);
  const accesses = accessesOf(request, settings);
  const before = acceptedHba(server, settings);
  const own = accesses.flatMap(({ target, rule, exceptions }): readonly HbaRuleInput[] => [
    ...exceptionRules(target.user, target.database, exceptions),
    certificateRule(server.version, target.user, target.database, rule),
    overTcp(target.user),
  ]);
  const planned = before.entries.filter(
    (entry) => entry.kind === 'rule' && own.some((each) => isSameRule(entry, each)),
  );
  const hba = planned.reduce((file, entry) => file.remove(entry), before);
  if (hba.diagnostics.some(({ code }) => code === 'hba-no-entries')) {
    throw new PgHostsslError(
      'hba-refused',
      'The step back would leave no rule, and the server refuses a file without rules',
      {
        file: server.hba.path,
        hint: 'Nothing was planned. Add the rule by which the user is to log in, then plan again.',
      },
    );
  }
  const diagnostics = [...new Set(accesses.map(({ target }) => target.user))].flatMap((user) =>
    stayingRules(hba, before, server.hba.path, user),
  );
  const removed =
    planned.length === 0
      ? 'No rule of the step require is in pg_hba.conf, and'
      : 'Rules of the step require are removed, but';
  const summary =
    diagnostics.length === 0
      ? `The rules that were there before decide again about ${usersOf(accesses)}`
      : `${removed} other rules with a certificate or a rejection still name ${usersOf(accesses)}`;
  return assemblePlan({
    summary,
    server,
    kept: dated(request),
    serverFiles: [],
    hba,
    paths: presentPaths(server),
    diagnostics,
  });
}

/**
 * Warnings about rules that name the user, and that decide about TCP connections with a certificate or by a rejection
 * after the step back. The step `require` may have added them for a request with another `rule`.
 */
function stayingRules(hba: HbaFile, before: HbaFile, path: string, user: string): readonly Diagnostic[] {
  const name = JSON.stringify(user);
  return [...decidingRules(overTcp(user), hba)].flatMap((rule) => {
    const { outcome, users } = rule;
    const isStrict = outcome.kind === 'refused' || (outcome.kind === 'way-in' && outcome.certificate !== 'none');
    if (!isStrict || !users.includes(user)) return [];
    const what = outcome.kind === 'refused' ? 'rejects' : 'demands a certificate of';
    const message = `This rule ${what} ${name}, and stays: it is no rule of this request. If the step require added it, plan the step back with the same \`rule\`, \`exceptions\` and \`users\``;
    const place = placeOfRule(rule, path, (entry) => before.lineNumber(entry));
    return [planDiagnostic(place, 'tls-rule-stays', 'warning', message)];
  });
}
