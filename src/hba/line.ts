import type { CommonEntry } from './entry.ts';
import { EntryLine } from './entry-line.ts';
import { type HbaRecord, type RecordReading, readRecord } from './record.ts';
import { type HbaRule, ruleOfRecord } from './rule.ts';
import { type Field, namesFile, type ScannedLine } from './token.ts';

/** A logical line of a pg_hba.conf, as data. */
export type HbaEntry = HbaRule | CommonEntry;

/** A logical line of a pg_hba.conf. */
export class HbaLine extends EntryLine<HbaRule> {
  /** What the server makes of it as a record, `@file` taken for a name. */
  read({ fields }: ScannedLine = this.scan()): RecordReading {
    return readRecord(fields, this.how);
  }

  protected override recordEntry(scanned: ScannedLine): HbaEntry {
    const { text, how } = this;
    const { record } = this.read(scanned);
    if (scanned.fields.some((field) => field.some(namesFile) && !isNameList(field, record))) {
      return { kind: 'indirect', text };
    }
    return record === undefined
      ? { kind: 'invalid', text }
      : ruleOfRecord(record, text, this.commentOf(scanned), how.rules);
  }
}

function isNameList(field: Field, record: HbaRecord | undefined): boolean {
  return field === record?.databases || field === record?.users;
}
