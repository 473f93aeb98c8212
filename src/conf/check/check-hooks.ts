import { pgAsciiToLower } from '../../c/ascii.ts';
import { maxNameBytes } from '../../c/names.ts';
import { strtod, strtou64 } from '../../c/numbers.ts';
import { groupBy } from '../../group-by.ts';
import { lazily } from '../../lazily.ts';
import { byteLength } from '../../text/bytes.ts';
import { type PgMajorSpan, spanIncludes } from '../../version.ts';
import { readDateStyle } from '../values/date-style.ts';
import { encodingName } from '../values/encodings.ts';
import { standbyNamesProblem } from '../values/standby-names.ts';
import { amountOf } from '../values/value.ts';
import type { GivenValue } from './decided-by-state.ts';
import { judgeListenAddresses } from './listen-addresses.ts';

/**
 * The verdict of a check function: `undefined` if the value is accepted, `refused`, `unchecked` if only the server can
 * decide, or `doubtful` if the server starts, but not with all that the value seems to say.
 */
export type Verdict =
  | { readonly refused: string }
  | { readonly unchecked: string }
  | { readonly doubtful: string }
  | undefined;

interface Check extends PgMajorSpan {
  readonly names: readonly string[];
  readonly check: (given: GivenValue) => Verdict;
}

/**
 * Returns the verdict of a setting's check function (`check_…` in guc.c and elsewhere) on a value that its type allows.
 */
export function checkValue(name: string, given: GivenValue): Verdict {
  for (const { row } of checksByName().get(name) ?? []) {
    const verdict = spanIncludes(row, given.version) ? row.check(given) : undefined;
    if (verdict !== undefined) return verdict;
  }
  return undefined;
}

const checksByName = lazily(() => {
  const rows = checks.flatMap((row) => row.names.map((name) => ({ name, row })));
  return groupBy(rows, ({ name }) => name);
});

const slruBuffers = [
  ...['commit_timestamp_buffers', 'multixact_member_buffers', 'multixact_offset_buffers', 'notify_buffers'],
  ...['serializable_buffers', 'subtransaction_buffers', 'transaction_buffers'],
];

/** The words of `wal_consistency_checking`: PostgreSQL's own resource managers whose pages it can compare. */
const resourceManagers = 'all heap2 heap btree hash gin gist sequence spgist brin generic'.split(' ');

