import { byteLength } from '../text/bytes.ts';
import type { AuthLine } from './auth-line.ts';
import type { ExpandedLine } from './expand.ts';
import type { Finding } from './finding.ts';
import { portableLimits } from './scan-rules.ts';
import type { ScannedLine, Token } from './token.ts';

const backslash = 0x5c;
const singleQuote = 0x27;

/** Adds what loads but surely is not what was meant, in a line of any file of this family. */
export function lintLine({ line, scanned, firstLine }: ExpandedLine, findings: Finding[]): void {
  const { text, how } = line;
  const { fields, commentStart, openQuote, strayComma } = scanned;
  if (firstLine === 1) lintStart(text, findings);
  if (openQuote !== undefined) {
    const end = line.contentEnd;
    findings.push({
      code: 'quote-open',
      severity: 'warning',
      message: 'the quote is never closed, so that the rest of the line is one word',
      start: openQuote,
      end,
      fix: { title: 'close the quote', start: end, end, text: '"' },
    });
  }
  if (strayComma !== undefined) {
    findings.push({
      code: 'comma-stray',
      severity: 'warning',
      message: 'a comma behind a blank joins nothing: the word behind it is a column of its own',
      start: strayComma,
      end: strayComma + 1,
    });
  }
  lintCharacters(line, findings);
  if (commentStart !== undefined) findings.push(...continuedComment(line, commentStart));
  else if (!how.rules.continuation && text.charCodeAt(line.contentEnd - 1) === backslash) {
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

/** A byte order mark before the first line of a file. */
function lintStart(text: string, findings: Finding[]): void {
  const mark = ['\ufeff', '\u00ef\u00bb\u00bf'].find((bytes) => text.startsWith(bytes));
  if (mark === undefined) return;
  findings.push({
    code: 'byte-order-mark',
    severity: 'warning',
    message: 'the server takes the byte order mark for a part of the first word',
    start: 0,
    end: mark.length,
    fix: { title: 'remove the byte order mark', start: 0, end: mark.length, text: '' },
  });
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

/** A comment that ends in a backslash, and swallows more than an empty line or a comment. */
function continuedComment({ text, contentEnd }: AuthLine, commentStart: number): Finding[] {
  const lineEnd = text.indexOf('\n', commentStart);
  if (lineEnd === -1 || lineEnd >= contentEnd) return [];
  const swallowed = text.slice(lineEnd + 1, contentEnd);
  if (/^[ \t\r\n\\]*(?:#|$)/.test(swallowed)) return [];
  const end = text.lastIndexOf('\\', lineEnd) + 1;
  return [
    {
      code: 'comment-continues',
      severity: 'warning',
      message: 'the comment ends in a backslash, so that the next line is a part of it and has no effect',
      start: end - 1,
      end,
      fix: { title: 'end the comment with a blank', start: end, end, text: ' ' },
    },
  ];
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
