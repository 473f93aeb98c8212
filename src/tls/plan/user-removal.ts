import { readRules } from '../../access/rules/read-rules.ts';
import { findInScope } from '../../access/scope/find-in-scope.ts';
import { analysisOf } from '../../access/space/analysis.ts';
import type { HbaEntry, HbaFile } from '../../hba/file.ts';
import type { HbaUser, NonEmptyList } from '../../hba/rule.ts';
import type { Diagnostic } from '../../text/diagnostic.ts';
import { assertUserRemoval } from './check/check-lifecycle-requests.ts';
import type { TlsPlan } from './data/plan-data.ts';
import { planDiagnostic } from './plan-diagnostic.ts';
import type { UserRemovalRequest } from './request/lifecycle-requests.ts';
import { assemblePlan } from './result/assemble.ts';
import { revocationParts } from './revocation.ts';
import { placeOfRule } from './rules/rule-diagnostics.ts';
import { acceptedHba, rejectUser } from './rules/rules.ts';
import { acceptedSettings, presentPaths } from './settings/settings.ts';

/**
 * Plans that a role can no longer log in. The name of the role is removed from the rules of pg_hba.conf that let it in.
 * Rules for this role alone are removed. Rules that reject the role stay. If no rule is left, the plan adds rules that
 * reject the role, because the server refuses a file without rules. Certificates are revoked if the request says so.
 * The function reads and writes no files. The role itself stays in the database; `DROP ROLE` or `ALTER ROLE … NOLOGIN`
 * is the surest way to end its logins.
 *
 * @returns the plan. A `warning` names each rule that lets the user in after the plan, including rules that decide only
 * because rules above them were removed.
 * @throws PgHostsslError `argument-invalid`; `apply-interrupted`; `hba-refused`, `conf-refused`; `way-in-lost`,
 * `plan-refused`; the codes of {@link planRevocation}
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { fileState, planUserRemoval } from 'pg-hostssl/tls';
 *
 * const hba = 'hostssl app webadmin,batch all cert\nhostssl app webadmin 10.0.0.0/8 cert\nhost all all ::1/128 trust\n';
 * const plan = await planUserRemoval({
 *   server: {
 *     version: 18,
 *     dataDirectory: '/data',
 *     conf: fileState('/data/postgresql.conf', 'ssl = on\n'),
 *     hba: fileState('/data/pg_hba.conf', hba),
 *     certificate: { path: '/data/server.crt' },
 *     privateKey: { path: '/data/server.key' },
 *     ca: { path: '/data/root.crt' },
 *   },
 *   user: 'webadmin',
 * });
 * const changed = new TextDecoder().decode(plan.writes[0]!.content());
 * assert.equal(changed, 'hostssl app batch all cert\nhost all all ::1/128 trust\n');
 * assert.equal(plan.diagnostics[0]?.range.start.line, 3);
 * ```
 */
export async function planUserRemoval(request: UserRemovalRequest): Promise<TlsPlan> {
  assertUserRemoval(request);
  const { server, user, otherRules = 'unchanged', revocation, now } = request;
  const settings = acceptedSettings(server);
  const before = acceptedHba(server, settings);
  const { file, formerEntry } = withoutUser(before, user);
  // If no rule is left, rejecting rules are added, because the server refuses a file without rules, and would keep the
  // former rules.
  const isEmpty = file.diagnostics.some(({ code }) => code === 'hba-no-entries');
  const hba = otherRules === 'reject' || isEmpty ? rejectUser(file, user) : file;
  const revoked = revocation && (await revocationParts({ ...revocation, server, now }, settings));
  return assemblePlan({
    summary: `Removes the ways in of ${JSON.stringify(user)}`,
    server,
    kept: { keep: request.keep, now: revoked?.now ?? now ?? new Date() },
    serverFiles: revoked?.crls.files ?? [],
    ...(revoked && {
      serverDirectories: revoked.crls.directories,
      conf: revoked.conf,
      read: revoked.crls.files.map(({ file }) => file),
    }),
    hba,
    paths: presentPaths(server),
    diagnostics: [
      ...waysIn(user, server.hba.path, { before, planned: hba, formerEntry }),
      ...(revoked?.diagnostics ?? []),
    ],
  });
}

/** A pg_hba.conf from which the rules that let a user in by name have been removed. */
interface WithoutUser {
  readonly file: HbaFile;
  /** For an entry of the planned file, returns the entry that it was before the plan. */
  readonly formerEntry: (entry: HbaEntry) => HbaEntry;
}

function withoutUser(before: HbaFile, user: string): WithoutUser {
  const former = new Map<HbaEntry, HbaEntry>();
  let file = before;
  for (const rule of before.entries) {
    if (rule.kind !== 'rule' || rule.method === 'reject' || !rule.users.includes(user)) continue;
    const [first, ...others] = rule.users.filter((each) => each !== user);
    if (first === undefined) file = file.remove(rule);
    else {
      const index = file.entries.indexOf(rule);
      file = file.replace(rule, { users: [first, ...others] satisfies NonEmptyList<HbaUser> });
      former.set(file.entries[index]!, rule);
    }
  }
  return { file, formerEntry: (entry) => former.get(entry) ?? entry };
}

/**
 * Diagnostics for the rules of the planned file that let the user in. Their line numbers are those of the file before
 * the plan.
 */
function waysIn(
  user: string,
  path: string,
  {
    before,
    planned,
    formerEntry,
  }: Pick<WithoutUser, 'formerEntry'> & { readonly before: HbaFile; readonly planned: HbaFile },
): readonly Diagnostic[] {
  const scope = { users: [{ role: user }], outcome: 'way-in' } as const;
  const found = findInScope(analysisOf(readRules({ hba: planned })), scope);
  const formerly = new Set(findInScope(analysisOf(readRules({ hba: before })), scope).map(({ rule }) => rule?.entry));
  return found.flatMap(({ rule, certain }) => {
    if (rule === undefined) return [];
    const { entry } = rule;
    const place = placeOfRule(rule, path, (each) => before.lineNumber(formerEntry(each)));
    const when = entry.kind === 'include' || formerly.has(formerEntry(entry)) ? 'still ' : '';
    const what = `${when}${certain ? 'lets' : 'may let'} ${JSON.stringify(user)} in`;
    const why = when === '' ? ', since the rules above it go' : '';
    const message =
      rule.rule === undefined
        ? `The plan does not know the rules that this line includes. They may let ${JSON.stringify(user)} in`
        : `This rule ${what}, by method ${rule.method}${why}. Plan with otherRules 'reject', or change the rule`;
    return [planDiagnostic(place, 'tls-still-let-in', 'warning', message)];
  });
}
