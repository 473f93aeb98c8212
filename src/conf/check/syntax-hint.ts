import { namedLookAlike, withoutLookAlikes } from '../../text/look-alikes.ts';
import { applyChanges } from '../../text/pieces.ts';
import { beginsWithPlaceholder, placeholderAdvice } from '../../text/placeholder.ts';
import { trimEndOf } from '../../text/trim-end.ts';
import { quoteValue } from '../lines/quote.ts';
import { quotedIfNeeded } from '../lines/scan.ts';
import { acceptanceOf } from './acceptance.ts';
import {
  type BrokenLine,
  type HintRule,
  hintWithFix,
  type SyntaxHint,
  settingOf,
  singleQuoted,
  wholeLineHint,
} from './broken-line.ts';
import { colon, hyphens, quotedName, sql } from './name-hints.ts';
import { percentageAdvice, withKnownUnit } from './number-advice.ts';

/**
 * Returns why the server cannot read a line. A changed value is suggested only if the server accepts the changed line.
 * For example, quotes are not suggested for `max_connections = 100;`.
 */
export function syntaxHint(
  line: string,
  { near, isSecret, version }: Pick<BrokenLine, 'near' | 'isSecret' | 'version'>,
): SyntaxHint | undefined {
  const text = trimEndOf(line, '\r\n');
  const valueStart = /^[ \t]*[A-Za-z_\u0080-\uffff][\w.\u0080-\uffff]*[ \t]*=?[ \t]*/.exec(text)?.[0].length ?? 0;
  const comment = text.slice(valueStart).search(/[ \t]#/);
  const value = trimEndOf(text.slice(valueStart, comment === -1 ? undefined : valueStart + comment), ' \t');
  const broken = { text, near, valueStart, value, isSecret, version };
  for (const rule of rules) {
    const found = rule(broken);
    if (found !== undefined) return found;
  }
  return undefined;
}

const rules: readonly HintRule[] = [
  placeholder,
  ({ text }) =>
    text.startsWith('\ufeff') ? { hint: 'the file begins with a byte order mark. Remove the mark' } : undefined,
  ({ text }) =>
    /^[ \t]*(?:[{}]|"[^"]*"[ \t]*:)/.test(text)
      ? { hint: 'this looks like JSON. Write each setting in a line of its own: name = value' }
      : undefined,
  ({ text }) =>
    /^[ \t]*\[[\w .-]*\][ \t]*$/.test(text)
      ? { hint: 'this is the heading of a section, but the file has no sections. Remove the line' }
      : undefined,
  sql,
  ({ text }) => (/^[ \t]*export[ \t]+\w/.test(text) ? { hint: 'this is a line of a shell script' } : undefined),
  pattern,
  comment,
  semicolon,
  secondSign,
  colon,
  hyphens,
  quotedName,
  percentage,
  grouping,
  decimalComma,
  unitAfterBlank,
  trailing,
  twoSettings,
  typographic,
  (line) => {
    const quoted = singleQuoted(line.value);
    return quoted === undefined ? undefined : newValue(line, quoted, 'values need single quotes, not double quotes');
  },
  ({ text, near }) =>
    /^'(?:[^'\\]|\\.|'')*\\?$/.test(text.slice(near.start))
      ? { hint: 'the quote is never closed. Close it in the same line' }
      : undefined,
  ({ text, near }) =>
    text[near.start - 1] === "'" && /\w/.test(text[near.start] ?? '')
      ? {
          hint: 'the value ends at the single quote in front of this text. Write each single quote inside a value twice',
        }
      : undefined,
  quotes,
  ({ near, text }) =>
    near.start >= text.length || near.start === near.end ? { hint: 'the value is missing' } : undefined,
];

/** Returns the hint for a second sign after the `=`: `port == 5432`, `port => 5432`. */
function secondSign(line: BrokenLine): SyntaxHint | undefined {
  const { text, near, valueStart } = line;
  const sign = text[near.start];
  if ((sign !== '=' && sign !== '>') || near.start !== valueStart || text[valueStart - 1] !== '=') return undefined;
  const changed = `${text.slice(0, near.start)}${text.slice(near.start + 1)}`;
  return sign === '='
    ? wholeLineHint(line, 'a second = is not allowed', changed, 'remove the second =')
    : wholeLineHint(line, 'a name and its value are separated by =, not by =>', changed, 'write =');
}

