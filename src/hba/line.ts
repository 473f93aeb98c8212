import { AuthLine } from './auth-line.ts';
import { type CommonEntry, entryBesidesRecords } from './entry.ts';
import { type HbaRecord, type RecordReading, readRecord } from './record.ts';
import { type HbaRule, ruleOfRecord } from './rule.ts';
import { type Field, namesFile } from './token.ts';

/** A logical line of a pg_hba.conf, as data. */
export type HbaEntry = HbaRule | CommonEntry;

/** A logical line of a pg_hba.conf. */
export class HbaLine extends AuthLine {
  #reading: RecordReading | undefined;
  #entry: HbaEntry | undefined;

  /** What the server makes of it as a record, `@file` taken for a name. */
  get reading(): RecordReading {
    this.#reading ??= readRecord(this.scanned.fields, this.how);
    return this.#reading;
  }

  /** The line as data. */
  get entry(): HbaEntry {
    this.#entry ??= entryBesidesRecords(this) ?? this.#recordEntry();
    return this.#entry;
  }

  #recordEntry(): HbaEntry {
    const { text } = this;
    const { record } = this.reading;
    if (this.scanned.fields.some((field) => field.some(namesFile) && !isNameList(field, record))) {
      return { kind: 'indirect', text };
    }
    return record === undefined ? { kind: 'invalid', text } : ruleOfRecord(record, text, this.comment, this.how.rules);
  }
}

function isNameList(field: Field, record: HbaRecord | undefined): boolean {
  return field === record?.databases || field === record?.users;
}
