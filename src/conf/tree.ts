import { PgHostsslError } from '../errors.ts';
import type { Diagnostic } from '../text/diagnostic.ts';
import { defaultPgMajor, type PgMajor } from '../version.ts';
import { settingDefinition } from './catalogue/catalogue.ts';
import { settingKey } from './catalogue/names.ts';
import { ConfFile, type SetOptions } from './file.ts';
import type { ConfSetting } from './lines/entry.ts';
import type { ConfValue } from './lines/quote.ts';
import { valueText } from './lines/quote.ts';
import { collectSources, type SourceFile } from './lines/sources.ts';
import type { CustomSettingName, SettingInput, SettingName } from './values/setting-input.ts';

/** What a tree is made of. */
export interface ConfTreeSources {
  /** The postgresql.conf, with callbacks among its options that read what it includes. */
  readonly main: ConfFile;
  /** The postgresql.auto.conf, which is read after it. */
  readonly auto?: ConfFile;
  /** Settings of the server's command line, which win over all files. */
  readonly commandLine?: Readonly<Record<string, ConfValue>>;
}

/** Where a value comes from. */
export type AssignmentSource = 'default' | 'file' | 'auto' | 'command-line';

/** A place that gives a setting a value. */
export interface ConfAssignment {
  /** Which kind of place: postgresql.conf and what it includes are `file`. */
  readonly source: AssignmentSource;
  /** The value as text. */
  readonly value: string;
  /** The file that the line is in. */
  readonly file?: ConfFile;
  /** 1-based line number in it. */
  readonly line?: number;
  /** The line. */
  readonly entry?: ConfSetting;
}

/** The assignment that is in effect. */
export interface EffectiveSetting extends ConfAssignment {
  /** The others, which it overrides, in the order in which the server meets them. */
  readonly overrides: readonly ConfAssignment[];
}

/** A tree after a change. */
export interface ConfTreeEdit {
  /** The tree with the changed file. */
  readonly tree: ConfTree;
  /** The file that was changed, as it is now: what has to be written. */
  readonly file: ConfFile;
  /** The assignment because of which the new value will not be in effect, where there is one. */
  readonly overriddenBy?: ConfAssignment;
}

/** How a setting is set in a tree. */
export interface ConfTreeSetOptions extends SetOptions {
  /** The path of the file to set it in; by default the one whose line is in effect, else the main file. */
  readonly file?: string;
}

/**
 * A server's configuration as a whole: postgresql.conf with the files that it includes in their places,
 * postgresql.auto.conf on top of it, and the command line last. Files are read once; an edit gives a new tree.
 */
export class ConfTree {
  /** The major whose server reads the files. */
  readonly version: PgMajor;
  /** The postgresql.conf. */
  readonly main: ConfFile;
  /** The postgresql.auto.conf, where there is one. */
  readonly auto: ConfFile | undefined;
  /** All files, main file first, then the included ones as the server meets them, postgresql.auto.conf last. */
  readonly files: readonly ConfFile[];
  readonly #commandLine: Readonly<Record<string, ConfValue>>;
  readonly #included: ReadonlyMap<string, ConfFile>;
  readonly #assignments: readonly ConfAssignment[];

  private constructor(sources: ConfTreeSources, known: ReadonlyMap<string, ConfFile>) {
    const { main, auto, commandLine = {} } = sources;
    this.main = main;
    this.auto = auto;
    this.version = main.options.version ?? defaultPgMajor;
    this.#commandLine = commandLine;
    const included = new Map(known);
    const fromMain = collect(main, 'file', included);
    const fromAuto = auto === undefined ? [] : collect(auto, 'auto', included);
    this.#included = included;
    this.#assignments = [...fromMain, ...fromAuto];
    this.files = [main, ...included.values(), ...(auto === undefined ? [] : [auto])];
  }

  /** The tree below a main file; what it includes is read with the callbacks that the file was parsed with. */
  static read(sources: ConfTreeSources): ConfTree {
    return new ConfTree(sources, new Map());
  }