/** Returns the hint for a pattern of file names: `include = conf.d/*.conf`. */
function pattern({ text, value }: BrokenLine): SyntaxHint | undefined {
  if (!/^[ \t]*include(?:_if_exists)?[ \t=]/i.test(text) || !value.includes('*')) return undefined;
  const hint = 'the line names one file, and a star stands for itself. Write include_dir with the name of a directory';
  return { hint: `${hint}, which includes its files that end in .conf` };
}

/** Returns the hint for a comment in the syntax of another language, after a setting or on a line of its own. */
function comment({ text, near, version }: BrokenLine): SyntaxHint | undefined {
  const hint = 'a comment begins with #';
  const own = /^[ \t]*(?:\/\/|--|\/\*|;|!|rem[ \t])/i.exec(text)?.[0];
  if (own !== undefined) {
    const start = /^[ \t]*/.exec(own)![0].length;
    return { hint, fix: { title: 'make the line a comment', start, end: start, text: '# ' } };
  }
  const mark = /^(?:\/\/|--|\/\*)/.exec(text.slice(near.start))?.[0];
  if (mark === undefined) return undefined;
  const acceptance = acceptanceOf(text.slice(0, near.start), version);
  if (acceptance !== 'accepted') return acceptance === 'refused' ? undefined : { hint };
  return { hint, fix: { title: 'write #', start: near.start, end: near.start + mark.length, text: '#' } };
}

