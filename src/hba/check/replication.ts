import type { AuthLine } from '../../auth-file/read/line.ts';
import type { ScannedLine, Token } from '../../auth-file/scan/token.ts';
import { isLoopback } from '../../net/network.ts';
import type { ServerAddress } from '../read/address.ts';
import type { HbaRecord, RecordReading } from '../read/record.ts';
import { findingsOf } from './lint.ts';

/** What a line is to the checks that look at the whole file. */
export interface LineRole {
  /** It is a record. */
  readonly isRecord: boolean;
  /** It lets in to all databases over TCP whoever a standby may connect as ({@link ruleForAll}). */
  readonly isForAll: boolean;
  /** It is a rule for replication. */
  readonly isForReplication: boolean;
}

/** The role of a comment, of an empty line, and of whatever else is no record. */
export const noRecord: LineRole = { isRecord: false, isForAll: false, isForReplication: false };

/** The role of a line that is taken for a record, of which the server may refuse to make one. */
export function roleOf({ record }: RecordReading): LineRole {
  const isForAll = record !== undefined && ruleForAll(record) !== undefined;
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

/**
 * The word `all` of a rule that lets in from other machines and seems to be meant for every connection, those of standbys
 * included: for all users, or for one that is called as they are. What stays on this machine is left out, since files
 * without standbys are ordinary: 9.6's own has no rule for replication.
 */
export function ruleForAll({ address, databases, users, method }: HbaRecord): Token | undefined {
  const word = databases.find(isAll);
  if (word === undefined || method === 'reject' || address === undefined) return undefined;
  if (!users.some((token) => isAll(token) || /repl|standby/i.test(token.value))) return undefined;
  return isOwnMachine(address) ? undefined : word;
}

function isAll({ value, quoted }: Token): boolean {
  return value === 'all' && !quoted;
}

function isOwnMachine(address: ServerAddress): boolean {
  if (address.kind === 'keyword') return address.keyword === 'samehost';
  return address.kind === 'network' ? isLoopback(address.address, address.mask) : address.hostName === 'localhost';
}

function isRuleForReplication(record: HbaRecord): boolean {
  return record.databases.some((token) => token.value === 'replication' && !token.quoted);
}