  /** What a server has against the files; of what is in postgresql.auto.conf, too. */
  get diagnostics(): readonly Diagnostic[] {
    return [...this.main.diagnostics, ...(this.auto?.diagnostics ?? [])];
  }

  /**
   * The assignment that gives a setting its value at the server, and all that it overrides. Where nothing sets it, the
   * built-in default in the spelling of pg_settings; undefined for a name that has none.
   */
  effective(name: string): EffectiveSetting | undefined {
    const all = [...this.#assignmentsOf(name), ...this.#fromCommandLine(name)];
    const last = all.at(-1);
    if (last !== undefined) return { ...last, overrides: all.slice(0, -1) };
    const boot = settingDefinition(name, this.version)?.default;
    return boot === undefined ? undefined : { source: 'default', value: boot, overrides: [] };
  }

  /**
   * Sets a value on the line that is in effect among postgresql.conf and what it includes, else in the main file (see
   * {@link ConfFile.set}), and says what will override it. postgresql.auto.conf is left to `ALTER SYSTEM`.
   *
   * @throws PgHostsslError as {@link ConfFile.set} does; `file-unknown` where the options name a file that is not in the
   * tree.
   */
  set<N extends SettingName | CustomSettingName>(
    name: N,
    value: SettingInput<N>,
    options: ConfTreeSetOptions = {},
  ): ConfTreeEdit {
    const { file: path, ...rest } = options;
    const target = path === undefined ? this.#target(name) : this.#fileAt(path);
    const file = target.set(name, value, rest);
    const tree = this.#replace(target, file);
    const overriding = tree.effective(name);
    const isInEffect = overriding?.file === file || overriding === undefined;
    if (isInEffect) return { tree, file };
    const { overrides: _, ...overriddenBy } = overriding;
    return { tree, file, overriddenBy };
  }

  #target(name: string): ConfFile {
    return this.#assignmentsOf(name).findLast(({ source }) => source === 'file')?.file ?? this.main;
  }

  #fileAt(path: string): ConfFile {
    const file = this.files.find(({ options }) => options.file === path);
    if (file !== undefined) return file;
    throw new PgHostsslError('file-unknown', `${path} is none of the files of this configuration`, { file: path });
  }

  #replace(old: ConfFile, file: ConfFile): ConfTree {
    if (old === file) return this;
    const main = old === this.main ? file : this.main;
    const auto = old === this.auto ? file : this.auto;
    const included = new Map([...this.#included].map(([path, known]) => [path, known === old ? file : known] as const));
    return new ConfTree({ main, ...(auto && { auto }), commandLine: this.#commandLine }, included);
  }

  #assignmentsOf(name: string): readonly ConfAssignment[] {
    const key = settingKey(name, this.version);
    return this.#assignments.filter(({ entry }) => settingKey(entry!.name, this.version) === key);
  }

  #fromCommandLine(name: string): readonly ConfAssignment[] {
    const key = settingKey(name, this.version);
    return Object.entries(this.#commandLine)
      .filter(([other]) => settingKey(other, this.version) === key)
      .map(([, value]) => ({ source: 'command-line', value: valueText(value) }));
  }
}

/** The assignments of a file and its included files, which are taken from those known, or read and added to them. */
function collect(file: ConfFile, source: 'file' | 'auto', included: Map<string, ConfFile>): readonly ConfAssignment[] {
  const { readFile, ...options } = file.options;
  const files = new Map<SourceFile, ConfFile>();
  const asSource = (conf: ConfFile): SourceFile => {
    const known = { path: conf.options.file, entries: conf.entries };
    files.set(known, conf);
    return known;
  };
  const items = collectSources(asSource(file), {
    ...options,
    ...(readFile && { readFile: (path: string) => included.get(path)?.toBytes() ?? readFile(path) }),
    onFile: (path, bytes) => {
      const conf = included.get(path) ?? ConfFile.parse(bytes, { ...file.options, file: path });
      included.set(path, conf);
      return asSource(conf);
    },
  });
  return items.flatMap((item): ConfAssignment[] => {
    if (item.kind !== 'setting') return [];
    const { entry, line } = item;
    return [{ source, value: entry.value, file: files.get(item.file)!, line, entry }];
  });
}
