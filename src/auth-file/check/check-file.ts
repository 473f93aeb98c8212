import { type Diagnostic, insertInOrder } from '../../text/diagnostic.ts';
import type { CommonEntry, RecordEntry } from '../read/entry.ts';
import { type ExpandableFile, expandLines } from '../read/expand.ts';
import { type ExpandedLine, readExpanded } from '../read/expanded-line.ts';
import type { AuthLine } from '../read/line.ts';
import type { LineDiagnostic } from '../read/line-diagnostic.ts';
import type { LineContext } from '../read/record-format.ts';
import type { LineReading } from '../read/refusal.ts';
import { explainJoinedColumns } from './joining-blank.ts';
import { lintLine } from './lint-line.ts';
import { placeDiagnostics } from './place-diagnostics.ts';

/** The functions that check one authentication file, for the format of this file. */
export interface FileCheck<R, E extends RecordEntry> {
  /** Adds the diagnostics about a record to `diagnostics`. Called only for a record that the server accepts. */
  checkRecord(record: R, context: LineContext, diagnostics: LineDiagnostic[]): void;
  /**
   * Called for each record, so that {@link FileCheck.checkWhole} can use it. The argument is `undefined` for a line
   * that the server refuses.
   */
  noteRecord?(entry: E | undefined): void;
  /**
   * Returns the diagnostics that concern the file as a whole. Called after all lines were checked.
   *
   * @param reading `isWhole` is `true` if all files were read and the server refuses no line
   */
  checkWhole?(file: ExpandableFile<R, E>, reading: { readonly isWhole: boolean }): readonly Diagnostic[];
  /**
   * Returns `true` if an entry certainly has no diagnostic. If the result is `false`, or if the format has no such
   * function, the line is scanned again for a full check.
   */
  isOrdinary?(entry: E, context: LineContext): boolean;
}

/**
 * Lines in which a full check found no diagnostic. Only {@link checkFile} fills the set, because the reading code does
 * not depend on checks.
 */
const cleanLines = new WeakSet<object>();

/** Returns all diagnostics of a file and of its included files. */
export function checkFile<R, E extends RecordEntry>(file: ExpandableFile<R, E>, check: FileCheck<R, E>): Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  const { kind } = file.context.format;
  let isWhole = true;
  const skips = (line: AuthLine<R, E>): boolean => {
    const { entry } = line;
    if (entry.kind !== kind) return isSkippedEntry(entry as CommonEntry) && line.isPlain;
    if (check.isOrdinary === undefined) return false;
    if (!isOrdinary(line, entry as E, check) && !cleanLines.has(line)) return false;
    check.noteRecord?.(entry as E);
    return true;
  };
  expandLines(
    file,
    (expanded) => {
      const reading = readExpanded(expanded);
      const found = checkLine(expanded, reading, check);
      if (found.length === 0 && isUnexpanded(expanded) && expanded.line.isPlain) cleanLines.add(expanded.line);
      if (reading !== undefined) check.noteRecord?.(entryOf(expanded, reading));
      isWhole &&= found.every(({ code, severity }) => severity !== 'error' && code !== 'include-not-followed');
      for (const diagnostic of placeDiagnostics(found, expanded)) diagnostics.push(diagnostic);
    },
    skips,
  );
  for (const diagnostic of check.checkWhole?.(file, { isWhole }) ?? []) insertInOrder(diagnostics, diagnostic);
  return diagnostics;
}

function isSkippedEntry({ kind }: CommonEntry): boolean {
  return kind === 'comment' || kind === 'blank';
}

/**
 * Returns whether a line certainly has no diagnostic, judged by its entry and its text. This is much faster than
 * scanning the line again, and it suffices for most lines.
 */
function isOrdinary<R, E extends RecordEntry>(line: AuthLine<R, E>, entry: E, check: FileCheck<R, E>): boolean {
  const { text, context, hasWarnings } = line;
  return !hasWarnings && hasOrdinaryText(text) && isShort(text, context) && check.isOrdinary?.(entry, context) === true;
}

/**
 * Characters that most lines do not contain: quotes, commas, backslashes, NULs, and carriage returns that do not end
 * the line.
 */
const rare = /['"\\\0,]|\r[^\r\n]/;

/**
 * The characters that can cause a diagnostic wherever they are in a line. A double quote or a comma causes a diagnostic
 * only in some places.
 */
const suspicious = /['\\\0]|\r[^\r\n]/;

/**
 * Returns whether {@link lintLine} certainly finds nothing in a line, apart from its length. If so, the line is a
 * single physical line.
 */
function hasOrdinaryText(text: string): boolean {
  return !rare.test(text) || (!suspicious.test(text) && !hasStrayComma(text) && hasEvenQuotes(text));
}

function hasStrayComma(text: string): boolean {
  for (let at = text.indexOf(','); at !== -1; at = text.indexOf(',', at + 1)) {
    const before = text[at - 1];
    if (before === ' ' || before === '\t') return true;
  }
  return false;
}

/** Returns whether all quotes of a line are closed. */
function hasEvenQuotes(text: string): boolean {
  let isEven = true;
  for (let at = text.indexOf('"'); at !== -1; at = text.indexOf('"', at + 1)) isEven = !isEven;
  return isEven;
}

/** Returns whether each word of a line certainly fits the buffers of all minor releases of the version. */
function isShort(text: string, { rules }: LineContext): boolean {
  if (rules.tokenBuffer === Number.POSITIVE_INFINITY) return true;
  return text.length < shortWord || (text.length < shortLine && !text.includes('"') && !/[^ \t]{60}/.test(text));
}

const shortWord = 60;
const shortLine = 2000;

function checkLine<R, E extends RecordEntry>(
  expanded: ExpandedLine<R, E>,
  reading: LineReading<R> | undefined,
  check: FileCheck<R, E>,
): LineDiagnostic[] {
  const found = [...expanded.warnings, ...(reading?.warnings ?? [])];
  if (reading?.error !== undefined)
    found.push(explainJoinedColumns(reading.error, expanded.line, expanded.scanned.fields.flat()));
  if (reading?.record !== undefined) check.checkRecord(reading.record, expanded.line.context, found);
  // A mistake in the words of an `@file` cannot be corrected in the line that names the file.
  const diagnostics: LineDiagnostic[] = isUnexpanded(expanded)
    ? found
    : found.map(({ fix: _, ...diagnostic }) => diagnostic);
  lintLine(expanded, diagnostics);
  return diagnostics.some(({ fix }) => fix !== undefined) ? withoutSecrets(diagnostics, expanded.line) : diagnostics;
}

/**
 * Leaves out the fixes that replace a part of a secret. A diagnostic can be stored or sent, so its fixes must not
 * contain a secret.
 */
function withoutSecrets<R, E extends RecordEntry>(
  diagnostics: readonly LineDiagnostic[],
  { text, shownText }: AuthLine<R, E>,
): LineDiagnostic[] {
  return diagnostics.map(({ fix, ...diagnostic }) => {
    if (fix === undefined || text.slice(fix.start, fix.end) !== shownText.slice(fix.start, fix.end)) return diagnostic;
    return { ...diagnostic, fix };
  });
}

function isUnexpanded<R, E extends RecordEntry>({ fields, scanned }: ExpandedLine<R, E>): boolean {
  return fields === scanned.fields;
}

function entryOf<R, E extends RecordEntry>(
  { line: { text, context } }: ExpandedLine<R, E>,
  { record }: LineReading<R>,
): E | undefined {
  return record === undefined ? undefined : context.format.entryOf(record, { text, comment: undefined }, context);
}
