import type { FileCheck } from '../../auth-file/check/check-file.ts';
import type { ExpandableFile } from '../../auth-file/read/expand.ts';
import { ShownLines } from '../../auth-file/read/shown-line.ts';
import type { Diagnostic } from '../../text/diagnostic.ts';
import type { HbaRecord } from '../read/record.ts';
import type { HbaRule } from '../rule.ts';
import { isOrdinaryRule, lintRecord } from './lint-record.ts';
import { isForAll, isForReplication, placeOfRuleForAll } from './replication.ts';

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
  const first = file.lines.length === 0 ? undefined : new ShownLines(file.lines).at(0, 1);
  const place = first?.placeOf(0, 0) ?? { range: { start, end: start } };
  const path = file.options.file === undefined ? {} : { file: file.options.file };
  if (!records.hasRecords) {
    const message = 'The file holds no rule, and the server refuses such a file. Add at least one rule';
    return [{ code: 'hba-no-entries', severity: 'error', message, ...place, ...path }];
  }
  if (!records.forAll || records.forReplication) return [];
  const message =
    'No rule lets standbys connect: the keyword all does not match their replication connections. If there are standbys, add a rule with the database replication';
  return [
    {
      code: 'hba-replication-uncovered',
      severity: 'warning',
      message,
      ...(placeOfRuleForAll(file.lines) ?? place),
      ...path,
    },
  ];
}
