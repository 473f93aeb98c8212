import { pgAsciiToLower } from '../../c/ascii.ts';
import type { PgMajor } from '../../version.ts';
import { moduleDefinitions, settingDefinition, settingDefinitions, settingMajors } from './catalogue.ts';

/** A removed setting and its successor. */
interface Renaming {
  readonly old: string;
  /** The new name, or words if the successor is not a setting. */
  readonly now: string;
  readonly since: PgMajor;
  /** The form of the new value, if the old value is not valid for the new name. */
  readonly value?: string;
}

/** Renamed settings, from the release notes. Settings that were removed without a successor are not listed. */
const renamings: readonly Renaming[] = [
  { old: 'checkpoint_segments', now: 'max_wal_size', since: 9.6, value: 'a size of about 48 MB for each segment' },
  { old: 'unix_socket_directory', now: 'unix_socket_directories', since: 9.6 },
  { old: 'replication_timeout', now: 'wal_sender_timeout', since: 9.6 },
  { old: 'min_parallel_relation_size', now: 'min_parallel_table_scan_size', since: 10 },
  { old: 'trigger_file', now: 'promote_trigger_file', since: 12 },
  { old: 'standby_mode', now: 'a file standby.signal in the data directory', since: 12 },
  { old: 'wal_keep_segments', now: 'wal_keep_size', since: 13, value: 'a size, of 16 MB for each segment' },
  { old: 'force_parallel_mode', now: 'debug_parallel_query', since: 16 },
  { old: 'promote_trigger_file', now: 'pg_ctl promote or pg_promote()', since: 16 },
  { old: 'trigger_file', now: 'pg_ctl promote or pg_promote()', since: 16 },
  { old: 'logical_replication_mode', now: 'debug_logical_replication_streaming', since: 17 },
  { old: 'ssl_ecdh_curve', now: 'ssl_groups', since: 18 },
  { old: 'io_workers', now: 'io_max_workers', since: 19 },
];

/** Names that were removed before 9.6, with the last release in which postgresql.conf could set them. */
const goneBefore: Readonly<Record<string, string>> = {
  add_missing_from: '8.4',
  checkpoint_segments: '9.4',
  custom_variable_classes: '9.1',
  explain_pretty_print: '8.3',
  krb_srvname: '9.3',
  max_fsm_pages: '8.3',
  max_fsm_relations: '8.3',
  regex_flavor: '8.4',
  replication_timeout: '9.2',
  silent_mode: '9.1',
  unix_socket_directory: '9.2',
  wal_sender_delay: '9.1',
};

/** Names of recovery.conf that are not settings in any major version. */
const onlyInRecoveryConf: readonly string[] = ['standby_mode', 'trigger_file'];

/** Describes the last release with a setting that no major version since 9.6 has. */
export function lastRelease(key: string): string | undefined {
  if (Object.hasOwn(goneBefore, key)) return `PostgreSQL ${goneBefore[key]} is the last version with this setting`;
  return onlyInRecoveryConf.includes(key) ? 'up to PostgreSQL 11, the setting belongs in recovery.conf' : undefined;
}

/** The explanation of a name that a major version does not know. */
export interface UnknownName {
  /** The versions that know the name, and the name to use instead. */
  readonly hint: string;
  /** The name to write instead, if the same value is valid for this name. */
  readonly meant?: string;
}

/** Explains a name that a major version does not know: removed, not yet added, or misspelled. */
export function explainUnknownName(name: string, version: PgMajor): UnknownName {
  const key = pgAsciiToLower(name);
  const majors = settingMajors(key);
  const when =
    majors === undefined
      ? (lastRelease(key) ?? 'no known version has a setting with this name')
      : majors.until < version
        ? `PostgreSQL ${majors.until} is the last version with this setting`
        : `PostgreSQL ${majors.since} is the first version with this setting`;
  const gone = renamings.findLast(({ old, since }) => old === key && version >= since);
  const notYet = renamings.find(
    ({ old, now, since }) => now === key && version < since && settingDefinition(old, version) !== undefined,
  );
  const meant = gone?.now ?? notYet?.old ?? misspelt(key, version);
  if (meant === undefined) return { hint: when };
  if (gone?.value !== undefined) return { hint: `${when}. Use ${meant}, which is ${gone.value}` };
  const hint = `${when}. Use ${meant}`;
  const isSameValue = notYet?.value === undefined && settingDefinition(meant, version) !== undefined;
  return isSameValue ? { hint, meant } : { hint };
}

function misspelt(name: string, version: PgMajor): string | undefined {
  if (settingMajors(name) !== undefined) return undefined;
  const near = namesIn(version).filter(({ key }) => isNear(key, name));
  return near.length === 1 ? near[0]!.name : undefined;
}

/** The name of a setting, and this name in small letters. */
interface KnownName {
  readonly name: string;
  readonly key: string;
}

const namesByVersion = new Map<PgMajor, readonly KnownName[]>();

/** The names of all settings of a major version. A file may have many lines with unknown names. */
function namesIn(version: PgMajor): readonly KnownName[] {
  let names = namesByVersion.get(version);
  if (names === undefined) {
    const all = [...settingDefinitions(version), ...moduleDefinitions(version)];
    names = all.map(({ name }) => ({ name, key: pgAsciiToLower(name) }));
    namesByVersion.set(version, names);
  }
  return names;
}

/** Returns whether two names differ in one letter: replaced, missing, added, or exchanged with its neighbour. */
function isNear(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 1) return false;
  let start = 0;
  while (start < a.length && a[start] === b[start]) start += 1;
  const [restA, restB] = [a.slice(start), b.slice(start)];
  return (
    restA.slice(1) === restB.slice(1) ||
    restA.slice(1) === restB ||
    restA === restB.slice(1) ||
    (restA.slice(2) === restB.slice(2) && restA[0] === restB[1] && restA[1] === restB[0])
  );
}
