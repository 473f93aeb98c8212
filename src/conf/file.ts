import { PgHostsslError } from '../errors.ts';
import type { ParseOptions } from '../parse-options.ts';
import { encodeText, type FileEncoding, toFileText } from '../text/bytes.ts';
import type { Diagnostic } from '../text/diagnostic.ts';
import { indexOfLine, joinLines, lineEndAt } from '../text/lines.ts';
import { defaultPgMajor, type PgMajor } from '../version.ts';
import { settingDefinition } from './catalogue/catalogue.ts';
import { settingKey } from './catalogue/names.ts';
import { diagnose } from './check/diagnose.ts';
import {
  type ConfCommentedSetting,
  type ConfEntry,
  type ConfSetting,
  includeDirective,
  readEntries,
  readEntry,
  settingSpans,
} from './lines/entry.ts';
import { type ConfValue, quoteValue, valueText } from './lines/quote.ts';
import { isSettingName } from './lines/scan.ts';
import type {
  CustomSettingName,
  SettingInput,
  SettingInputs,
  SettingName,
  SettingOutput,
} from './values/setting-input.ts';
import { readValue } from './values/value.ts';

/** How a setting is set. */
export interface SetOptions {
  /**
   * The setting below whose line a new line goes, where the file has neither an active nor a commented-out line to
   * change. Without it, or where the file does not have that one either, a new line goes to the end.
   */
  readonly after?: SettingName | CustomSettingName;
}

/** How a setting is unset. */
export interface UnsetOptions {
  /** Whether its active lines are commented out, which is the default, or removed. */
  readonly mode?: 'comment' | 'remove';
}

/**
 * A postgresql.conf (or a file that it includes, or a postgresql.auto.conf) as it is: an immutable list of lines of
 * which each keeps its exact text. Any bytes are read, and the same bytes are printed. An edit gives a new file that
 * shares all lines but the edited one.
 */
export class ConfFile {
  /** The major whose server reads the file. */
  readonly version: PgMajor;
  /** Every physical line of the file, in order. */
  readonly entries: readonly ConfEntry[];
  /** How the file was read; its own path is among it. */
  readonly options: ParseOptions;
  readonly #encoding: FileEncoding;
  #settings: readonly ConfSetting[] | undefined;
  #diagnostics: readonly Diagnostic[] | undefined;

  private constructor(entries: readonly ConfEntry[], encoding: FileEncoding, options: ParseOptions) {
    this.version = options.version ?? defaultPgMajor;
    this.entries = entries;
    this.#encoding = encoding;
    this.options = options;
  }

  /** Reads a file. Content never throws: what the server would refuse is in {@link ConfFile.diagnostics}. */
  static parse(source: string | Uint8Array, options: ParseOptions = {}): ConfFile {
    const { entries, encoding } = readEntries(source);
    return new ConfFile(entries, encoding, options);
  }

  /** The active settings in the order of the file, overridden ones included; those of included files are not here. */
  get settings(): readonly ConfSetting[] {
    this.#settings ??= this.entries.filter((entry) => entry.kind === 'setting');
    return this.#settings;
  }

  /**
   * What a server of this version has against the file and the files that it includes, in their order. A setting that a
   * later line overrides is not looked at, as the server does not look at it.
   */
  get diagnostics(): readonly Diagnostic[] {
    this.#diagnostics ??= diagnose(this.entries, this.options);
    return this.#diagnostics;
  }

  /**
   * The text of a setting's value, without quotes and escapes, or undefined where no line sets it. The last line wins,
   * as at the server. Names are compared without ASCII case, and old names (`sort_mem`) are the new ones.
   */
  get(name: string): string | undefined {
    return this.#last(this.settings, name)?.value;
  }

  /**
   * A setting's value as the server reads it: a boolean, a number (in the setting's own unit, which is then beside it),
   * a word, a text, or the elements of a list. Undefined where no line sets it, or to what the server would refuse. The
   * settings of extensions and names that this major does not know are text.
   */
  value<N extends string>(name: N): SettingOutput<N> | undefined {
    const text = this.get(name);
    const definition = settingDefinition(name, this.version);
    if (text === undefined || definition === undefined) return text as SettingOutput<N> | undefined;
    const reading = readValue(definition, text, this.version);
    return reading.ok ? (reading.value as SettingOutput<N>) : undefined;
  }

  /**
   * A file in which the setting has this value. The last active line of that name gets the value, and nothing else in
   * it changes; else the first {@link ConfCommentedSetting} of that name is uncommented in place; else a new line is
   * added (see {@link SetOptions}). Already set to it, the file stays the same object. The value is spelt as every
   * major reads it, in quotes where it stood in quotes or needs them.
   *
   * @param value text, a number, a boolean (`on`, `off`), or the elements of a list
   * @throws PgHostsslError `setting-name-invalid` for a name that the file cannot hold; `text-invalid` for a value with
   * a NUL or a lone surrogate, or a number that is not finite.
   */
  set<N extends SettingName | CustomSettingName>(name: N, value: SettingInput<N>, options: SetOptions = {}): ConfFile {
    assertSettingName(name);
    const text = valueText(value as ConfValue);
    const active = this.#last(this.settings, name);
    if (active?.value === text) return this;
    const target = active ?? this.#commented(name);
    if (target !== undefined) return this.#replace(target, this.#assign(target, name, text));
    return this.#add(name, text, options.after);
  }

