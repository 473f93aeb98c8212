import { AuthLine } from './auth-line.ts';
import { type CommonEntry, entryBesidesRecords } from './entry.ts';
import { type RecordReading, readRecord } from './record.ts';
import { type HbaRule, ruleOfRecord } from './rule.ts';
import { namesFile } from './token.ts';

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
    const { text, comment } = this;
    const { record } = this.reading;
    const names = record === undefined ? [] : [...record.databases, ...record.users];
    const files = this.scanned.fields.flat().filter(namesFile);
    if (files.some((token) => !names.includes(token))) return { kind: 'indirect', text };
    return record === undefined ? { kind: 'invalid', text } : ruleOfRecord(record, text, comment, this.how.rules);
  }
}
