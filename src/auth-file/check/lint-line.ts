import { byteLength } from '../../text/bytes.ts';
import { entryBesidesRecords } from '../read/entry.ts';
import type { ExpandedLine } from '../read/expand.ts';
import { AuthLine } from '../read/line.ts';
import { splitLogicalLines } from '../scan/logical-line.ts';
import { portableLimits } from '../scan/scan-rules.ts';
import { type Field, namesFile, type ScannedLine, type Token } from '../scan/token.ts';
import { applyChanges } from '../write/text-change.ts';
import type { Finding } from './diagnostics.ts';

const backslash = 0x5c;
const singleQuote = 0x27;

/** Whether the server refuses columns as a record of the file that they are in. */
type Refuses = (fields: readonly Field[]) => boolean;

/** Adds what loads but surely is not what was meant, in a line of any file of this family. */
export function lintLine({ line, scanned, firstLine }: ExpandedLine, findings: Finding[], refuses: Refuses): void {
  const { text, how } = line;
  const { fields, commentStart, openQuote, strayComma } = scanned;
  if (firstLine === 1) for (const finding of startingMark(text)) findings.push(finding);
  if (openQuote !== undefined) {
    const end = line.contentEnd;
    const message = 'the quote is never closed, so that the rest of the line is one word';
    // Behind a NUL or a last backslash, the quote would not be seen, or change the word.
    const isSeen = !/\0|\\$/.test(text.slice(0, end));
    const fix = isSeen ? { title: 'close the quote', start: end, end, text: '"' } : undefined;
    findings.push({ code: 'quote-open', severity: 'warning', message, start: openQuote, end, fix });
  }
  if (strayComma !== undefined) findings.push(joiningNothing(line, strayComma, refuses));
  lintCharacters(line, findings);
  if (commentStart !== undefined) {
    for (const finding of continuedComment(line, commentStart, refuses)) findings.push(finding);
  } else if (!how.rules.continuation && text.charCodeAt(line.contentEnd - 1) === backslash) {
    findings.push({
      code: 'continuation-unknown',
      severity: 'warning',
      message: `PostgreSQL ${how.version} knows no continuation lines: the backslash is part of the last word`,
      start: line.contentEnd - 1,
      end: line.contentEnd,
    });
  }
  for (const field of fields) for (const token of field) lintSingleQuotes(text, token, findings);
  if (how.rules.tokenBuffer !== Number.POSITIVE_INFINITY) {
    for (const finding of longForOthers(line, scanned)) findings.push(finding);
  }
}

/** Byte order marks before the first line of a file. */
function startingMark(text: string): Finding[] {
  const mark = /^(?:\ufeff|\u00ef\u00bb\u00bf)+/.exec(text)?.[0];
  if (mark === undefined) return [];
  const message = 'the server takes the byte order mark for a part of the first word';
  const end = mark.length;
  const fix = { title: 'remove the byte order mark', start: 0, end, text: '' };
  return [{ code: 'byte-order-mark', severity: 'warning', message, start: 0, end, fix }];
}

/** A comma behind a blank; the words are joined where the blank goes, if the line then is a record. */
function joiningNothing({ text, how }: AuthLine, comma: number, refuses: Refuses): Finding {
  const message = 'a comma behind a blank joins nothing: the word behind it is a column of its own';
  const finding: Finding = { code: 'comma-stray', severity: 'warning', message, start: comma, end: comma + 1 };
  let start = comma;
  while (/[ \t]/.test(text.charAt(start - 1))) start -= 1;
  const fix = { title: 'join the words', start, end: comma, text: '' };
  const isMended = start < comma && refusedIn(applyChanges(text, [fix]), how, refuses) === 0;
  return isMended ? { ...finding, fix } : finding;
}

/** How many lines of a text the server refuses, or may refuse for what they take in from other files. */
function refusedIn(text: string, how: AuthLine['how'], refuses: Refuses): number {
  const lines = splitLogicalLines(text, how.encoding, how.rules).map((piece) => new AuthLine(piece, how));
  return lines.filter((line) => {
    const scanned = line.scan();
    const besides = entryBesidesRecords(line, scanned);
    if (besides !== undefined) return besides.kind === 'invalid' || besides.kind === 'include';
    return scanned.fields.some((field) => field.some(namesFile)) || refuses(scanned.fields);
  }).length;
}

