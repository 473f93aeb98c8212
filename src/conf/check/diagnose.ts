import { appendAll } from '../../append-all.ts';
import { type Diagnostic, wholeFile } from '../../text/diagnostic.ts';
import { indexOfLoneCarriageReturn } from '../../text/lines.ts';
import { trimEndOf } from '../../text/trim-end.ts';
import type { PgMajor } from '../../version.ts';
import { coreDefinition, settingDefinition } from '../catalogue/catalogue.ts';
import { type ConfEntry, settingSpans } from '../lines/entry.ts';
import { type ConfValue, valueText } from '../lines/quote.ts';
import { scanLine } from '../lines/scan.ts';
import {
  isReadable,
  isSetting,
  overriddenItems,
  type SettingItem,
  type SourceFile,
  type SourceItem,
  type SourceLine,
} from '../lines/sources.ts';
import { readValue } from '../values/value.ts';
import { type Assignment, decideTogether, findConflicts } from './conflicts.ts';
import { diagnosticAt, secretsIn, shownText, textOf, valueSpan } from './diagnostic-at.ts';
import { repeatedSettings } from './repeated.ts';
import { diagnoseSetting, diagnoseText, type Reading } from './setting-diagnostics.ts';
import { syntaxHint } from './syntax-hint.ts';

/** The files and settings that a server reads at one start. */
export interface ReadSources {
  readonly version: PgMajor;
  /** The files in the order in which the server opens them, the main file first. */
  readonly files: readonly SourceFile[];
  /** The settings of all files, in the order in which the server processes them. */
  readonly items: readonly SourceItem[];
  /** Settings of the command line. They override all files. */
  readonly commandLine?: Readonly<Record<string, ConfValue>>;
  /** `true` if the server reads a further file after these files, and the content of that file is unknown. */
  readonly isPartial?: boolean;
}

/**
 * Returns the diagnostics of all files, sorted by file and line. If no diagnostic is an error, a server starts with
 * these files, unless a condition that could not be checked prevents the start.
 */
export function diagnose(sources: ReadSources): readonly Diagnostic[] {
  const { version, files, items, commandLine = {}, isPartial = false } = sources;
  const overridden = overriddenItems(items, (name) => coreDefinition(name, version) !== undefined);
  const found: Diagnostic[] = [];
  for (const file of files) {
    for (let i = 0; i < file.entries.length; i++) found.push(...hiddenLines(file.entries[i]!, { file, line: i + 1 }));
  }
  // A file that was not read can override any line above its include line.
  const lastUnread = isPartial ? items.length : items.findLastIndex(({ kind }) => kind === 'unread-include');
  for (const [i, item] of items.entries()) {
    if (!overridden.has(item)) found.push(...diagnoseItem(item, { version, isCertain: i > lastUnread }));
  }
  for (const [name, value] of Object.entries(commandLine))
    found.push(...diagnoseText(name, valueText(name, value), version));
  appendAll(found, repeatedSettings(items.filter(isSetting), version));
  const live = items.filter(isSetting).filter((item) => !overridden.has(item));
  const unknown =
    lastUnread !== -1 ? 'a file was not read' : isReadable(items) ? undefined : 'the server does not load a file';
  found.push(...diagnoseConflicts(live, sources, unknown));
  return inOrder(found, files);
}

/** Sorts diagnostics by file, line and column. Diagnostics of the command line come last. */
function inOrder(diagnostics: readonly Diagnostic[], files: readonly SourceFile[]): readonly Diagnostic[] {
  const order = new Map([...new Set(files.map(({ path }) => path))].map((path, i) => [path, i]));
  const rank = ({ file }: Diagnostic): number => order.get(file) ?? files.length;
  return [...diagnostics].sort(
    (a, b) =>
      rank(a) - rank(b) || a.range.start.line - b.range.start.line || a.range.start.column - b.range.start.column,
  );
}

