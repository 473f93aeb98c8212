import type { CommonEntry } from '../auth-file/read/entry.ts';
import { EntryLine } from '../auth-file/read/entry-line.ts';
import { type Field, namesFile, type ScannedLine } from '../auth-file/scan/token.ts';
import { type LineRole, noRecord, quietRoleOf } from './check/replication.ts';
import { type HbaRecord, type RecordReading, readRecord } from './read/record.ts';
import { type HbaRule, ruleOfRecord } from './rule.ts';

/** A logical line of a pg_hba.conf, as data. */
export type HbaEntry = HbaRule | CommonEntry;

/** A logical line of a pg_hba.conf. */
export class HbaLine extends EntryLine<HbaRule> {
  #recordRole: LineRole | undefined;

  /** What the server makes of it as a record, `@file` taken for a name. */
  read({ fields }: ScannedLine = this.scan()): RecordReading {
    return readRecord(fields, this.how);
  }

  /**
   * What the line is to a check of the whole file; undefined where the line itself has to be looked at: where it is of
   * more than one physical line, names another file, is refused, or has something to be told of it.
   */
  get quietRole(): LineRole | undefined {
    // The role of a record is found while its entry is read.
    const { kind } = this.entry;
    if (kind === 'rule') return this.#recordRole;
    return (kind === 'comment' || kind === 'blank') && this.isPlain ? noRecord : undefined;
  }

  protected override recordEntry(scanned: ScannedLine): HbaEntry {
    const { text, how } = this;
    const reading = this.read(scanned);
    const { record } = reading;
    const hasFiles = scanned.fields.some(hasFile);
    if (hasFiles && scanned.fields.some((field) => hasFile(field) && !isNameList(field, record))) {
      return { kind: 'indirect', text };
    }
    if (record === undefined) return { kind: 'invalid', text };
    if (!hasFiles) this.#recordRole = quietRoleOf(this, scanned, reading);
    return ruleOfRecord(record, text, this.commentOf(scanned), how.rules);
  }
}

function hasFile(field: Field): boolean {
  return field.some(namesFile);
}

function isNameList(field: Field, record: HbaRecord | undefined): boolean {
  return field === record?.databases || field === record?.users;
}
