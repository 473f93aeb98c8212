import { assertInstance, assertProperties, assertRecord, assertText, type PropertyNames } from '../arguments.ts';
import { PgHostsslError } from '../errors.ts';
import type { Diagnostic } from '../text/diagnostic.ts';
import { defaultPgMajor, type PgMajor } from '../version.ts';
import { settingDefinition } from './catalogue/catalogue.ts';
import { settingKey } from './catalogue/names.ts';
import { diagnose } from './check/diagnose.ts';
import { ConfFile, type SetOptions } from './file.ts';
import type { ConfSetting } from './lines/entry.ts';
import { type ConfValue, valueText } from './lines/quote.ts';
import { collectSources, isReadable, type SourceFile, type SourceItem } from './lines/sources.ts';
import type { CustomSettingName, SettingInput, SettingName } from './values/setting-input.ts';

/** The files and settings of a {@link ConfTree}. */
export interface ConfTreeSources {
  /** postgresql.conf. The callbacks in its options read the files that it includes. */
  readonly main: ConfFile;
  /** postgresql.auto.conf. The server reads it after postgresql.conf. */
  readonly auto?: ConfFile | undefined;
  /** Settings of the server's command line. They override all files. */
  readonly commandLine?: Readonly<Record<string, ConfValue>> | undefined;
  /**
   * `true` if a file of the configuration was not read, such as postgresql.auto.conf. If so, a diagnostic that depends
   * on this file is not an error.
   */
  readonly isPartial?: boolean | undefined;
}

/** The place from which a setting gets its value. `file` means postgresql.conf and the files that it includes. */
export type AssignmentSource = 'default' | 'file' | 'auto' | 'command-line';

/** A value of a setting, and its place. */
export interface ConfAssignment {
  /** The kind of place that sets the value. */
  readonly source: AssignmentSource;
  /** The value of the setting, as text. */
  readonly value: string;
  /** The file of the line, for the sources `file` and `auto`. */
  readonly file?: ConfFile;
  /** The 1-based number of the line in `file`. */
  readonly line?: number;
  /** The line that sets the value, for the sources `file` and `auto`. */
  readonly entry?: ConfSetting;
}

/** The assignment that is in effect. */
export interface EffectiveSetting extends ConfAssignment {
  /** The overridden assignments, in the order in which the server reads them. */
  readonly overrides: readonly ConfAssignment[];
}

/** The result of {@link ConfTree.set}. */
export interface ConfTreeEdit {
  /** The tree with the changed file. */
  readonly tree: ConfTree;
  /** The changed file. The caller must write it. */
  readonly file: ConfFile;
  /** The assignment that overrides the new value, if there is one. */
  readonly overriddenBy?: ConfAssignment;
}

/** Options of {@link ConfTree.set}. */
export interface ConfTreeSetOptions extends SetOptions {
  /** The path of the file to change. The default is the file whose line is in effect, or else the main file. */
  readonly file?: string | undefined;
}

/**
 * The whole configuration of a server: postgresql.conf with its included files, then postgresql.auto.conf, then the
 * command line. Each file is read once. An edit returns a new tree.
 *
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { ConfFile, ConfTree } from 'pg-hostssl/conf';
 *
 * const readFile = () => new TextEncoder().encode('ssl = off\n');
 * const main = ConfFile.parse("include 'tls.conf'\n", { file: '/data/postgresql.conf', readFile });
 * const auto = ConfFile.parse("port = '5433'\n", { file: '/data/postgresql.auto.conf' });
 * const tree = ConfTree.read({ main, auto });
 * assert.equal(tree.effective('ssl')?.file?.options.file, '/data/tls.conf');
 *
 * const { file } = tree.set('ssl', true);
 * assert.equal(file.toString(), 'ssl = on\n');
 * const { overriddenBy } = tree.set('port', 5432);
 * assert.equal(overriddenBy?.source, 'auto');
 * ```
 */
export class ConfTree {
  /** The major version of the server that reads the files. */
  readonly version: PgMajor;
  /** The file postgresql.conf. */
  readonly main: ConfFile;
  /** The file postgresql.auto.conf, if it was given. */
  readonly auto: ConfFile | undefined;
  /** All files: the main file, then the included files in the order in which the server reads them, then `auto`. */
  readonly files: readonly ConfFile[];
  readonly #commandLine: Readonly<Record<string, ConfValue>>;
  readonly #isPartial: boolean;
  readonly #included: ReadonlyMap<string, ConfFile>;
  readonly #assignments: readonly ConfAssignment[];
  readonly #items: readonly SourceItem[];
  readonly #sourceFiles: readonly SourceFile[];
  #diagnostics: readonly Diagnostic[] | undefined;

