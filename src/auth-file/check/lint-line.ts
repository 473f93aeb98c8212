import { appendAll } from '../../append-all.ts';
import { byteLength } from '../../text/bytes.ts';
import { indexOfLoneCarriageReturn } from '../../text/lines.ts';
import { applyChanges } from '../../text/pieces.ts';
import type { TextChange } from '../../text/span.ts';
import type { RecordEntry } from '../read/entry.ts';
import type { ExpandedLine } from '../read/expanded-line.ts';
import { type AuthLine, commonEntry, linesOf } from '../read/line.ts';
import type { LineDiagnostic } from '../read/line-diagnostic.ts';
import type { FileContext } from '../read/record-format.ts';
import { continuationSince, portableLimits } from '../scan/scan-rules.ts';
import { namesFile, type ScannedLine, type Token } from '../scan/token.ts';

const backslash = 0x5c;
const singleQuote = 0x27;

/**
 * Adds warnings about a line that the server loads, but certainly not as the line's author meant. These warnings are
 * the same for pg_hba.conf, pg_ident.conf and pg_hosts.conf.
 */
export function lintLine<R, E extends RecordEntry>(
  { line, scanned, firstLine }: ExpandedLine<R, E>,
  diagnostics: LineDiagnostic[],
): void {
  const { text, context } = line;
  const { fields, commentStart, strayComma } = scanned;
  if (firstLine === 1) diagnostics.push(...byteOrderMark(line));
  diagnostics.push(...openQuote(line, scanned));
  if (strayComma !== undefined) diagnostics.push(strayCommaAt(strayComma, line));
  diagnostics.push(...lintCharacters(line));
  if (commentStart !== undefined) diagnostics.push(...continuedComment(line, commentStart));
  else if (!context.rules.continuation && text.charCodeAt(line.contentEnd - 1) === backslash) {
    const message = `PostgreSQL ${context.version} has no continuation lines: the backslash is a part of the last word. Write the record in one line`;
    const span = { start: line.contentEnd - 1, end: line.contentEnd };
    diagnostics.push({ code: 'continuation-unknown', severity: 'warning', message, span });
  }
  for (const field of fields) for (const token of field) lintSingleQuotes(text, token, diagnostics);
  if (context.rules.tokenBuffer !== Number.POSITIVE_INFINITY) appendAll(diagnostics, longForOthers(line, scanned));
}

/** Finds byte order marks before the first line of a file. */
function byteOrderMark<R, E extends RecordEntry>({ text, context }: AuthLine<R, E>): LineDiagnostic[] {
  const mark = /^(?:\ufeff|\u00ef\u00bb\u00bf)+/.exec(text)?.[0];
  if (mark === undefined) return [];
  const message =
    'The file begins with a byte order mark, which the server reads as part of the first word. Remove the byte order mark';
  const span = { start: 0, end: mark.length };
  const fix = { title: 'remove the byte order mark', ...span, text: '' };
  const diagnostic: LineDiagnostic = { code: 'byte-order-mark', severity: 'warning', message, span };
  // If the byte order mark is the whole first column, the server would refuse the line without it.
  return [isHarmless(fix, text, context) ? { ...diagnostic, fix } : diagnostic];
}

function openQuote<R, E extends RecordEntry>(
  line: AuthLine<R, E>,
  { openQuote: start }: ScannedLine,
): LineDiagnostic[] {
  if (start === undefined) return [];
  const end = line.contentEnd;
  const message = 'The quote is never closed, so the rest of the line is one word. Close the quote';
  // A quote cannot be added at the end of a line with a NUL, because the server ignores all text after the NUL. After a
  // backslash, the quote would change the word.
  const canBeClosed = !/\0|\\$/.test(line.text.slice(0, end));
  const fix = canBeClosed ? { title: 'close the quote', start: end, end, text: '"' } : undefined;
  return [{ code: 'quote-open', severity: 'warning', message, span: { start, end }, fix }];
}

/**
 * Makes the warning about a comma after a blank. If the server accepts the line without this blank, the warning has a
 * fix that removes the blank.
 */
function strayCommaAt<R, E extends RecordEntry>(comma: number, { text, context }: AuthLine<R, E>): LineDiagnostic {
  const message =
    'A comma after a blank does not join words: the next word is a separate column. Remove the blank before the comma';
  const span = { start: comma, end: comma + 1 };
  const diagnostic: LineDiagnostic = { code: 'comma-stray', severity: 'warning', message, span };
  let start = comma;
  while (/[ \t]/.test(text.charAt(start - 1))) start -= 1;
  const fix = { title: 'join the words', start, end: comma, text: '' };
  const isCorrected = start < comma && isAccepted(applyChanges(text, [fix]), context);
  return isCorrected ? { ...diagnostic, fix } : diagnostic;
}

/** Returns whether the server certainly accepts every line of a text. */
export function isAccepted<R, E extends RecordEntry>(text: string, context: FileContext<R, E>): boolean {
  return linesOf(text, context).every((line) => refusal(line) === 'no');
}

/**
 * Returns whether the server refuses no more lines of a text after a change than before. Neither the number of lines
 * that the server certainly refuses may grow, nor this number together with the lines that the server may refuse.
 */
function isHarmless<R, E extends RecordEntry>(fix: TextChange, text: string, context: FileContext<R, E>): boolean {
  const before = linesOf(text, context).map(refusal);
  const after = linesOf(applyChanges(text, [fix]), context).map(refusal);
  const count = (lines: readonly Refusal[], ...counted: Refusal[]): number =>
    lines.filter((line) => counted.includes(line)).length;
  return count(after, 'yes') <= count(before, 'yes') && count(after, 'yes', 'maybe') <= count(before, 'yes', 'maybe');
}

