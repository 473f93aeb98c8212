import { AuthLine } from '../hba/auth-line.ts';
import { entryBesidesRecords } from '../hba/entry.ts';
import { namesFile } from '../hba/token.ts';
import { type IdentEntry, type IdentReading, mappingOfRecord, readMapping } from './mapping.ts';

/** A logical line of a pg_ident.conf. */
export class IdentLine extends AuthLine {
  #reading: IdentReading | undefined;
  #entry: IdentEntry | undefined;

  /** What the server makes of it as a record, `@file` taken for a name. */
  get reading(): IdentReading {
    this.#reading ??= readMapping(this.scanned.fields, this.how.rules);
    return this.#reading;
  }

  /** The line as data. */
  get entry(): IdentEntry {
    this.#entry ??= entryBesidesRecords(this) ?? this.#recordEntry();
    return this.#entry;
  }

  #recordEntry(): IdentEntry {
    const { text } = this;
    if (this.scanned.fields.flat().some(namesFile)) return { kind: 'indirect', text };
    const { record } = this.reading;
    return record === undefined ? { kind: 'invalid', text } : mappingOfRecord(record, this);
  }
}
