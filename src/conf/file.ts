import {
  assertKnownValue,
  assertProperties,
  assertRecord,
  assertSource,
  given,
  type PropertyNames,
} from '../arguments.ts';
import { assertParseOptions, type ParseOptions } from '../parse-options.ts';
import { encodeText, type FileEncoding } from '../text/bytes.ts';
import type { Diagnostic } from '../text/diagnostic.ts';
import { indexOfLine, joinLines } from '../text/lines.ts';
import { defaultPgMajor, type PgMajor } from '../version.ts';
import { coreDefinition } from './catalogue/catalogue.ts';
import { settingKey } from './catalogue/names.ts';
import { assertSettingName, assertTaken } from './check/assert-setting.ts';
import { diagnose } from './check/diagnose.ts';
import { commentedOutLine } from './edited-line.ts';
import { type ConfCommentedSetting, type ConfEntry, type ConfSetting, readEntries } from './lines/entry.ts';
import { type ConfValue, valueText } from './lines/quote.ts';
import { collectSources, filesOf } from './lines/sources.ts';
import { SettingLines } from './setting-lines.ts';
import type {
  CustomSettingName,
  SettingInput,
  SettingInputs,
  SettingName,
  SettingOutput,
} from './values/setting-input.ts';
import { readValue } from './values/value.ts';

/** Options of {@link ConfFile.set} and {@link ConfFile.setAll}. */
export interface SetOptions {
  /**
   * The name of a setting. If a new line must be added, it is added below the line of this setting. By default, and if
   * the file does not contain this setting, the new line is added at the end of the file. `after` has no effect if the
   * file already has an active or commented-out line of the setting to set, because `set` changes that line.
   */
  readonly after?: SettingName | CustomSettingName | undefined;
  /**
   * With `true`, `set` also writes a value that the major version refuses, and a setting that the major version does
   * not know. A newer minor release or the server of a distribution may accept such a line.
   */
  readonly force?: boolean | undefined;
}

const setOptionNames: PropertyNames<SetOptions> = { after: true, force: true };

/** Options of {@link ConfFile.unset}. */
export interface UnsetOptions {
  /** `comment` comments out the active lines of the setting, `remove` removes them. The default is `comment`. */
  readonly mode?: 'comment' | 'remove' | undefined;
}

/**
 * A postgresql.conf, a file that it includes, or a postgresql.auto.conf, as an immutable list of lines with their exact
 * text. `parse` reads any bytes, and `toBytes` returns the same bytes. An edit returns a new file that shares all
 * unedited lines, or the same file if nothing changes.
 *
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { ConfFile } from 'pg-hostssl/conf';
 *
 * const file = ConfFile.parse("#ssl = off\t# (change requires reload)\nwork_mem = '64MB'\n", { version: 17 });
 * assert.deepEqual(file.value('work_mem'), { amount: 65536, unit: 'kB' });
 *
 * const changed = file.set('ssl', true).set('search_path', ['app', 'public']);
 * assert.equal(changed.toString(), `ssl = on\t# (change requires reload)
 * work_mem = '64MB'
 * search_path = 'app, public'
 * `);
 *
 * assert.throws(() => changed.set('port', 99999), { code: 'setting-refused' });
 * const [problem] = changed.set('port', 99999, { force: true }).diagnostics;
 * assert.equal(problem?.code, 'setting-out-of-range');
 * ```
 */
export class ConfFile {
  /** The major version of the server that reads the file. */
  readonly version: PgMajor;
  /** The options of {@link ConfFile.parse}. `options.file` is the path of the file. */
  readonly options: ParseOptions;
  // Private, so that inspection and JSON of the file show no password of a setting.
  readonly #entries: readonly ConfEntry[];
  readonly #encoding: FileEncoding;
  #settings: readonly ConfSetting[] | undefined;
  #diagnostics: readonly Diagnostic[] | undefined;

  private constructor(entries: readonly ConfEntry[], encoding: FileEncoding, options: ParseOptions) {
    this.version = options.version ?? defaultPgMajor;
    this.#entries = entries;
    this.#encoding = encoding;
    this.options = options;
  }

  /**
   * Reads a file. `parse` accepts any content. {@link ConfFile.diagnostics} lists what the server refuses.
   *
   * @throws PgHostsslError `argument-invalid` for a source that is neither text nor bytes and for an unknown option;
   * `version-unknown` for an unsupported major version
   */
  static parse(source: string | Uint8Array, options: ParseOptions = {}): ConfFile {
    assertSource(source, 'ConfFile.parse');
    assertParseOptions(options, 'options of ConfFile.parse');
    const { entries, encoding } = readEntries(source);
    return new ConfFile(entries, encoding, given(options));
  }

  /** Every physical line of the file, in order. */
  get entries(): readonly ConfEntry[] {
    return this.#entries;
  }

  /**
   * The active settings of this file in file order, including overridden settings. Settings of included files are not
   * listed.
   */
  get settings(): readonly ConfSetting[] {
    this.#settings ??= this.entries.filter((entry) => entry.kind === 'setting');
    return this.#settings;
  }

  /**
   * The diagnostics of the file and of its included files, sorted by file and line. If a later line overrides a
   * setting, the server does not check the overridden value, so there is no diagnostic about this value.
   */
  get diagnostics(): readonly Diagnostic[] {
    this.#diagnostics ??= this.#diagnose();
    return this.#diagnostics;
  }

  /**
   * Returns the text of a setting's value, without quotes and escapes. The last line of the file wins, as in the
   * server. The case of ASCII letters in the name is ignored, and an old name (`sort_mem`) means the new name.
   *
   * @returns `undefined` if no line of this file sets the setting
   * @throws PgHostsslError `argument-invalid` for a value of the wrong kind
   */
  get(name: string): string | undefined {
    const key = settingKey(name, this.version);
    return this.settings.findLast((setting) => settingKey(setting.name, this.version) === key)?.value;
  }

