import type { FileCheck } from '../../auth-file/check/check-file.ts';
import type { ExpandableFile } from '../../auth-file/read/expand.ts';
import { ShownLines } from '../../auth-file/read/shown-line.ts';
import type { Diagnostic } from '../../text/diagnostic.ts';
import { startOfFile } from '../../text/position.ts';
import type { HbaRecord } from '../read/record.ts';
import type { HbaRule } from '../rule.ts';
import { isOrdinaryRule, lintRecord } from './lint-record.ts';
import { isForAll, isForReplication, isForStandbys, placeOfRuleForAll } from './replication.ts';

/** Returns the functions that check one pg_hba.conf. */
export function startHbaCheck(): FileCheck<HbaRecord, HbaRule> {
  const seen: Records = { hasRecords: false, forAll: false, forStandbys: false, forReplication: false };
  return {
    checkRecord: lintRecord,
    isOrdinary: isOrdinaryRule,
    noteRecord(rule) {
      seen.hasRecords = true;
      if (rule === undefined) return;
      seen.forAll ||= isForAll(rule);
      seen.forStandbys ||= isForStandbys(rule);
      seen.forReplication ||= isForReplication(rule);
    },
    checkWhole: (file, { isWhole }) => checkWhole(file, { ...seen, isWhole }),
  };
}

/** What is known about the rules of a file that were read so far. */
interface Records {
  hasRecords: boolean;
  /** `true` if a rule is for all databases and all users of other machines. */
  forAll: boolean;
  /** `true` if a rule for all databases is for a user whose name suggests a standby. */
  forStandbys: boolean;
  forReplication: boolean;
}

function checkWhole(
  file: ExpandableFile<HbaRecord, HbaRule>,
  { hasRecords, forAll, forStandbys, forReplication, isWhole }: Records & { readonly isWhole: boolean },
): readonly Diagnostic[] {
  const first = file.lines.length === 0 ? undefined : new ShownLines(file.lines).at(0, 1);
  const place = first?.placeOf(0, 0) ?? { range: startOfFile };
  const path = file.options.file === undefined ? {} : { file: file.options.file };
  if (!hasRecords) {
    const message = isWhole
      ? 'The file contains no rule, so the server refuses it. Add at least one rule'
      : 'It is unknown whether the files contain a rule, because an included file was not read. The server refuses files without a rule';
    return [{ code: 'hba-no-entries', severity: isWhole ? 'error' : 'info', message, ...place, ...path }];
  }
  // There is no warning if an included file was not read or if a line is refused, because that file or line can be the
  // rule for standbys.
  if (!(forAll || forStandbys) || forReplication || !isWhole) return [];
  const message =
    'No rule lets standbys connect: the keyword all does not match their replication connections. If there are standbys, add a rule with the database replication';
  const severity = forStandbys ? 'warning' : 'info';
  return [
    { code: 'hba-replication-uncovered', severity, message, ...(placeOfRuleForAll(file.lines) ?? place), ...path },
  ];
}
