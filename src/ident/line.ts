import { EntryLine } from '../auth-file/read/entry-line.ts';
import { namesFile, type ScannedLine } from '../auth-file/scan/token.ts';
import { type IdentEntry, type IdentMapping, type IdentReading, mappingOfRecord, readMapping } from './mapping.ts';

/** A logical line of a pg_ident.conf. */
export class IdentLine extends EntryLine<IdentMapping> {
  /** What the server makes of it as a record, `@file` taken for a name. */
  read({ fields }: ScannedLine = this.scan()): IdentReading {
    return readMapping(fields, this.how.rules);
  }

  protected override recordEntry(scanned: ScannedLine): IdentEntry {
    const { text } = this;
    if (scanned.fields.flat().some(namesFile)) return { kind: 'indirect', text };
    const { record } = this.read(scanned);
    return record === undefined ? { kind: 'invalid', text } : mappingOfRecord(record, this, this.commentOf(scanned));
  }
}