  private constructor(sources: ConfTreeSources, known: ReadonlyMap<string, ConfFile>) {
    const { main, auto, commandLine = {}, isPartial = false } = sources;
    this.main = main;
    this.auto = auto;
    this.version = main.options.version ?? defaultPgMajor;
    this.#commandLine = commandLine;
    this.#isPartial = isPartial;
    const included = new Map(known);
    const fromMain = collect(main, 'file', included);
    const fromAuto = auto === undefined ? undefined : collect(auto, 'auto', included);
    this.#included = included;
    this.#assignments = [...fromMain.assignments, ...(fromAuto?.assignments ?? [])];
    // If the server cannot read postgresql.conf or an included file, it does not open postgresql.auto.conf.
    this.#items = [...fromMain.items, ...((isReadable(fromMain.items) && fromAuto?.items) || [])];
    this.#sourceFiles = [...fromMain.files, ...(fromAuto?.files ?? [])];
    this.files = [main, ...included.values(), ...(auto === undefined ? [] : [auto])];
  }

  /**
   * Makes the tree of a main file. The callbacks in the options of the main file read the included files.
   *
   * @throws PgHostsslError `argument-invalid` for an unknown property, and for a source that is not a `ConfFile`
   */
  static read(sources: ConfTreeSources): ConfTree {
    assertProperties(sources, sourceNames, 'sources of ConfTree.read');
    assertInstance(sources.main, ConfFile, 'property main of ConfTree.read');
    if (sources.auto !== undefined) assertInstance(sources.auto, ConfFile, 'property auto of ConfTree.read');
    if (sources.commandLine !== undefined) assertRecord(sources.commandLine, 'property commandLine of ConfTree.read');
    return new ConfTree(sources, new Map());
  }

  /**
   * `true` if all files were read and the server can read each line, so that {@link ConfTree.effective} returns the
   * server's values. A server uses no setting of files with a syntax error.
   */
  get isWhole(): boolean {
    return this.isReadable && !this.#isPartial && this.#items.every(({ kind }) => kind !== 'unread-include');
  }

