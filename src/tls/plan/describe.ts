import type { Diagnostic } from '../../text/diagnostic.ts';
import type { PlannedDirectory, PlannedWrite, ServerAction, TlsPlan } from './plan-data.ts';

const actions: Readonly<Record<ServerAction, string>> = {
  none: 'The server needs nothing.',
  reload: 'Then have the server reload its files, with SELECT pg_reload_conf().',
  restart: 'Then restart the server: this major takes over TLS settings at its start only.',
};

/** A plan as text for a person, with a final newline. It shows no file's content, and so no key. */
export function describePlan(plan: TlsPlan): string {
  const { version, directories, writes, rules, diagnostics } = plan;
  const { user, host, port, database } = plan.client.target;
  const rows = [...directories.map(directoryRow), ...writes.map(writeRow)];
  return [
    `PostgreSQL ${version}: ${JSON.stringify(user)} logs in with a certificate at ${host}:${port}, database ${JSON.stringify(database)}.`,
    '',
    ...(rows.length === 0 ? ['All files are as they have to be.'] : layOut(rows)),
    '',
    'These rules of pg_hba.conf decide:',
    ...rules.map((rule) => `  ${rule}`),
    '',
    actions[plan.action],
    ...(diagnostics.length === 0 ? [] : ['', ...diagnostics.map(describeDiagnostic)]),
    '',
  ].join('\n');
}

type Row = readonly [what: string, path: string, access: string, comment: string];

function directoryRow({ path, mode, owner }: PlannedDirectory): Row {
  return ['make', path, access(mode, owner), 'the directory of the client'];
}

function writeRow({ path, mode, owner, what, expected }: PlannedWrite): Row {
  return [expected === undefined ? 'create' : 'change', path, access(mode, owner), what];
}

function access(mode: number | undefined, owner: PlannedWrite['owner']): string {
  const bits = mode === undefined ? '' : mode.toString(8).padStart(4, '0');
  return owner === undefined ? bits : `${bits} ${owner.uid}:${owner.gid}`;
}

function layOut(rows: readonly Row[]): string[] {
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`);
}

function describeDiagnostic({ code, severity, message, file, range: { start, end } }: Diagnostic): string {
  const isWholeFile = start.line === end.line && start.column === end.column;
  const place = [file, isWholeFile ? undefined : start.line].filter((part) => part !== undefined).join(':');
  return `${severity}[${code}]${place === '' ? '' : ` ${place}`}: ${message}`;
}