/** Whether the server refuses a line. */
type Refusal = 'yes' | 'no' | 'maybe';

/**
 * Returns whether the server refuses a line. It may refuse any line that names another file, and any line with a
 * regular expression that only a server can judge.
 */
function refusal<R, E extends RecordEntry>(line: AuthLine<R, E>): Refusal {
  const scanned = line.scan();
  const entry = commonEntry(line, scanned);
  if (entry !== undefined) return entry.kind === 'invalid' ? 'yes' : entry.kind === 'include' ? 'maybe' : 'no';
  if (scanned.fields.some((field) => field.some(namesFile))) return 'maybe';
  const { error, warnings } = line.read(scanned);
  if (error !== undefined) return 'yes';
  return warnings.some(({ code }) => code === 'regex-unchecked') ? 'maybe' : 'no';
}

/** Finds characters that the server reads differently from what a reader sees. */
function lintCharacters<R, E extends RecordEntry>({ text }: AuthLine<R, E>): LineDiagnostic[] {
  const diagnostics: LineDiagnostic[] = [];
  const nul = text.indexOf('\0');
  if (nul !== -1) {
    const message = `The server ignores the rest of the line after the NUL byte. From ${continuationSince} on, it joins the next line to this line. Remove the NUL byte`;
    diagnostics.push({ code: 'nul', severity: 'warning', message, span: { start: nul, end: nul + 1 } });
  }
  // The line ends inside of a continued line are no part of the line.
  const carriageReturn = indexOfLoneCarriageReturn(text);
  if (carriageReturn !== -1) {
    const message =
      'A carriage return without a line feed does not end a line: the rest belongs to this line. End the line with a line feed';
    const span = { start: carriageReturn, end: carriageReturn + 1 };
    diagnostics.push({ code: 'carriage-return', severity: 'warning', message, span });
  }
  return diagnostics;
}

/** Matches an empty line, and the beginning of a comment. A line with only blanks and backslashes counts as empty. */
const nothing = /[ \t\r\\]*(?:#|\n|$)/y;

/**
 * Finds a comment that ends in a backslash, so that the next line becomes part of the comment although it is neither
 * empty nor a comment.
 */
function continuedComment<R, E extends RecordEntry>(
  { text, context, contentEnd }: AuthLine<R, E>,
  commentStart: number,
): LineDiagnostic[] {
  // A NUL also joins lines, but another diagnostic reports it.
  if (text.includes('\0')) return [];
  for (let lineEnd = text.indexOf('\n', commentStart); lineEnd !== -1 && lineEnd < contentEnd; ) {
    nothing.lastIndex = lineEnd + 1;
    if (!nothing.test(text)) {
      const end = text.lastIndexOf('\\', lineEnd) + 1;
      const message =
        'The comment ends in a backslash, so the next line is part of the comment and has no effect. Put a blank after the backslash';
      const span = { start: end - 1, end };
      const diagnostic: LineDiagnostic = { code: 'comment-continues', severity: 'warning', message, span };
      const fix = { title: 'end the comment with a blank', start: end, end, text: ' ' };
      return [isHarmless(fix, text, context) ? { ...diagnostic, fix } : diagnostic];
    }
    lineEnd = text.indexOf('\n', lineEnd + 1);
  }
  return [];
}

function lintSingleQuotes(text: string, token: Token, diagnostics: LineDiagnostic[]): void {
  const { value, quoted, start, end } = token;
  if (value.charCodeAt(0) !== singleQuote || quoted || value.length < 2 || !value.endsWith("'")) return;
  const message =
    'PostgreSQL does not quote with single quotes in this file: they become part of the word. Use double quotes';
  const fix = { title: 'use double quotes', start, end, text: `"${value.slice(1, -1)}"` };
  const canBeFixed = text.slice(start, end) === value;
  diagnostics.push({
    code: 'single-quotes',
    severity: 'warning',
    message,
    span: { start, end },
    ...(canBeFixed ? { fix } : {}),
  });
}

/**
 * Finds lines and words that are too long for older minor releases of the major version, but not for the last minor
 * release.
 */
function longForOthers<R, E extends RecordEntry>(
  { text, context }: AuthLine<R, E>,
  { problem, fields }: ScannedLine,
): LineDiagnostic[] {
  const diagnostics: LineDiagnostic[] = [];
  const { version, encoding, rules } = context;
  const { lineBuffer, tokenBuffer } = rules;
  if (problem === undefined && lineBuffer !== Number.POSITIVE_INFINITY && text.length * 4 > portableLimits.line) {
    if (byteLength(text, encoding) > portableLimits.line + 1) {
      const message = `Older minor releases of PostgreSQL ${version} read only ${portableLimits.line} bytes of a line. Shorten the line`;
      diagnostics.push({ code: 'line-too-long', severity: 'warning', message, span: { start: 0, end: text.length } });
    }
  }
  if (problem?.kind === 'token-cut') {
    const message = `The server cuts the word after ${tokenBuffer - 1} bytes and drops the rest of the line. Shorten the word`;
    const { start, end } = problem;
    diagnostics.push({ code: 'token-too-long', severity: 'warning', message, span: { start, end } });
  }
  for (const { value, start, end } of fields.flat()) {
    if (value.length * 4 <= portableLimits.token || byteLength(value, 'utf-8') <= portableLimits.token) continue;
    const message = `Older minor releases of PostgreSQL ${version} read only ${portableLimits.token} bytes of a word. Shorten the word`;
    diagnostics.push({ code: 'token-too-long', severity: 'warning', message, span: { start, end } });
  }
  return diagnostics;
}
