import type { AuthLine } from './auth-line.ts';
import { findingsOf } from './lint.ts';
import type { HbaRecord, RecordReading } from './record.ts';
import type { ScannedLine } from './token.ts';

/** What a line is to the checks that look at the whole file. */
export interface LineRole {
  /** It is a record. */
  readonly isRecord: boolean;
  /** It is a rule for all databases over TCP. */
  readonly isForAll: boolean;
  /** It is a rule for replication. */
  readonly isForReplication: boolean;
}

/** The role of a comment, of an empty line, and of whatever else is no record. */
export const noRecord: LineRole = { isRecord: false, isForAll: false, isForReplication: false };

/** The role of a line that is taken for a record, of which the server may refuse to make one. */
export function roleOf({ record }: RecordReading): LineRole {
  const isForAll = record !== undefined && isRuleForAll(record);
  const isForReplication = record !== undefined && isRuleForReplication(record);
  return roles[Number(isForAll) + 2 * Number(isForReplication)]!;
}

/** One object for all lines of a role, since every line of a file may keep its own. */
const roles: readonly LineRole[] = [
  { isRecord: true, isForAll: false, isForReplication: false },
  { isRecord: true, isForAll: true, isForReplication: false },
  { isRecord: true, isForAll: false, isForReplication: true },
  { isRecord: true, isForAll: true, isForReplication: true },
];

/** The role of a record of which nothing is to be told, wherever in a file it stands but at its start. */
export function quietRoleOf(line: AuthLine, scanned: ScannedLine, reading: RecordReading): LineRole | undefined {
  const { fields, serverLines } = scanned;
  if (serverLines > 1) return undefined;
  const expanded = {
    line,
    scanned,
    file: undefined,
    firstLine: 2,
    serverLine: 2,
    fields,
    problem: undefined,
    notes: [],
  };
  const findings = findingsOf(expanded, reading);
  return findings.length === 0 ? roleOf(reading) : undefined;
}

function isRuleForAll(record: HbaRecord): boolean {
  return record.type !== 'local' && record.databases.some((token) => token.value === 'all' && !token.quoted);
}

function isRuleForReplication(record: HbaRecord): boolean {
  return record.databases.some((token) => token.value === 'replication' && !token.quoted);
}
