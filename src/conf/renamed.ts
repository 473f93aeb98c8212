import type { PgMajor } from '../version.ts';
import { settingDefinitions, settingMajors } from './catalogue.ts';
import { lowerAscii } from './names.ts';

/** A setting that went, and what does its work since. */
interface Renaming {
  readonly old: string;
  readonly now: string;
  readonly since: PgMajor;
}

const renamings: readonly Renaming[] = [
  { old: 'checkpoint_segments', now: 'max_wal_size', since: 9.6 },
  { old: 'unix_socket_directory', now: 'unix_socket_directories', since: 9.6 },
  { old: 'min_parallel_relation_size', now: 'min_parallel_table_scan_size', since: 10 },
  { old: 'trigger_file', now: 'promote_trigger_file', since: 12 },
  { old: 'wal_keep_segments', now: 'wal_keep_size', since: 13 },
  { old: 'force_parallel_mode', now: 'debug_parallel_query', since: 16 },
  { old: 'ssl_ecdh_curve', now: 'ssl_groups', since: 18 },
  { old: 'io_workers', now: 'io_max_workers', since: 19 },
];

/** What can be said of a name that a major does not know, and the name that was meant, where there is one. */
export interface UnknownName {
  /** A sentence: since or until when it is known, and what to use. */
  readonly hint: string;
  /** The name to write instead. */
  readonly meant?: string;
}

/** Explains a name that a major does not know: removed, not there yet, or misspelt. */
export function explainUnknownName(name: string, version: PgMajor): UnknownName {
  const key = lowerAscii(name);
  const gone = renamings.find(({ old, since }) => old === key && version >= since);
  const notYet = renamings.find(({ now, since }) => now === key && version < since);
  const meant = gone?.now ?? notYet?.old ?? misspelt(key, version);
  const majors = settingMajors(key);
  const when =
    majors === undefined
      ? 'no major knows it'
      : majors.until < version
        ? `PostgreSQL ${majors.until} was the last to have it`
        : `PostgreSQL ${majors.since} is the first to have it`;
  return meant === undefined ? { hint: when } : { hint: `${when}; use ${meant}`, meant };
}

function misspelt(name: string, version: PgMajor): string | undefined {
  if (settingMajors(name) !== undefined) return undefined;
  const near = settingDefinitions(version).filter((definition) => isNear(lowerAscii(definition.name), name));
  return near.length === 1 ? near[0]!.name : undefined;
}

/** Whether one letter is wrong, missing or too much, or two neighbours have changed places. */
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
