import { type PgMajor, type PgMajorSpan, spanIncludes } from '../version.ts';
import type { SettingValue } from './value.ts';

/** Settings that are right each by itself but that no server starts with together. */
export interface Conflict {
  /** The settings involved. */
  readonly names: readonly string[];
  /** What is wrong, and what to do. */
  readonly message: string;
}

/** Gives the value that a setting has, its default included; undefined where it is not known. */
type Lookup = (name: string) => SettingValue | undefined;

interface Rule extends PgMajorSpan {
  readonly names: readonly string[];
  readonly message: string;
  readonly holds: (is: Reader) => boolean;
}

interface Reader {
  readonly number: (name: string) => number;
  readonly word: (name: string) => string;
  readonly on: (name: string) => boolean;
}

/** The conflicts between the values that the settings have in a major. */
export function findConflicts(lookUp: Lookup, version: PgMajor): readonly Conflict[] {
  const reader: Reader = {
    number: (name) => Number(lookUp(name) ?? 0),
    word: (name) => String(lookUp(name) ?? ''),
    on: (name) => lookUp(name) === true,
  };
  return rules.filter((rule) => spanIncludes(rule, version) && !rule.holds(reader));
}

const statistics = ['log_parser_stats', 'log_planner_stats', 'log_executor_stats'];
const targets = ['', '_lsn', '_name', '_time', '_xid'].map((suffix) => `recovery_target${suffix}`);
const protocols = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'];
const processes = ['max_connections', 'max_worker_processes', 'autovacuum_max_workers'];
const tooManyProcesses = 'They come to more than 262143 server processes (MAX_BACKENDS): lower one of them';

/** `PostmasterMain`, the check functions that look at other settings, and `SSL_CTX_set_min_proto_version`'s caller. */
const rules: readonly Rule[] = [
  {
    names: ['superuser_reserved_connections', 'max_connections'],
    message: 'superuser_reserved_connections must be less than max_connections',
    until: 10,
    holds: (is) => is.number('superuser_reserved_connections') < is.number('max_connections'),
  },
  {
    names: ['max_wal_senders', 'max_connections'],
    message: 'max_wal_senders must be less than max_connections',
    until: 10,
    holds: (is) => is.number('max_wal_senders') < is.number('max_connections'),
  },
  {
    names: ['superuser_reserved_connections', 'max_wal_senders', 'max_connections'],
    message: 'superuser_reserved_connections plus max_wal_senders must be less than max_connections',
    since: 11,
    until: 11,
    holds: (is) =>
      is.number('superuser_reserved_connections') + is.number('max_wal_senders') < is.number('max_connections'),
  },
  {
    names: ['superuser_reserved_connections', 'reserved_connections', 'max_connections'],
    message: 'superuser_reserved_connections plus reserved_connections (16+) must be less than max_connections',
    since: 12,
    holds: (is) =>
      is.number('superuser_reserved_connections') + is.number('reserved_connections') < is.number('max_connections'),
  },
  {
    names: ['archive_mode', 'wal_level'],
    message: 'archive_mode needs a wal_level above minimal',
    holds: (is) => is.word('archive_mode') === 'off' || is.word('wal_level') !== 'minimal',
  },
  {
    names: ['max_wal_senders', 'wal_level'],
    message: 'max_wal_senders above 0 needs a wal_level above minimal',
    holds: (is) => is.number('max_wal_senders') === 0 || is.word('wal_level') !== 'minimal',
  },
  {
    names: ['summarize_wal', 'wal_level'],
    message: 'summarize_wal needs a wal_level above minimal',
    since: 17,
    holds: (is) => !is.on('summarize_wal') || is.word('wal_level') !== 'minimal',
  },
  {
    names: ['log_statement_stats', ...statistics],
    message: 'log_statement_stats excludes log_parser_stats, log_planner_stats and log_executor_stats',
    holds: (is) => !is.on('log_statement_stats') || !statistics.some(is.on),
  },
  {
    names: targets,
    message: `At most one of ${targets.join(', ')} can be set`,
    since: 12,
    holds: (is) => targets.filter((name) => is.word(name) !== '').length <= 1,
  },
  {
    names: ['ssl_min_protocol_version', 'ssl_max_protocol_version'],
    message: 'ssl_min_protocol_version cannot be above ssl_max_protocol_version',
    since: 12,
    holds: (is) => {
      const max = is.word('ssl_max_protocol_version');
      return (
        !is.on('ssl') || max === '' || protocols.indexOf(is.word('ssl_min_protocol_version')) <= protocols.indexOf(max)
      );
    },
  },
  { names: processes, message: tooManyProcesses, until: 11, holds: (is) => 1 + sum(is, processes) <= maxBackends },
  {
    names: [...processes, 'max_wal_senders'],
    message: tooManyProcesses,
    since: 12,
    until: 17,
    holds: (is) => 1 + sum(is, [...processes, 'max_wal_senders']) <= maxBackends,
  },
  {
    names: ['max_connections', 'max_worker_processes', 'autovacuum_worker_slots', 'max_wal_senders'],
    message: tooManyProcesses,
    since: 18,
    holds: (is) =>
      2 + sum(is, ['max_connections', 'max_worker_processes', 'autovacuum_worker_slots', 'max_wal_senders']) <=
      maxBackends,
  },
];

const maxBackends = 0x3ffff;

function sum(is: Reader, names: readonly string[]): number {
  return names.reduce((total, name) => total + is.number(name), 0);
}
