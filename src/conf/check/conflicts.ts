import { type PgMajor, type PgMajorSpan, spanIncludes } from '../../version.ts';
import { settingDefinition } from '../catalogue/catalogue.ts';
import { readValue, type SettingValue } from '../values/value.ts';

/** A setting and the value that a line of the file sets. */
export interface Assignment {
  /** The name of the setting in the catalogue. */
  readonly name: string;
  /** The value as the major version reads it; `undefined` if the major version refuses the value. */
  readonly value: SettingValue | undefined;
}

/**
 * Settings whose values are valid separately, but which together prevent the server from starting, or from doing what
 * one of them says.
 */
export interface Conflict<A extends Assignment> {
  /** The last of the assignments that contradict each other. */
  readonly assignment: A;
  /** All assignments that contradict each other, in file order. */
  readonly involved: readonly A[];
  /** What contradicts each other, as the rest of a sentence. */
  readonly message: string;
  /** What the server does, as the beginning of a sentence. If `undefined`, it does not start. */
  readonly effect: string | undefined;
}

interface Rule extends PgMajorSpan {
  readonly names: readonly string[];
  readonly message: string;
  readonly effect?: string;
  readonly holds: (is: Reader) => boolean;
  /**
   * `true` if the server checks the rule at each assignment, while the settings of later lines still have their
   * defaults. Otherwise, the server checks the rule after all assignments.
   */
  readonly stepwise?: boolean;
}

interface Reader {
  readonly number: (name: string) => number;
  readonly word: (name: string) => string;
  readonly on: (name: string) => boolean;
  /** The name of the setting that the last line sets. */
  readonly last: string | undefined;
}

/**
 * Returns the conflicts between assignments, which the server makes in the given order. A setting without an assignment
 * has its default.
 */
export function findConflicts<A extends Assignment>(
  assignments: readonly A[],
  version: PgMajor,
): readonly Conflict<A>[] {
  return rules.flatMap((rule) => {
    if (!spanIncludes(rule, version)) return [];
    const isInvolved = ({ name }: Assignment) => rule.names.includes(name);
    const steps = rule.stepwise
      ? assignments.flatMap((each, i) => (isInvolved(each) ? [assignments.slice(0, i + 1)] : []))
      : [assignments];
    // If the server refuses the value of an assignment, the rule is not checked: another diagnostic reports the value,
    // and it is unknown which value replaces it.
    const isRefused = (step: readonly Assignment[]) =>
      step.some(
        (each, i) =>
          isInvolved(each) && each.value === undefined && !step.slice(i + 1).some(({ name }) => name === each.name),
      );
    const involved = steps.find((step) => !isRefused(step) && !rule.holds(reader(step, version)))?.filter(isInvolved);
    const assignment = involved?.at(-1);
    const { message, effect } = rule;
    return assignment === undefined ? [] : [{ assignment, involved: involved!, message, effect }];
  });
}

function reader(assignments: readonly Assignment[], version: PgMajor): Reader {
  const lookUp = (name: string): SettingValue | undefined => {
    const given = assignments.findLast((assignment) => assignment.name === name);
    return given === undefined ? defaultOf(name, version) : given.value;
  };
  return {
    number: (name) => Number(lookUp(name) ?? 0),
    word: (name) => String(lookUp(name) ?? ''),
    on: (name) => lookUp(name) === true,
    last: assignments.at(-1)?.name,
  };
}

function defaultOf(name: string, version: PgMajor): SettingValue | undefined {
  const definition = settingDefinition(name, version);
  if (definition?.default === undefined) return undefined;
  const reading = readValue(definition, definition.default, version);
  return reading.ok ? reading.value : undefined;
}

const statistics = ['log_parser_stats', 'log_planner_stats', 'log_executor_stats'];
const targets = ['', '_lsn', '_name', '_time', '_xid'].map((suffix) => `recovery_target${suffix}`);
const protocols = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'];
const processes = ['max_connections', 'max_worker_processes', 'autovacuum_max_workers'];
const tooManyProcesses = 'these settings add up to more than 262143 server processes (MAX_BACKENDS). Lower one of them';

const protocolRange: Rule = {
  names: ['ssl_min_protocol_version', 'ssl_max_protocol_version'],
  message: 'ssl_min_protocol_version cannot be above ssl_max_protocol_version',
  holds: (is) => {
    const max = is.word('ssl_max_protocol_version');
    return (
      !is.on('ssl') || max === '' || protocols.indexOf(is.word('ssl_min_protocol_version')) <= protocols.indexOf(max)
    );
  },
};

/**
 * The rules for the values of several settings together. They come from `PostmasterMain`, from the check functions that
 * read other settings, from `PGSharedMemoryCreate` and from `be_tls_init`.
 */
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
    names: ['superuser_reserved_connections', 'max_connections'],
    message: 'superuser_reserved_connections must be less than max_connections',
    since: 12,
    until: 15,
    holds: (is) => is.number('superuser_reserved_connections') < is.number('max_connections'),
  },
  {
    names: ['superuser_reserved_connections', 'reserved_connections', 'max_connections'],
    message: 'superuser_reserved_connections plus reserved_connections must be less than max_connections',
    since: 16,
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
    message: `at most one of ${targets.join(', ')} can be set, and no later line may set one of them to an empty value`,
    since: 12,
    stepwise: true,
    holds: (is) => targets.every((name) => name === is.last || is.word(name) === ''),
  },
  { ...protocolRange, since: 13 },
  { ...protocolRange, since: 12, until: 12, effect: 'The server starts, and refuses every connection with TLS' },
  {
    names: ['ssl', 'ssl_cert_file', 'ssl_key_file', 'ssl_sni'],
    message: 'ssl needs an ssl_cert_file and an ssl_key_file',
    // With `ssl_sni`, the records of pg_hosts.conf may name the files.
    holds: (is) =>
      !is.on('ssl') || is.on('ssl_sni') || (is.word('ssl_cert_file') !== '' && is.word('ssl_key_file') !== ''),
  },
  {
    names: ['listen_addresses', 'unix_socket_directories'],
    message: 'listen_addresses and unix_socket_directories are both empty, so the server has no socket',
    holds: (is) => is.word('listen_addresses') !== '' || is.word('unix_socket_directories') !== '',
  },
  {
    names: ['huge_pages', 'shared_memory_type'],
    message: 'huge_pages can only be on with the shared_memory_type mmap',
    since: 12,
    holds: (is) => is.word('huge_pages') !== 'on' || is.word('shared_memory_type') === 'mmap',
  },
  {
    names: ['autovacuum_max_workers', 'autovacuum_worker_slots'],
    message: 'autovacuum_max_workers is above autovacuum_worker_slots',
    since: 18,
    effect: 'The server starts only as many autovacuum workers as it has slots',
    holds: (is) => is.number('autovacuum_max_workers') <= is.number('autovacuum_worker_slots'),
  },
  {
    names: processes,
    message: tooManyProcesses,
    until: 11,
    stepwise: true,
    holds: (is) => 1 + sum(is, processes) <= maxBackends,
  },
  {
    names: [...processes, 'max_wal_senders'],
    message: tooManyProcesses,
    since: 12,
    until: 17,
    stepwise: true,
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

/** The names of all settings for which a rule exists. */
export const decideTogether: ReadonlySet<string> = new Set(rules.flatMap(({ names }) => names));

const maxBackends = 0x3ffff;

function sum(is: Reader, names: readonly string[]): number {
  return names.reduce((total, name) => total + is.number(name), 0);
}