const checks: readonly Check[] = [
  { names: ['DateStyle'], check: ofElements(dateStyle) },
  { names: ['listen_addresses'], check: ofElements(judgeListenAddresses) },
  { names: ['log_destination'], until: 14, check: words(['stderr', 'csvlog', 'syslog'], ['eventlog']) },
  { names: ['log_destination'], since: 15, check: words(['stderr', 'csvlog', 'jsonlog', 'syslog'], ['eventlog']) },
  { names: ['wal_consistency_checking'], until: 14, check: words(resourceManagers, []) },
  { names: ['wal_consistency_checking'], since: 15, check: ofElements(customResourceManager) },
  { names: ['createrole_self_grant'], check: words(['set', 'inherit'], []) },
  { names: ['restrict_nonsystem_relation_kind'], check: words(['view', 'foreign-table'], []) },
  { names: ['debug_io_direct'], check: words(['data', 'wal', 'wal_init'], []) },
  { names: ['log_connections'], since: 18, check: ofElements(logConnections) },
  { names: ['log_min_messages'], since: 19, check: ofElements(logMinMessages) },
  { names: ['synchronous_standby_names'], check: (g) => refuseIf(standbyNamesProblem(g.text, g.version)) },
  {
    names: ['synchronized_standby_slots'],
    check: ofElements((slots) => refuseIf(slots.map(slotNameProblem).find((problem) => problem !== undefined))),
  },
  { names: ['primary_slot_name'], check: ({ text }) => refuseIf(text === '' ? undefined : slotNameProblem(text)) },
  {
    names: ['backtrace_functions'],
    check: ({ text }) =>
      refuseUnless(
        /^[\w,\n\t ]*$/.test(text),
        'the value contains a character that is not allowed in a list of functions',
      ),
  },
  {
    names: ['default_table_access_method'],
    check: ({ text }) => refuseUnless(text !== '', 'the value is empty'),
  },
  {
    names: ['recovery_target'],
    check: ({ text }) => refuseUnless(text === '' || text === 'immediate', 'the value can only be immediate'),
  },
  {
    names: ['recovery_target_name'],
    check: ({ text }) =>
      refuseUnless(byteLength(text, 'utf-8') <= maxNameBytes, `the value is longer than ${maxNameBytes} bytes`),
  },
  {
    names: ['recovery_target_lsn'],
    check: ({ text }) =>
      refuseUnless(
        text === '' || /^[0-9a-fA-F]{1,8}\/[0-9a-fA-F]{1,8}$/.test(text),
        'the value is not a log sequence number such as 0/16B3748',
      ),
  },
  {
    names: ['recovery_target_time'],
    check: ({ text }) =>
      refuseUnless(
        !/^(?:now|today|tomorrow|yesterday)$/.test(text),
        'the value must be a date and time, not a word such as now or today',
      ),
  },
  { names: ['recovery_target_timeline'], until: 18, check: ({ text }) => unreadNumber(text, timelineProblem(text)) },
  { names: ['recovery_target_timeline'], since: 19, check: ({ text }) => refuseIf(timelineProblem(text)) },
  { names: ['recovery_target_xid'], until: 18, check: ({ text }) => unreadNumber(text, transactionProblem(text)) },
  { names: ['recovery_target_xid'], since: 19, check: ({ text }) => refuseIf(transactionProblem(text)) },
  {
    names: ['transaction_isolation'],
    until: 11,
    check: ({ text }) =>
      refuseUnless(
        /^(?:serializable|repeatable read|read (?:un)?committed|default)$/i.test(text),
        'the value is not an isolation level',
      ),
  },
  {
    names: ['role'],
    check: ({ text }) => refuseUnless(text === 'none', 'a file can set this setting only to the value none'),
  },
  { names: ['session_authorization'], check: () => ({ refused: 'a file cannot set this setting' }) },
  {
    names: ['default_with_oids'],
    since: 12,
    check: ({ value }) => refuseUnless(value === false, 'tables with OIDs are not supported'),
  },
  {
    names: ['standard_conforming_strings'],
    since: 19,
    check: ({ value }) => refuseUnless(value === true, 'the setting cannot be switched off'),
  },
  {
    names: ['vacuum_buffer_usage_limit'],
    check: ({ value }) =>
      refuseUnless(amountOf(value) === 0 || amountOf(value) >= 128, 'the value must be 0 or at least 128 kB'),
  },
  {
    names: slruBuffers,
    check: ({ value }) => refuseUnless(amountOf(value) % 16 === 0, 'the value must be a multiple of 16 blocks'),
  },
  {
    names: ['io_max_concurrency'],
    check: ({ value }) => refuseUnless(value !== 0, 'the value must be -1 or greater than 0'),
  },
  { names: ['TimeZone'], check: ({ text }) => refuseUnless(isZoneOrHours(text), 'the value is 168 hours or more') },
  {
    names: ['TimeZone', 'log_timezone', 'timezone_abbreviations', 'lc_messages'],
    check: ({ text }) => refuseUnless(text !== '', 'the value is empty'),
  },
  {
    names: ['client_encoding'],
    check: ({ text }) => refuseUnless(encodingName(text) !== undefined, 'the value is not an encoding'),
  },
];

/** Returns whether a text is not a number, or a number of hours that `check_timezone` accepts. */
function isZoneOrHours(text: string): boolean {
  const { value, end } = strtod(text);
  return text === '' || end < text.length || Math.abs(value) < 168;
}

function refuseIf(problem: string | undefined): Verdict {
  return problem === undefined ? undefined : { refused: problem };
}

function refuseUnless(holds: boolean, problem: string): Verdict {
  return holds ? undefined : { refused: problem };
}

/** Returns the check of a setting whose value is a list, from a check of its elements. */
function ofElements(check: (elements: readonly string[]) => Verdict): Check['check'] {
  return ({ value }) => check(value as readonly string[]);
}

function words(known: readonly string[], elsewhere: readonly string[]): Check['check'] {
  return ofElements((elements) => {
    const unknown = elements.map(pgAsciiToLower).filter((word) => !known.includes(word));
    if (unknown.length === 0) return undefined;
    if (unknown.every((word) => elsewhere.includes(word)))
      return { unchecked: `${unknown[0]} exists on other systems only` };
    return { refused: `${JSON.stringify(unknown[0])} is not one of ${known.join(', ')}` };
  });
}