  /**
   * Returns the value of a setting as the server reads it: a boolean, a number, an amount with the setting's own unit,
   * a word, a text, or the elements of a list. For a setting that the major version does not know, returns the text.
   *
   * @returns `undefined` if no line of this file sets the setting, or if the server refuses its value
   * @throws PgHostsslError `argument-invalid` for a value of the wrong kind
   */
  value<N extends string>(name: N): SettingOutput<N> | undefined {
    const text = this.get(name);
    const definition = coreDefinition(name, this.version);
    if (text === undefined || definition === undefined) return text as SettingOutput<N> | undefined;
    const reading = readValue(definition, text, this.version);
    return reading.ok ? (reading.value as SettingOutput<N>) : undefined;
  }

  /**
   * Returns the file with a new value of a setting. `set` changes only the value in the last active line of the
   * setting. If the setting has no active line, `set` uncomments the first {@link ConfCommentedSetting} of the setting.
   * If the setting has no commented-out line either, `set` adds a line (see {@link SetOptions}). The value gets quotes
   * if the old value had quotes, or if some major version would read the new value differently without quotes.
   *
   * @param value text, a number, a boolean (written `on` or `off`), or the elements of a list
   * @returns the same file if the setting has the value already
   * @throws PgHostsslError `setting-refused` for a value that a server of this major version refuses, and for a setting
   * that no table knows, unless `force` is given; `setting-name-invalid` for a name that the file cannot hold;
   * `text-invalid` for a value with a NUL or a lone surrogate, and for a number that is not finite; `argument-invalid`
   * for any other kind of value
   */
  set<N extends SettingName | CustomSettingName>(name: N, value: SettingInput<N>, options: SetOptions = {}): ConfFile {
    assertSettingName(name);
    assertProperties(options, setOptionNames, 'options of ConfFile.set');
    return this.#set([[name, value as ConfValue]], options);
  }

  /**
   * Returns the file with new values of several settings, each set like {@link ConfFile.set} does. With `after`, new
   * lines are added below the line of the setting that `after` names, in the order of the given object. This method is
   * faster than several calls of `set`, because it reads the lines of the file only once.
   *
   * @throws PgHostsslError with the codes of {@link ConfFile.set}
   */
  setAll(values: SettingInputs, options: SetOptions = {}): ConfFile {
    assertRecord(values, 'values of ConfFile.setAll');
    assertProperties(options, setOptionNames, 'options of ConfFile.setAll');
    const settings = Object.entries(given(values));
    for (const [name] of settings) assertSettingName(name);
    return this.#set(settings as [string, ConfValue][], options);
  }

  /**
   * Returns the file without active lines of the setting, so that the server's default applies. `unset` comments out
   * these lines or removes them. Later, {@link ConfFile.set} uses a commented-out line again if the line has a `=`.
   *
   * @returns the same file if no active line sets the setting
   * @throws PgHostsslError `argument-invalid` for an unknown option or mode
   */
  unset(name: string, options: UnsetOptions = {}): ConfFile {
    assertProperties(options, { mode: true }, 'options of ConfFile.unset');
    const { mode = 'comment' } = options;
    assertKnownValue(mode, ['comment', 'remove'], 'mode of ConfFile.unset');
    const key = settingKey(name, this.version);
    const isMeant = (entry: ConfEntry) => entry.kind === 'setting' && settingKey(entry.name, this.version) === key;
    if (!this.entries.some(isMeant)) return this;
    const entries =
      mode === 'remove'
        ? this.entries.filter((entry) => !isMeant(entry))
        : this.entries.map((entry) =>
            isMeant(entry) ? commentedOutLine(entry as ConfSetting, this.#encoding) : entry,
          );
    return this.#with(entries);
  }

  /**
   * Returns the 1-based line number of an entry of this file.
   *
   * @throws PgHostsslError `entry-unknown` if the entry is not in this file
   */
  lineNumber(entry: ConfEntry): number {
    return indexOfLine(this.entries, entry) + 1;
  }

  /**
   * Returns the text of the file. If the file is not valid UTF-8, each byte is one character of the text; to write such
   * a file, use {@link ConfFile.toBytes}.
   */
  toString(): string {
    return joinLines(this.entries);
  }

  /** Returns the bytes of the file. A file without edits has exactly the parsed bytes. */
  toBytes(): Uint8Array {
    return encodeText(this.toString(), this.#encoding);
  }

  #diagnose(): readonly Diagnostic[] {
    const main = { path: this.options.file, entries: this.entries };
    const items = collectSources(main, this.options);
    return diagnose({ version: this.version, files: filesOf(main, items), items });
  }

  /**
   * Returns the file with new values of settings. With `after`, each added line goes below the line of the previous
   * setting.
   */
  #set(values: readonly (readonly [string, ConfValue])[], { after, force = false }: SetOptions): ConfFile {
    const names = values.map(([name]) => name);
    if (after !== undefined) names.push(after);
    const lines = new SettingLines(this.entries, this.#encoding, this.version, names);
    let above: string | undefined = after;
    for (const [name, value] of values) {
      const text = valueText(name, value);
      if (!force) assertTaken(name, text, this.version);
      lines.set(name, text, above);
      if (above !== undefined) above = name;
    }
    const entries = lines.entries();
    return entries === this.entries ? this : this.#with(entries);
  }

  #with(entries: readonly ConfEntry[]): ConfFile {
    return new ConfFile(entries, this.#encoding, this.options);
  }
}