  /** @internal `false` if the server stops at a line: a syntax error, or an include line that fails. */
  get isReadable(): boolean {
    return isReadable(this.#items);
  }

  /**
   * The diagnostics of all files and of the command line. If a later line overrides a value, the server does not check
   * the overridden value, so there is no diagnostic about this value. Conflicts between settings are judged by the
   * values in effect.
   */
  get diagnostics(): readonly Diagnostic[] {
    this.#diagnostics ??= diagnose({
      version: this.version,
      files: this.#sourceFiles,
      items: this.#items,
      commandLine: this.#commandLine,
      isPartial: this.#isPartial,
    });
    return this.#diagnostics;
  }

  /**
   * Returns the assignment that gives a setting its value in the server, with the assignments that it overrides. If
   * nothing sets the setting, the result is the built-in default, written as in `pg_settings`.
   *
   * @returns `undefined` if nothing sets the setting and it has no built-in default
   * @throws PgHostsslError `argument-invalid` for a value of the wrong kind
   */
  effective(name: string): EffectiveSetting | undefined {
    const all = [...this.#assignmentsOf(name), ...this.#fromCommandLine(name)];
    const last = all.at(-1);
    if (last !== undefined) return { ...last, overrides: all.slice(0, -1) };
    const boot = settingDefinition(name, this.version)?.default;
    return boot === undefined ? undefined : { source: 'default', value: boot, overrides: [] };
  }

  /**
   * Sets a value like {@link ConfFile.set}. `set` changes the file whose line is in effect, or the main file if no line
   * sets the setting. `set` never changes postgresql.auto.conf, because only `ALTER SYSTEM` should write that file. If
   * postgresql.auto.conf overrides the new value, the result has `overriddenBy`.
   *
   * @throws PgHostsslError with the codes of {@link ConfFile.set}; `file-unknown` if `options.file` is not a file of
   * the tree
   */
  set<N extends SettingName | CustomSettingName>(
    name: N,
    value: SettingInput<N>,
    options: ConfTreeSetOptions = {},
  ): ConfTreeEdit {
    assertProperties(options, setOptionNames, 'options of ConfTree.set');
    const { file: path, ...rest } = options;
    if (path !== undefined) assertText(path, 'file of ConfTree.set');
    const target = path === undefined ? this.#target(name) : this.#fileAt(path);
    const file = target.set(name, value, rest);
    const tree = this.#replace(target, file);
    const overriding = tree.effective(name);
    const isInEffect = overriding?.file === file || overriding === undefined;
    if (isInEffect) return { tree, file };
    const { overrides: _, ...overriddenBy } = overriding;
    return { tree, file, overriddenBy };
  }

  /**
   * @internal Returns the tree of the same files and the same command line, read by another major version. Edits are
   * kept.
   */
  withVersion(version: PgMajor): ConfTree {
    const again = (file: ConfFile): ConfFile => ConfFile.parse(file.toBytes(), { ...file.options, version });
    const included = new Map([...this.#included].map(([path, file]) => [path, again(file)] as const));
    const { main, auto } = this;
    return this.#with(again(main), auto && again(auto), included);
  }

  #target(name: string): ConfFile {
    return this.#assignmentsOf(name).findLast(({ source }) => source === 'file')?.file ?? this.main;
  }

  #fileAt(path: string): ConfFile {
    const file = this.files.find(({ options }) => options.file === path);
    if (file !== undefined) return file;
    throw new PgHostsslError('file-unknown', `${path} is not a file of this configuration`, { file: path });
  }

  #replace(old: ConfFile, file: ConfFile): ConfTree {
    if (old === file) return this;
    const main = old === this.main ? file : this.main;
    const auto = old === this.auto ? file : this.auto;
    const included = new Map([...this.#included].map(([path, known]) => [path, known === old ? file : known] as const));
    return this.#with(main, auto, included);
  }

  #with(main: ConfFile, auto: ConfFile | undefined, included: ReadonlyMap<string, ConfFile>): ConfTree {
    return new ConfTree({ main, auto, commandLine: this.#commandLine, isPartial: this.#isPartial }, included);
  }

  #assignmentsOf(name: string): readonly ConfAssignment[] {
    const key = settingKey(name, this.version);
    return this.#assignments.filter(({ entry }) => settingKey(entry!.name, this.version) === key);
  }

  #fromCommandLine(name: string): readonly ConfAssignment[] {
    const key = settingKey(name, this.version);
    return Object.entries(this.#commandLine)
      .filter(([other]) => settingKey(other, this.version) === key)
      .map(([other, value]) => ({ source: 'command-line', value: valueText(other, value) }));
  }
}

const sourceNames: PropertyNames<ConfTreeSources> = { main: true, auto: true, commandLine: true, isPartial: true };
const setOptionNames: PropertyNames<ConfTreeSetOptions> = { file: true, after: true, force: true };

interface Collected {
  readonly assignments: readonly ConfAssignment[];
  readonly items: readonly SourceItem[];
  readonly files: readonly SourceFile[];
}

/**
 * Collects the settings of a file and of its included files. Included files that are not in the map are read and added
 * to the map.
 */
function collect(file: ConfFile, source: 'file' | 'auto', included: Map<string, ConfFile>): Collected {
  const { readFile, ...options } = file.options;
  const files = new Map<SourceFile, ConfFile>();
  const asSource = (conf: ConfFile): SourceFile => {
    const isIncluded = conf === file ? {} : { isIncluded: true };
    const known = { path: conf.options.file, entries: conf.entries, ...isIncluded };
    files.set(known, conf);
    return known;
  };
  const main = asSource(file);
  const items = collectSources(main, {
    ...options,
    ...(readFile && { readFile: (path: string) => included.get(path)?.toBytes() ?? readFile(path) }),
    onFile: (path, bytes) => {
      const conf = included.get(path) ?? ConfFile.parse(bytes, { ...file.options, file: path });
      included.set(path, conf);
      return asSource(conf);
    },
  });
  const assignments = items.flatMap((item): ConfAssignment[] => {
    if (item.kind !== 'setting') return [];
    const { entry, line } = item;
    return [{ source, value: entry.value, file: files.get(item.file)!, line, entry }];
  });
  return { assignments, items, files: [...files.keys()] };
}
