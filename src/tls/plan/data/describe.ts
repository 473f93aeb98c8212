import { assertProperties } from '../../../arguments.ts';
import { groupBy } from '../../../group-by.ts';
import { withoutControls } from '../../../text/control-characters.ts';
import type { Diagnostic } from '../../../text/diagnostic.ts';
import { assertPlan } from './check-plan.ts';
import type {
  PlannedDirectory,
  PlannedRemoval,
  PlannedWrite,
  Precondition,
  ServerAction,
  TlsPlan,
} from './plan-data.ts';

const actions: Readonly<Record<ServerAction, string>> = {
  none: 'The server needs no reload and no restart.',
  reload: 'Then have the server reload its files, with SELECT pg_reload_conf().',
  restart: 'Then restart the server: this major version reads TLS settings only when it starts.',
};

/** Options of {@link describePlan}. */
export interface DescribePlanOptions {
  /** Whether to list the files and directories that were read for the plan, too. */
  readonly verbose?: boolean | undefined;
}

/**
 * Describes a plan as text for a person. The text shows the paths to which symbolic links lead, but no contents of
 * files. If a line has more than five diagnostics with the same code, such as one for each of many users, the text
 * shows the first of them; `plan.diagnostics` has all.
 *
 * @returns the lines, with a final newline
 * @throws PgHostsslError `argument-invalid` if the argument is not a plan
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { CertificateAuthority } from 'pg-hostssl/pki';
 * import { describePlan, fileState, planClientCertificates } from 'pg-hostssl/tls';
 *
 * const plan = await planClientCertificates({
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
 * });
 * assert.match(describePlan(plan), /create {2}\/data\/server\.key {7}0600 {2}the server's private key/);
 * ```
 */
export function describePlan(plan: TlsPlan, options: DescribePlanOptions = {}): string {
  assertPlan(plan, 'The plan of describePlan');
  assertProperties(options, { verbose: true }, 'the options of describePlan');
  const { summary, version, directories, writes, removals, rules, diagnostics } = plan;
  const rows = [
    ...directories.map((directory) => directoryRow(directory, plan)),
    ...writes.map(writeRow),
    ...removals.map(removalRow),
  ];
  return [
    `PostgreSQL ${version}: ${summary}.`,
    '',
    ...(rows.length === 0 ? ['All files are as planned already.'] : layOut(rows)),
    '',
    ...(rules.length === 0 ? [] : ['These rules of pg_hba.conf decide:', ...rules.map((rule) => `  ${rule}`), '']),
    actions[plan.action],
    ...(options.verbose === true ? ['', 'The plan was made from:', ...plan.preconditions.map(preconditionRow)] : []),
    ...(diagnostics.length === 0 ? [] : ['', ...describeDiagnostics(diagnostics)]),
    '',
  ]
    .map(withoutControls)
    .join('\n');
}

type Row = readonly [what: string, path: string, access: string, comment: string];

function directoryRow({ path, mode, owner }: PlannedDirectory, { clientDirectory }: TlsPlan): Row {
  const what =
    path === clientDirectory ? 'the directory of the client' : 'the directory of certificate revocation lists';
  return ['make', path, access(mode, owner), what];
}

function writeRow({ path, realPath, mode, owner, what, expected }: PlannedWrite): Row {
  const place = realPath === undefined ? path : `${path} -> ${realPath}`;
  return [expected === undefined ? 'create' : 'change', place, access(mode, owner), what];
}

function removalRow({ path, what }: PlannedRemoval): Row {
  return ['remove', path, '', what];
}

function preconditionRow({ path, kind, sha256 }: Precondition): string {
  const content = sha256 === null ? 'missing' : `SHA-256 ${sha256}`;
  return `  ${path}: ${kind === 'directory' ? 'directory, ' : ''}${content}`;
}

function access(mode: number | undefined, owner: PlannedWrite['owner']): string {
  const bits = mode === undefined ? '' : mode.toString(8).padStart(4, '0');
  return owner === undefined ? bits : `${bits} ${owner.uid}:${owner.gid}`;
}

function layOut(rows: readonly Row[]): string[] {
  // The owner of the data directory may have chosen a path that hides or forges lines on a terminal.
  const shown = rows.map((row) => row.map(withoutControls));
  const widths = [0, 1, 2].map((column) => shown.reduce((width, row) => Math.max(width, row[column]!.length), 0));
  return shown.map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`);
}

function describeDiagnostics(diagnostics: readonly Diagnostic[]): readonly string[] {
  const groups = groupBy(diagnostics, headOf);
  return diagnostics.flatMap((each) => {
    const group = groups.get(headOf(each))!;
    const line = `${headOf(each)}: ${each.message}`;
    if (group.length <= 5) return [line];
    return each === group[0] ? [`${line} (and ${group.length - 1} more diagnostics with this code in this place)`] : [];
  });
}

/** The severity, code and place of a diagnostic. */
function headOf({ code, severity, file, range: { start, end } }: Diagnostic): string {
  const isWholeFile = start.line === end.line && start.column === end.column;
  const place = [file, isWholeFile ? undefined : start.line].filter((part) => part !== undefined).join(':');
  return `${severity}[${code}]${place === '' ? '' : ` ${place}`}`;
}
