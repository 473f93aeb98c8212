import { AuthLine } from '../hba/auth-line.ts';
import { entryBesidesRecords } from '../hba/entry.ts';
import { namesFile, type ScannedLine } from '../hba/token.ts';
import { type IdentEntry, type IdentReading, mappingOfRecord, readMapping } from './mapping.ts';

/** A logical line of a pg_ident.conf. */
export class IdentLine extends AuthLine {
  #entry: IdentEntry | undefined;

  /** What the server makes of it as a record, `@file` taken for a name. */
  read({ fields }: ScannedLine = this.scan()): IdentReading {
    return readMapping(fields, this.how.rules);
  }

  /** The line as data. */
  get entry(): IdentEntry {
    this.#entry ??= this.#readEntry(this.scan());
    return this.#entry;
  }

  #readEntry(scanned: ScannedLine): IdentEntry {
    const entry = entryBesidesRecords(this, scanned);
    if (entry !== undefined) return entry;
    const { text } = this;
    if (scanned.fields.flat().some(namesFile)) return { kind: 'indirect', text };
    const { record } = this.read(scanned);
    return record === undefined ? { kind: 'invalid', text } : mappingOfRecord(record, this, this.commentOf(scanned));
  }
}
