import type { FileCheck } from '../../auth-file/check/check-file.ts';
import type { ExpandableFile } from '../../auth-file/read/expand.ts';
import type { Diagnostic } from '../../text/diagnostic.ts';
import type { HbaRecord } from '../read/record.ts';
import type { HbaRule } from '../rule.ts';
import { isOrdinaryRule, lintRecord } from './lint-record.ts';
import { isForAll, isForReplication, rangeOfRuleForAll } from './replication.ts';

/** A new check of one pg_hba.conf. */
export function startHbaCheck(): FileCheck<HbaRecord, HbaRule> {
  let hasRecords = false;
  let forAll = false;
  let forReplication = false;
  return {
    checkRecord: lintRecord,
    isOrdinary: isOrdinaryRule,
    noteRecord(rule) {
      hasRecords = true;
      forAll ||= rule !== undefined && isForAll(rule);
      forReplication ||= rule !== undefined && isForReplication(rule);
    },
    checkWhole: (file) => checkWhole(file, { hasRecords, forAll, forReplication }),
  };
}

/** What the records of a file are, together. */
interface Records {
  readonly hasRecords: boolean;
  readonly forAll: boolean;
  readonly forReplication: boolean;
}

function checkWhole(file: ExpandableFile<HbaRecord, HbaRule>, records: Records): readonly Diagnostic[] {
  const start = { line: 1, column: 1 };
  const path = file.options.file === undefined ? {} : { file: file.options.file };
  if (!records.hasRecords) {
    const message = 'The file holds no rule, and the server refuses such a file. Add at least one rule';
    return [{ code: 'hba-no-entries', severity: 'error', message, range: { start, end: start }, ...path }];
  }
  if (!records.forAll || records.forReplication) return [];
  const message =
    'No rule is for replication, and the database "all" does not match it: standbys cannot connect. Add a rule for the database replication, if there are standbys';
  const range = rangeOfRuleForAll(file.lines) ?? { start, end: start };
  return [{ code: 'hba-replication-uncovered', severity: 'warning', message, range, ...path }];
}