/** Characters that the server does not take for what they seem. */
function lintCharacters(line: AuthLine, findings: Finding[]): void {
  const { text } = line;
  if (text.includes('\0')) findings.push(nul(text));
  const carriageReturn = text.indexOf('\r');
  if (carriageReturn === -1 || carriageReturn >= line.contentEnd) return;
  findings.push({
    code: 'carriage-return',
    severity: 'warning',
    message: 'a carriage return alone ends no line: all that follows is on this one',
    start: carriageReturn,
    end: carriageReturn + 1,
  });
}

function nul(text: string): Finding {
  const start = text.indexOf('\0');
  const message = 'the server does not see what follows a NUL byte, and from 14 on joins the next line';
  return { code: 'nul', severity: 'warning', message, start, end: start + 1 };
}

/** An empty line or a comment, in turn perhaps with a backslash at its end. */
const nothing = /[ \t\r\\]*(?:#|\n|$)/y;

/** A comment that ends in a backslash, and swallows more than empty lines and comments. */
function continuedComment({ text, how, contentEnd }: AuthLine, commentStart: number, refuses: Refuses): Finding[] {
  // A NUL joins lines, too, and is told of by itself.
  if (text.includes('\0')) return [];
  for (let lineEnd = text.indexOf('\n', commentStart); lineEnd !== -1 && lineEnd < contentEnd; ) {
    nothing.lastIndex = lineEnd + 1;
    if (!nothing.test(text)) {
      const end = text.lastIndexOf('\\', lineEnd) + 1;
      const message = 'the comment ends in a backslash, so that the next line is a part of it and has no effect';
      const finding: Finding = { code: 'comment-continues', severity: 'warning', message, start: end - 1, end };
      const fix = { title: 'end the comment with a blank', start: end, end, text: ' ' };
      const isHarmless = refusedIn(applyChanges(text, [fix]), how, refuses) <= refusedIn(text, how, refuses);
      return [isHarmless ? { ...finding, fix } : finding];
    }
    lineEnd = text.indexOf('\n', lineEnd + 1);
  }
  return [];
}

function lintSingleQuotes(text: string, { value, quoted, start, end }: Token, findings: Finding[]): void {
  if (value.charCodeAt(0) !== singleQuote || quoted || value.length < 2 || !value.endsWith("'")) return;
  const message = 'single quotes are part of the word; only double quotes quote here';
  const fix = { title: 'use double quotes', start, end, text: `"${value.slice(1, -1)}"` };
  const canBeFixed = text.slice(start, end) === value;
  findings.push({ code: 'single-quotes', severity: 'warning', message, start, end, ...(canBeFixed ? { fix } : {}) });
}

/** What this minor release can read, but an older one of the same major cannot. */
function longForOthers({ text, how }: AuthLine, scanned: ScannedLine): Finding[] {
  const findings: Finding[] = [];
  const { lineBuffer, tokenBuffer } = how.rules;
  if (
    scanned.problem === undefined &&
    lineBuffer !== Number.POSITIVE_INFINITY &&
    text.length * 4 > portableLimits.line
  ) {
    if (byteLength(text, how.encoding) > portableLimits.line + 1) {
      const message = `older minor releases of PostgreSQL ${how.version} read ${portableLimits.line} bytes of a line`;
      findings.push({ code: 'line-too-long', severity: 'warning', message, start: 0, end: text.length });
    }
  }
  if (tokenBuffer === Number.POSITIVE_INFINITY) return findings;
  if (scanned.problem?.kind === 'token-cut') {
    const message = `the word is cut after ${tokenBuffer - 1} bytes, and the rest of the line is dropped`;
    const { start, end } = scanned.problem;
    findings.push({ code: 'token-too-long', severity: 'warning', message, start, end });
  }
  for (const field of scanned.fields) {
    for (const { value, start, end } of field) {
      if (value.length * 4 <= portableLimits.token || byteLength(value, 'utf-8') <= portableLimits.token) continue;
      const message = `older minor releases of PostgreSQL ${how.version} read ${portableLimits.token} bytes of a word`;
      findings.push({ code: 'token-too-long', severity: 'warning', message, start, end });
    }
  }
  return findings;
}
