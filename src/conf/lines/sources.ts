import { absoluteConfigLocation, joinPathComponents } from '../../c/paths.ts';
import { maxNestingDepth } from '../../include/directive.ts';
import { configurationFiles, isBlankName } from '../../include/directory.ts';
import { type OpenFailure, openablePath, openFailure } from '../../include/open-failure.ts';
import { mostIncluded, parsedSize, tooMuchIncluded } from '../../include/parsed-size.ts';
import type { ParseOptions } from '../../parse-options.ts';
import { type ConfEntry, type ConfInclude, type ConfInvalid, type ConfSetting, readEntries } from './entry.ts';
import { scanLine } from './scan.ts';

/** A file whose lines the server reads: the main file, or a file that an include line names. */
export interface SourceFile {
  /** The path of the file, if known. */
  readonly path: string | undefined;
  /** The lines of the file. */
  readonly entries: readonly ConfEntry[];
  /** `true` if an include line names the file. */
  readonly isIncluded?: boolean;
}

/** A line of a file. */
export interface SourceLine {
  /** The file to which the line belongs. */
  readonly file: SourceFile;
  /** The 1-based number of the line in the file. */
  readonly line: number;
}

/** The reason why the server does not read an included file, in the server's words (`record_config_file_error`). */
export interface IncludeProblem extends SourceLine {
  /** The kind of the item: an include line whose file could not be read. */
  readonly kind: 'include-problem';
  /** The include line that names the file. */
  readonly entry: ConfInclude;
  /** The error message of the server. */
  readonly error: string;
  /**
   * The place that the server's message names, if it is not the include line. The server names another place if it
   * reads a directory as a file.
   */
  readonly at?: { readonly path: string; readonly line: number };
}

/** An include line whose files were not read. */
export interface UnreadInclude extends SourceLine {
  readonly kind: 'unread-include';
  /** The include line that names the file or directory. */
  readonly entry: ConfInclude;
  /** The reason why the files were not read. `undefined` if the caller gave no function that reads them. */
  readonly because?: string;
}

/** An item that the server collects from a file and its included files. */
export type SourceItem =
  | (SourceLine & { readonly kind: 'setting'; readonly entry: ConfSetting })
  | (SourceLine & { readonly kind: 'syntax-error'; readonly entry: ConfInvalid; readonly isCutOff: boolean })
  | UnreadInclude
  | IncludeProblem;

/** The line of a setting in one of the files. */
export type SettingItem = Extract<SourceItem, { kind: 'setting' }>;

/** Returns whether an item is a setting. */
export function isSetting(item: SourceItem): item is SettingItem {
  return item.kind === 'setting';
}

/** Options for reading included files. */
export interface SourceOptions extends Pick<ParseOptions, 'version' | 'readFile' | 'readDirectory'> {
  /** `true` to stop at the first syntax error of a file, as the view pg_file_settings does. */
  readonly stopAtSyntaxError?: boolean;
  /** Makes the file object of an included file from its bytes. */
  readonly onFile?: (path: string, bytes: Uint8Array) => SourceFile;
}

/**
 * Returns the files to which the items belong, in the order in which the server opens the files, the main file first.
 */
export function filesOf(main: SourceFile, items: readonly SourceItem[]): readonly SourceFile[] {
  return [...new Set([main, ...items.map(({ file }) => file)])];
}

/**
 * Returns whether the server could read the files of these items, so that it goes on to read postgresql.auto.conf. A
 * syntax error or a failed include prevents this.
 */
export function isReadable(items: readonly SourceItem[]): boolean {
  return items.every(({ kind }) => kind === 'setting' || kind === 'unread-include');
}

/**
 * Returns the settings of a file. The settings of each included file are at the place of its include line
 * (`ParseConfigFp`).
 */
export function collectSources(file: SourceFile, options: SourceOptions): readonly SourceItem[] {
  const items: SourceItem[] = [];
  addFile(items, file, 0, { ...options, included: { size: 0 } });
  return items;
}

/**
 * Returns the settings that a later line with exactly the same name overrides. The server drops these settings without
 * checking their values (`ProcessConfigFileInternal`). Unknown names are not dropped, and names that differ in letter
 * case do not count as the same name.
 */
export function overriddenItems(
  items: readonly SourceItem[],
  isKnown: (name: string) => boolean,
): ReadonlySet<SourceItem> {
  const overridden = new Set<SourceItem>();
  const last = new Map<string, SourceItem>();
  for (const item of items) {
    if (item.kind !== 'setting' || !isKnown(item.entry.name)) continue;
    const before = last.get(item.entry.name);
    if (before !== undefined) overridden.add(before);
    last.set(item.entry.name, item);
  }
  return overridden;
}