function diagnoseItem(item: SourceItem, reading: Reading): readonly Diagnostic[] {
  switch (item.kind) {
    case 'setting':
      return diagnoseSetting(item, reading);
    case 'syntax-error':
      return [syntaxError(item, reading.version)];
    case 'unread-include': {
      const { entry, because } = item;
      const why = because === undefined ? '. Give the options readFile and readDirectory' : `: ${because}`;
      const message = `The files of this ${entry.directive} line were not read${why}`;
      return [diagnosticAt(item, valueSpan(item.entry.text), 'include-not-followed', 'info', message)];
    }
    case 'include-problem': {
      // If the server reads a directory as a file, its own words do not say so: `input in flex scanner failed`.
      const because =
        item.at === undefined ? item.error : `${item.at.path} is a directory. Write include_dir to include its files`;
      const message = `The server does not load the file: ${because}`;
      return [diagnosticAt(item, valueSpan(item.entry.text), 'include-failed', 'error', message)];
    }
  }
}

function syntaxError(place: SourceLine, version: PgMajor): Diagnostic {
  const text = textOf(place);
  const scanned = scanLine(text);
  const { near, atEnd } = scanned.kind === 'invalid' ? scanned : { near: { start: 0, end: 0 }, atEnd: true };
  const what = atEnd ? 'end of line' : `token ${JSON.stringify(shownText(place, near))}`;
  const found = syntaxHint(text, { near, isSecret: secretsIn(place).length > 0, version });
  const hint = found === undefined ? '' : `: ${found.hint}`;
  const message = `Syntax error near ${what}${hint}. The server does not load the file`;
  return diagnosticAt(place, near, 'conf-syntax', 'error', message, { fix: found?.fix });
}

/**
 * Returns the warning about a file whose lines end in carriage returns without line feeds. The server then reads the
 * rest of the file after a `#` as one comment.
 */
function hiddenLines(entry: ConfEntry, place: SourceLine): readonly Diagnostic[] {
  if (entry.kind !== 'comment' && entry.kind !== 'commented') return [];
  const last = indexOfLoneCarriageReturn(entry.text);
  if (last === -1) return [];
  const start = trimEndOf(entry.text.slice(0, last), '\r').length;
  const span = { start, end: trimEndOf(entry.text, '\r\n').length };
  return [
    diagnosticAt(
      place,
      span,
      'carriage-return',
      'warning',
      'A carriage return without a line feed does not end a line: the comment goes on to the next line feed. End the lines with line feeds',
    ),
  ];
}

/** A value in effect, and the line that sets the value. If the command line sets the value, `item` is `undefined`. */
interface EffectiveAssignment extends Assignment {
  readonly item: SettingItem | undefined;
}

function diagnoseConflicts(
  items: readonly SettingItem[],
  { version, files, commandLine = {} }: ReadSources,
  unknownBecause: string | undefined,
): readonly Diagnostic[] {
  const assignment = (name: string, text: string, item: SettingItem | undefined): readonly EffectiveAssignment[] => {
    const definition = settingDefinition(name, version);
    if (definition === undefined || !decideTogether.has(definition.name)) return [];
    const reading = readValue(definition, text, version);
    return [{ item, name: definition.name, value: reading.ok ? reading.value : undefined }];
  };
  const assignments = [
    ...items.flatMap((item) => assignment(item.entry.name, item.entry.value, item)),
    ...Object.entries(commandLine).flatMap(([name, value]) => assignment(name, valueText(name, value), undefined)),
  ];
  // If the settings in effect are not known, a conflict that does not prevent the start is not reported.
  const conflicts = findConflicts(assignments, version).filter(
    ({ effect }) => unknownBecause === undefined || effect === undefined,
  );
  return conflicts.map(({ assignment: last, involved, message, effect }) => {
    const item = last.item ?? involved.findLast((each) => each.item !== undefined)?.item;
    const isKnown = unknownBecause === undefined;
    const code = 'setting-conflict';
    const severity = isKnown ? (effect === undefined ? 'error' : 'warning') : 'info';
    const found = `${effect ?? 'The server does not start'}: ${message}`;
    const text = isKnown
      ? found
      : `The settings in effect are not known, because ${unknownBecause}. With the settings of the other lines: ${found}`;
    if (item === undefined) {
      const { path } = files[0]!;
      return { code, severity, message: text, ...wholeFile, ...(path === undefined ? {} : { file: path }) };
    }
    return diagnosticAt(item, settingSpans(item.entry).value, code, severity, text);
  });
}
