import type { FileEncoding } from '../text/bytes.ts';
import { changeLines, inOrderOfPlaces, lineEndAt } from '../text/lines.ts';
import type { PgMajor } from '../version.ts';
import { SettingKeys, settingKey } from './catalogue/names.ts';
import { assignedLine, newLine } from './edited-line.ts';
import { type ConfCommentedSetting, type ConfEntry, type ConfSetting, readEntry, settingSpans } from './lines/entry.ts';

/** The line of a setting: a line of the file, or a line that was added. */
interface SettingLine {
  /** The index of a line of the file. An added line goes before the line with this index. */
  readonly index: number;
  readonly isAdded: boolean;
  /** The current entry of the line, after the edits so far. */
  entry: ConfSetting | ConfCommentedSetting;
}

/**
 * The lines of some settings of a file. For each setting, this is the last active line, or the first commented-out line
 * if no line is active. Edits change these lines one by one. {@link SettingLines.entries} then makes the list of all
 * lines of the new file at once.
 */
export class SettingLines {
  readonly #entries: readonly ConfEntry[];
  readonly #encoding: FileEncoding;
  readonly #version: PgMajor;
  readonly #lines = new Map<string, SettingLine>();
  readonly #changed = new Set<SettingLine>();

  /** Finds the lines of the settings with these names. */
  constructor(entries: readonly ConfEntry[], encoding: FileEncoding, version: PgMajor, names: readonly string[]) {
    this.#entries = entries;
    this.#encoding = encoding;
    this.#version = version;
    const keys = new Set(names.map((name) => settingKey(name, version)));
    const wanted = new SettingKeys(keys, version);
    const commented = new Map<string, SettingLine>();
    for (let index = entries.length - 1; index >= 0 && this.#lines.size < keys.size; index--) {
      const entry = entries[index]!;
      if (entry.kind !== 'setting' && entry.kind !== 'commented') continue;
      const key = wanted.keyOf(entry.name);
      if (key === undefined || this.#lines.has(key)) continue;
      (entry.kind === 'setting' ? this.#lines : commented).set(key, { index, isAdded: false, entry });
    }
    for (const [key, line] of commented) if (!this.#lines.has(key)) this.#lines.set(key, line);
  }

  /**
   * Sets the value of a setting.
   *
   * @param after the setting below whose line a new line is added; by default, the line is added at the end of the file
   * @throws PgHostsslError `readback-mismatch`
   */
  set(name: string, value: string, after: string | undefined): void {
    const key = settingKey(name, this.#version);
    const wanted = { name, value, encoding: this.#encoding, version: this.#version };
    const line = this.#lines.get(key);
    if (line === undefined) {
      const index = this.#indexBelow(after);
      const entry = newLine(wanted, lineEndAt(this.#entries, index));
      const added = { index, isAdded: true, entry };
      this.#lines.set(key, added);
      this.#changed.add(added);
    } else if (line.entry.kind === 'commented' || line.entry.value !== value) {
      line.entry = assignedLine(line.entry, wanted);
      this.#changed.add(line);
    }
  }

  /** Returns the lines of the file after the edits. If nothing changed, returns the list that the constructor got. */
  entries(): readonly ConfEntry[] {
    if (this.#changed.size === 0) return this.#entries;
    const changes = [...this.#changed].map(
      ({ index, isAdded, entry }) => ({ index, deleted: isAdded ? 0 : 1, added: [entry] }) as const,
    );
    const entries = changeLines<ConfEntry>(this.#entries, inOrderOfPlaces(changes));
    const end = this.#entries.length;
    const atEnd = changes.filter(({ index }) => index === end).length;
    const formerLast = entries.length - atEnd - 1;
    const text = entries[formerLast]?.text;
    if (atEnd === 0 || text === undefined || text.endsWith('\n')) return entries;
    return entries.with(formerLast, readEntry(text + lineEndAt(this.#entries, end), this.#encoding));
  }

  /**
   * Returns the index for a new line below the line of a setting. If the line of the setting ends in a comment, the
   * index is also below the indented comments that continue this comment.
   */
  #indexBelow(name: string | undefined): number {
    const line = name === undefined ? undefined : this.#lines.get(settingKey(name, this.#version));
    if (line === undefined) return this.#entries.length;
    if (line.isAdded) return line.index;
    let index = line.index + 1;
    const { entry } = line;
    if (entry.text.includes('#', settingSpans(entry).value.end)) {
      while (this.#entries[index]?.kind === 'comment' && /^[ \t]/.test(this.#entries[index]!.text)) index += 1;
    }
    return index;
  }
}