/** The options for reading included files, and the size of all files that were included so far. */
type Reading = SourceOptions & { readonly included: { size: number } };

function addFile(items: SourceItem[], file: SourceFile, depth: number, options: Reading): void {
  const { entries } = file;
  for (let i = 0; i < entries.length; i++) {
    const entry = entries[i]!;
    const line = i + 1;
    if (entry.kind === 'setting') items.push({ kind: 'setting', file, line, entry });
    else if (entry.kind === 'include') addIncluded(items, { file, line, entry }, depth + 1, options);
    else if (entry.kind === 'invalid') {
      items.push({ kind: 'syntax-error', file, line, entry, isCutOff: isCutOff(entry) });
      if (options.stopAtSyntaxError === true) return;
    }
  }
}

type IncludeLine = SourceLine & { readonly entry: ConfInclude };

function addIncluded(items: SourceItem[], include: IncludeLine, depth: number, options: Reading): void {
  const { entry, file } = include;
  if (isBlankName(entry.path))
    items.push(problem(include, `empty configuration ${isDirectory(entry) ? 'directory' : 'file'} name`));
  else if (options.readFile === undefined) items.push({ ...include, kind: 'unread-include' });
  else if (isDirectory(entry)) addDirectory(items, include, depth, options);
  else addIncludedFile(items, include, absoluteConfigLocation(entry.path, file.path, options.version), depth, options);
}

function addIncludedFile(
  items: SourceItem[],
  include: IncludeLine,
  path: string,
  depth: number,
  options: Reading,
): void {
  if (depth > maxNestingDepth) items.push(problem(include, 'nesting depth exceeded'));
  else if (path === include.file.path) items.push(problem(include, 'configuration file recursion'));
  else if (options.included.size > mostIncluded) {
    items.push({ ...include, kind: 'unread-include', because: tooMuchIncluded });
  } else {
    const read = attempt(() => options.readFile!(openablePath(path)));
    if (read.ok) {
      options.included.size += parsedSize(read.value);
      const included = options.onFile?.(path, read.value) ?? { path, ...readEntries(read.value), isIncluded: true };
      addFile(items, included, depth, options);
    } else if (read.isUnread) {
      items.push({ ...include, kind: 'unread-include', because: unread(path) });
    } else if (read.isDirectory) {
      items.push({ ...problem(include, 'input in flex scanner failed'), at: { path, line: 1 } });
    } else if (include.entry.directive !== 'include_if_exists') {
      items.push(problem(include, `could not open file "${path}"`));
    }
  }
}

/**
 * Adds the `*.conf` files of a directory in byte order, up to the first file that stops the server: a file with a
 * syntax error or with an include that fails (`ParseConfigDirectory`).
 */
function addDirectory(items: SourceItem[], include: IncludeLine, depth: number, options: Reading): void {
  const { readDirectory } = options;
  if (readDirectory === undefined) return void items.push({ ...include, kind: 'unread-include' });
  const folder = absoluteConfigLocation(include.entry.path, include.file.path, options.version);
  const read = attempt(() => readDirectory(openablePath(folder)));
  if (!read.ok && read.isUnread)
    return void items.push({ ...include, kind: 'unread-include', because: unread(folder) });
  if (!read.ok) return void items.push(problem(include, `could not open directory "${folder}"`));
  for (const name of configurationFiles(read.value)) {
    const path = joinPathComponents(folder, name);
    if (attempt(() => readDirectory(path)).ok) continue;
    const before = items.length;
    addIncludedFile(items, include, path, depth, options);
    if (!isReadable(items.slice(before))) return;
  }
}

function unread(path: string): string {
  return `this process could not read ${path}`;
}

/** Returns whether an invalid line is incomplete because the file ends there without a line end. */
function isCutOff({ text }: ConfInvalid): boolean {
  const scanned = scanLine(text);
  return scanned.kind === 'invalid' && scanned.atEnd && !text.endsWith('\n');
}

function isDirectory(entry: ConfInclude): boolean {
  return entry.directive === 'include_dir';
}

function problem(include: IncludeLine, error: string): IncludeProblem {
  return { ...include, kind: 'include-problem', error };
}

type Attempt<T> = { readonly ok: true; readonly value: T } | ({ readonly ok: false } & OpenFailure);

function attempt<T>(read: () => T): Attempt<T> {
  try {
    return { ok: true, value: read() };
  } catch (error) {
    return { ok: false, ...openFailure(error) };
  }
}