/** Returns the hint for a semicolon at the end of the line: `max_connections = 100;`. */
function semicolon(line: BrokenLine): SyntaxHint | undefined {
  const { start } = line.near;
  const rest = line.text.slice(start);
  if (!/^;[ \t;]*(?:#.*)?$/.test(rest)) return undefined;
  const end = start + /^;+/.exec(rest)![0].length;
  const fix = { title: 'remove the semicolon', start, end, text: '' };
  return hintWithFix(line, 'a line does not end in a semicolon. Remove the semicolon', fix);
}

/** Returns the hint for a placeholder that no program replaced: `port = {{ port }}`. */
function placeholder({ text, near }: BrokenLine): SyntaxHint | undefined {
  return beginsWithPlaceholder(text.slice(near.start)) ? { hint: placeholderAdvice } : undefined;
}

/** Returns the hint for a percentage: `shared_buffers = 25%`. */
function percentage(line: BrokenLine): SyntaxHint | undefined {
  const { text, near, valueStart, version } = line;
  if (text[near.start] !== '%' || !/\d[ \t]*$/.test(text.slice(0, near.start))) return undefined;
  const definition = settingOf(line);
  const advice = definition && percentageAdvice(definition, line.value, version);
  if (advice?.value === undefined) return advice;
  const fix = { title: `write ${advice.value}`, start: valueStart, end: valueStart + line.value.length };
  return { hint: advice.hint, fix: { ...fix, text: advice.value } };
}

/** The names of characters that follow a value in JSON, in other languages and in sentences. */
const punctuation: Readonly<Record<string, string>> = {
  ',': 'comma',
  ';': 'semicolon',
  '.': 'full stop',
  ':': 'colon',
  '}': 'brace',
  ']': 'bracket',
  ')': 'parenthesis',
};

/** Returns the hint for punctuation after a value: `ssl_ca_file = 'root.crt',`. */
function trailing(line: BrokenLine): SyntaxHint | undefined {
  const plain = trimEndOf(line.value, ` \t${Object.keys(punctuation).join('')}`);
  const marks = line.value.slice(plain.length);
  if (marks === '') return undefined;
  const kinds = [...new Set(marks.replace(/[ \t]/g, ''))];
  const way = `remove the ${kinds.length === 1 ? punctuation[kinds[0]!] : 'punctuation'} after the value`;
  const why = 'nothing can follow the value';
  const quoted = singleQuoted(plain);
  return (
    newValue(line, plain, why, way) ??
    (quoted === undefined ? undefined : newValue(line, quoted, why, `${way}, and use single quotes`))
  );
}

/** Explains a blank before a unit, in PostgreSQL's spelling or another one: `4 GB`, `15 minutes`. */
function unitAfterBlank(line: BrokenLine): SyntaxHint | undefined {
  if (!/^[-+]?[\d.]+[ \t]+[A-Za-z]+$/.test(line.value)) return undefined;
  const plain = line.value.replace(/[ \t]+/, '');
  const definition = settingOf(line);
  const known = (definition && withKnownUnit(definition, plain, line.version)) ?? plain;
  return newValue(line, quotedIfNeeded(known), 'no blank is allowed before a unit', wayToWrite(line, known));
}

/** Explains a comma as a decimal sign: `random_page_cost = 1,1`. */
function decimalComma(line: BrokenLine): SyntaxHint | undefined {
  if (!/^[-+]?\d+,\d+(?:[ \t]*[A-Za-z]+)?$/.test(line.value)) return undefined;
  const plain = line.value.replace(',', '.').replace(/[ \t]/g, '');
  const value = quotedIfNeeded(plain);
  return newValue(line, value, 'the decimal sign is a point', wayToWrite(line, value));
}

/** Returns the hint for a number with grouped digits: `1,000` or `1_000`. */
function grouping(line: BrokenLine): SyntaxHint | undefined {
  if (!/^\d{1,3}(?:[,_' ]\d{3})+(?:[ \t]*[A-Za-z]+)?$/.test(line.value)) return undefined;
  return newValue(line, line.value.replace(/[,_' \t]/g, ''), 'the digits of a number cannot be grouped');
}

function twoSettings({ text, near, version }: BrokenLine): SyntaxHint | undefined {
  if (near.start === near.end || acceptanceOf(text.slice(0, near.start), version) === 'refused') return undefined;
  if (acceptanceOf(text.slice(near.start), version) === 'refused') return undefined;
  return { hint: 'a line holds one setting. Put each setting in a line of its own' };
}

/** Returns the hint for characters that look like ASCII quotes or blanks, as word processors write them. */
function typographic(line: BrokenLine): SyntaxHint | undefined {
  const named = namedLookAlike(line.text);
  if (named === undefined) return undefined;
  const plain = withoutLookAlikes(line.text);
  const hint = `the line holds ${named}`;
  // The server reads a number and its unit as one word. So a no-break space in `128 MB` is removed and not replaced by
  // a blank.
  const oneWord = plain.replace(/(\d)[ \t]+([A-Za-z]+)[ \t]*$/, '$1$2');
  const changed = acceptanceOf(plain, line.version) === 'refused' ? oneWord : plain;
  return acceptanceOf(changed, line.version) === 'accepted'
    ? wholeLineHint(line, hint, changed, 'write ASCII characters')
    : { hint: `${hint}. Write the ASCII character` };
}

/** Returns the hint to put the value in single quotes, if the server accepts the quoted value. */
function quotes(line: BrokenLine): SyntaxHint | undefined {
  if (line.value === '' || line.value.includes("'")) return undefined;
  return newValue(line, quoteValue(line.value, 'utf-8', { quoted: true }), undefined);
}

/**
 * Returns the hint to write another value, unless the server refuses the changed line. If the server certainly accepts
 * the changed line, the hint has a fix.
 */
function newValue(line: BrokenLine, value: string, why: string | undefined, title?: string): SyntaxHint | undefined {
  const { text, valueStart, version } = line;
  if (value === line.value || valueStart === 0) return undefined;
  const way = title ?? (value.startsWith("'") ? 'put the value in single quotes' : wayToWrite(line, value));
  const fix = { title: way, start: valueStart, end: valueStart + line.value.length, text: value };
  if (acceptanceOf(applyChanges(text, [fix]), version) === 'refused') return undefined;
  return hintWithFix(line, why === undefined ? way : `${why}: ${way}`, fix);
}

/** Returns the advice to write a value. The advice does not show a value that may be secret. */
function wayToWrite({ isSecret }: BrokenLine, value: string): string {
  return isSecret ? 'correct the value' : `write ${value}`;
}