/**
 * Checks the resource managers of `wal_consistency_checking`. Since major version 15, a preloaded library can define
 * further resource managers.
 */
function customResourceManager(elements: readonly string[]): Verdict {
  const other = elements.find((word) => !resourceManagers.includes(pgAsciiToLower(word)));
  return other === undefined
    ? undefined
    : { unchecked: `${JSON.stringify(other)} must be defined by a preloaded library` };
}

/**
 * Checks `log_connections`: a list of aspects such as `receipt`, or a single boolean word as in older major versions
 * (`check_log_connections`).
 */
function logConnections(elements: readonly string[]): Verdict {
  const booleans = ['on', 'off', 'true', 'false', 'yes', 'no', '1', '0'];
  if (elements.length > 0 && booleans.includes(pgAsciiToLower(elements[0]!))) {
    return refuseUnless(elements.length === 1, `${elements[0]} is not allowed in a list with other values`);
  }
  const aspects = ['receipt', 'authentication', 'authorization', 'setup_durations', 'all'];
  const unknown = elements.find((element) => !aspects.includes(pgAsciiToLower(element)));
  return refuseIf(unknown === undefined ? undefined : `${JSON.stringify(unknown)} is not one of ${aspects.join(', ')}`);
}

/**
 * Checks `log_min_messages`. Since major version 19, this setting accepts a level for each process type, and one level
 * for all other types.
 */
function logMinMessages(elements: readonly string[]): Verdict {
  const levels = ['debug5', 'debug4', 'debug3', 'debug2', 'debug1', 'debug', 'info', 'notice', 'warning', 'error'];
  const known = [...levels, 'log', 'fatal', 'panic'];
  const unknown = elements.find((element) => !known.includes(pgAsciiToLower(element.replace(/^\w+:[ \t-\r]*/, ''))));
  if (unknown !== undefined) return { refused: `${JSON.stringify(unknown)} is not one of ${known.join(', ')}` };
  return elements.length === 1 && !elements[0]!.includes(':')
    ? undefined
    : { unchecked: 'the process types of the server decide whether it accepts the value' };
}

function dateStyle(elements: readonly string[]): Verdict {
  const read = readDateStyle(elements);
  return 'problem' in read ? { refused: read.problem } : undefined;
}

/** Returns the problem of a slot name (`ReplicationSlotValidateName`). */
function slotNameProblem(name: string): string | undefined {
  return /^[a-z0-9_]+$/.test(name) && name.length <= maxNameBytes
    ? undefined
    : `${JSON.stringify(name)} is not a name of a replication slot`;
}

/** Returns the problem of a value of `recovery_target_timeline` (`check_recovery_target_timeline` of 19). */
function timelineProblem(text: string): string | undefined {
  if (text === 'latest' || text === 'current') return undefined;
  const { value, end, outOfRange } = strtou64(text);
  const isNumber = end > 0 && end === text.length && !outOfRange;
  return isNumber && value >= 1n && value <= 0xffffffffn
    ? undefined
    : 'the value is neither latest nor current nor a number from 1 to 4294967295';
}

/**
 * Returns the problem of a value of `recovery_target_xid` (`check_recovery_target_xid` of 19). The lower 32 bits of the
 * number are the transaction ID, and the IDs 0 to 2 belong to no transaction of a user.
 */
function transactionProblem(text: string): string | undefined {
  if (text === '') return undefined;
  const { value, end, outOfRange } = strtou64(text);
  if (end === 0 || end !== text.length || outOfRange || text.includes('-')) return 'the value is not a transaction ID';
  return BigInt.asUintN(32, value) >= 3n ? undefined : 'the transaction ID without its epoch is less than 3';
}

/**
 * Returns the verdict on a number that major versions before 19 read with `strtoul`. They refuse only a number of more
 * than 64 bits. From any other wrong text they read some number, so a recovery stops at a wrong place or fails.
 */
function unreadNumber(text: string, problem: string | undefined): Verdict {
  if (problem === undefined) return undefined;
  return strtou64(text).outOfRange ? { refused: problem } : { doubtful: problem };
}