  /**
   * A file in which all these settings have their values, each set as by {@link ConfFile.set}. With `after`, new lines
   * stand below that setting's line in the order of the given object.
   *
   * @throws PgHostsslError as {@link ConfFile.set} does.
   */
  setAll(values: SettingInputs, options: SetOptions = {}): ConfFile {
    let file: ConfFile = this;
    let { after } = options;
    for (const [key, value] of Object.entries(values)) {
      if (value === undefined) continue;
      const name = key as CustomSettingName;
      file = file.set(name, value, after === undefined ? {} : { after });
      if (after !== undefined) after = name;
    }
    return file;
  }

  /**
   * A file in which no active line sets the name, so that the server's default holds. Every such line is commented out,
   * in a way that {@link ConfFile.set} finds again, or removed.
   */
  unset(name: string, options: UnsetOptions = {}): ConfFile {
    const key = settingKey(name, this.version);
    const isMeant = (entry: ConfEntry) => entry.kind === 'setting' && settingKey(entry.name, this.version) === key;
    if (!this.entries.some(isMeant)) return this;
    const entries =
      options.mode === 'remove'
        ? this.entries.filter((entry) => !isMeant(entry))
        : this.entries.map((entry) => (isMeant(entry) ? this.#commentOut(entry as ConfSetting) : entry));
    return this.#with(entries);
  }

  /**
   * The 1-based line number of one of this file's entries.
   *
   * @throws PgHostsslError `entry-unknown` for an entry that is not in this file.
   */
  lineNumber(entry: ConfEntry): number {
    return indexOfLine(this.entries, entry) + 1;
  }

  /** The file's text. Of a file that is not valid UTF-8 each byte is one character; its bytes are {@link ConfFile.toBytes}. */
  toString(): string {
    return joinLines(this.entries);
  }

  /** The file's bytes: unedited, exactly those that were read. */
  toBytes(): Uint8Array {
    return encodeText(this.toString(), this.#encoding);
  }

  #last(settings: readonly ConfSetting[], name: string): ConfSetting | undefined {
    const key = settingKey(name, this.version);
    return settings.findLast((setting) => settingKey(setting.name, this.version) === key);
  }

  #commented(name: string): ConfCommentedSetting | undefined {
    const key = settingKey(name, this.version);
    return this.entries.find(
      (entry): entry is ConfCommentedSetting =>
        entry.kind === 'commented' && settingKey(entry.name, this.version) === key,
    );
  }

  #assign(entry: ConfSetting | ConfCommentedSetting, name: string, value: string): ConfEntry {
    const { text } = entry;
    const spans = settingSpans(entry);
    // Between a name and a quote or sign nothing need stand; before anything else it must.
    const quoted = spans.quoted || spans.name.end === spans.value.start;
    const isSame = entry.value === value;
    const spelling = isSame
      ? text.slice(spans.value.start, spans.value.end)
      : quoteValue(value, this.#encoding, { quoted });
    const start = spans.hash === undefined ? '' : text.slice(0, spans.hash);
    const head = text.slice(spans.hash === undefined ? 0 : spans.hash + 1, spans.value.start);
    return this.#meant(`${start}${head}${spelling}${text.slice(spans.value.end)}`, name, value);
  }

  #add(name: string, value: string, after: string | undefined): ConfFile {
    const entries = [...this.entries];
    const index = after === undefined ? entries.length : this.#indexBelow(after);
    const lineEnd = lineEndAt(entries, index);
    const before = entries[index - 1];
    if (before !== undefined && !before.text.endsWith('\n')) {
      entries[index - 1] = readEntry(before.text + lineEnd, this.#encoding);
    }
    const spelling = quoteValue(value, this.#encoding, { quoted: false });
    const text = `${toFileText(name, this.#encoding)} = ${spelling}${lineEnd}`;
    entries.splice(index, 0, this.#meant(text, name, value));
    return this.#with(entries);
  }

  /** Below the setting's line, and below the indented comments that go on with the comment at its end. */
  #indexBelow(name: string): number {
    const line = this.#last(this.settings, name) ?? this.#commented(name);
    if (line === undefined) return this.entries.length;
    let index = indexOfLine(this.entries, line) + 1;
    if (line.text.includes('#', settingSpans(line).value.end)) {
      while (this.entries[index]?.kind === 'comment' && /^[ \t]/.test(this.entries[index]!.text)) index += 1;
    }
    return index;
  }

  #commentOut(setting: ConfSetting): ConfEntry {
    const { name } = settingSpans(setting);
    return readEntry(`${setting.text.slice(0, name.start)}#${setting.text.slice(name.start)}`, this.#encoding);
  }

  /** The total check against quoting mistakes and injection: the new line is read as the server would read it. */
  #meant(text: string, name: string, value: string): ConfEntry {
    const entry = readEntry(text, this.#encoding);
    const isOneLine = !/\n./s.test(text);
    const isNamed = entry.kind === 'setting' && settingKey(entry.name, this.version) === settingKey(name, this.version);
    if (!isOneLine || !isNamed || entry.value !== value) {
      throw new PgHostsslError('readback-mismatch', `A line for ${name} would not be read as the given value`);
    }
    return entry;
  }

  #replace(old: ConfEntry, entry: ConfEntry): ConfFile {
    return this.#with(this.entries.with(indexOfLine(this.entries, old), entry));
  }

  #with(entries: readonly ConfEntry[]): ConfFile {
    return new ConfFile(entries, this.#encoding, this.options);
  }
}

function assertSettingName(name: string): void {
  if (isSettingName(name) && includeDirective(name) === undefined) return;
  throw new PgHostsslError('setting-name-invalid', `${JSON.stringify(name)} is no name that the file can set`, {
    hint: 'A name is letters, digits and underscores, not beginning with a digit; an extension puts its own name and one dot before it.',
  });
}
