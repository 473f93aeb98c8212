import type { ScannedLine } from '../scan/token.ts';
import { type CommonEntry, entryBesidesRecords } from './entry.ts';
import { AuthLine } from './line.ts';

/** A logical line together with what it is as data: a record of its file's kind, or what every such file can have. */
export abstract class EntryLine<RecordEntry> extends AuthLine {
  #entry: RecordEntry | CommonEntry | undefined;

  /** The line as data. */
  get entry(): RecordEntry | CommonEntry {
    this.#entry ??= this.#readEntry(this.scan());
    return this.#entry;
  }

  #readEntry(scanned: ScannedLine): RecordEntry | CommonEntry {
    return entryBesidesRecords(this, scanned) ?? this.recordEntry(scanned);
  }

  /** What a line is that may be a record. */
  protected abstract recordEntry(scanned: ScannedLine): RecordEntry | CommonEntry;
}
