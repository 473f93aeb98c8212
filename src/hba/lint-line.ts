import { byteLength } from '../text/bytes.ts';
import type { AuthLine } from './auth-line.ts';
import type { Finding } from './finding.ts';
import { portableLimits } from './scan-rules.ts';
import type { Token } from './token.ts';

/** What loads but surely is not what was meant, in a line of any file of this family. */
export function lintLine(line: AuthLine): Finding[] {
  const findings: Finding[] = [];
  const { text, scanned, contentEnd } = line;
  const { fields, commentStart, openQuote, strayComma } = scanned;
  if (openQuote !== undefined) {
    findings.push({
      code: 'quote-open',
      severity: 'warning',
      message: 'the quote is never closed, so that the rest of the line is one word',
      start: openQuote,
      end: contentEnd,
      fix: { title: 'close the quote', start: contentEnd, end: contentEnd, text: '"' },
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
  if (text.includes('\0')) findings.push(nul(text));
  const carriageReturn = text.slice(0, contentEnd).indexOf('\r');
  if (carriageReturn !== -1) {
    findings.push({
      code: 'carriage-return',
      severity: 'warning',
      message: 'a carriage return alone ends no line: all that follows is on this one',
      start: carriageReturn,
      end: carriageReturn + 1,
    });
  }
  if (commentStart !== undefined) findings.push(...continuedComment(line, commentStart));
  else if (!line.how.rules.continuation && text[contentEnd - 1] === '\\') {
    findings.push({
      code: 'continuation-unknown',
      severity: 'warning',
      message: `PostgreSQL ${line.how.version} knows no continuation lines: the backslash is part of the last word`,
      start: contentEnd - 1,
      end: contentEnd,
    });
  }
  for (const field of fields) for (const token of field) findings.push(...singleQuotes(line, token));
  findings.push(...longForOthers(line));
  return findings;
}

/** A byte order mark before the first line of a file. */
export function lintStart(line: AuthLine): Finding[] {
  const mark = ['\ufeff', '\u00ef\u00bb\u00bf'].find((bytes) => line.text.startsWith(bytes));
  if (mark === undefined) return [];
  return [
    {
      code: 'byte-order-mark',
      severity: 'warning',
      message: 'the server takes the byte order mark for a part of the first word',
      start: 0,
      end: mark.length,
      fix: { title: 'remove the byte order mark', start: 0, end: mark.length, text: '' },
    },
  ];
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

function singleQuotes({ text }: AuthLine, { value, quoted, start, end }: Token): Finding[] {
  if (quoted || value.length < 2 || !value.startsWith("'") || !value.endsWith("'")) return [];
  const message = 'single quotes are part of the word; only double quotes quote here';
  const fix =
    text.slice(start, end) === value
      ? { title: 'use double quotes', start, end, text: `"${value.slice(1, -1)}"` }
      : undefined;
  return [{ code: 'single-quotes', severity: 'warning', message, start, end, fix }];
}

/** What this minor release can read, but an older one of the same major cannot. */
function longForOthers({ text, scanned, how }: AuthLine): Finding[] {
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
  for (const field of scanned.fields) {
    for (const { value, start, end } of field) {
      if (value.length * 4 <= portableLimits.token || byteLength(value, 'utf-8') <= portableLimits.token) continue;
      const message = `older minor releases of PostgreSQL ${how.version} read ${portableLimits.token} bytes of a word`;
      findings.push({ code: 'token-too-long', severity: 'warning', message, start, end });
    }
  }
  return findings;
}
