import { namedLookAlike, withoutLookAlikes } from '../../text/look-alikes.ts';
import type { PgMajor } from '../../version.ts';
import { type SettingDefinition, settingDefinition } from '../catalogue/catalogue.ts';
import { readEntry } from '../lines/entry.ts';
import { quoteValue } from '../lines/quote.ts';
import { isBareValue, type Span } from '../lines/scan.ts';
import { judgeSetting } from './judge-setting.ts';
import { percentageAdvice, withKnownUnit } from './number-advice.ts';
import type { LineFix } from './place.ts';

/** The reason why the server cannot read a line, and a change after which the server accepts the line. */
export interface SyntaxHint {
  /** The reason and how to correct the line, as part of a sentence. */
  readonly hint: string;
  /** The change of the line, if the server certainly accepts the changed line. */
  readonly fix?: LineFix | undefined;
}

/** A line that the server cannot read. */
interface BrokenLine {
  /** The text without its line end. */
  readonly text: string;
  /** The first token that the server does not accept; an empty span if the line ends too early. */
  readonly near: Span;
  /** The offset at which the value starts: after the name and the `=`. */
  readonly valueStart: number;
  /** The value, up to the blanks before a comment. */
  readonly value: string;
  /** `true` if the line can contain a secret. If so, no message shows the value. */
  readonly isSecret: boolean;
  readonly version: PgMajor;
}

type Rule = (line: BrokenLine) => SyntaxHint | undefined;

/**
 * Returns why the server cannot read a line. A changed value is suggested only if the server accepts the changed line.
 * For example, quotes are not suggested for `max_connections = 100;`.
 */
export function syntaxHint(
  line: string,
  { near, isSecret, version }: Pick<BrokenLine, 'near' | 'isSecret' | 'version'>,
): SyntaxHint | undefined {
  const text = line.replace(/[\r\n]+$/, '');
  const valueStart = /^[ \t]*[A-Za-z_\u0080-\uffff][\w.\u0080-\uffff]*[ \t]*=?[ \t]*/.exec(text)?.[0].length ?? 0;
  const value = text
    .slice(valueStart)
    .replace(/[ \t]#.*$/, '')
    .replace(/[ \t]+$/, '');
  const broken = { text, near, valueStart, value, isSecret, version };
  for (const rule of rules) {
    const found = rule(broken);
    if (found !== undefined) return found;
  }
  return undefined;
}

const rules: readonly Rule[] = [
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
  comment,
  semicolon,
  ({ text, near, valueStart, version }) =>
    text[near.start] === '=' && near.start === valueStart && valueStart > 0
      ? whole(
          'a second = is not allowed',
          `${text.slice(0, near.start)}${text.slice(near.start + 1)}`,
          text,
          version,
          'remove the second =',
        )
      : undefined,
  ({ text, version }) => {
    const colon = /^[ \t]*\w+[ \t]*:=?/.exec(text)?.[0];
    if (colon === undefined) return undefined;
    const changed = `${colon.replace(/[ \t]*:=?$/, ' =')}${text.slice(colon.length)}`;
    const why = 'a name and its value are separated by =, not by a colon';
    const found = whole(why, changed, text, version, 'write =');
    const plain = changed.replace(/[ \t]*[,;][ \t]*$/, '');
    return found.fix !== undefined || plain === changed
      ? found
      : whole(
          `${why}, and nothing can follow the value`,
          plain,
          text,
          version,
          'write =, and remove the comma or semicolon at the end',
        );
  },
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

/** Returns the hint for a line that is SQL: `SET work_mem = '64MB'` or `ALTER SYSTEM SET …`. */
function sql({ text, version }: BrokenLine): SyntaxHint | undefined {
  const words =
    /^[ \t]*(?:ALTER[ \t]+SYSTEM[ \t]+)?(?:SET|RESET|SHOW|SELECT)(?:[ \t]+(?:SESSION|LOCAL))?[ \t]+(?=\w)/i.exec(text);
  if (words === null) return undefined;
  const changed = text
    .slice(words[0].length)
    .replace(/^(\w+(?:\.\w+)?)[ \t]+TO[ \t]+/i, '$1 = ')
    .replace(/[ \t]*;[ \t]*$/, '');
  return whole('this is SQL, but the file contains only settings', changed, text, version, 'remove the words of SQL');
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
  if (mark === undefined || !isAccepted(text.slice(0, near.start), version)) return undefined;
  return { hint, fix: { title: 'write #', start: near.start, end: near.start + mark.length, text: '#' } };
}

/** Returns the hint for a semicolon at the end of the line: `max_connections = 100;`. */
function semicolon({ text, near, version }: BrokenLine): SyntaxHint | undefined {
  if (text[near.start] !== ';' || !/^;[ \t;]*(?:#.*)?$/.test(text.slice(near.start))) return undefined;
  const end = near.start + /^[;]+/.exec(text.slice(near.start))![0].length;
  const changed = text.slice(0, near.start) + text.slice(end);
  const hint = 'a line does not end in a semicolon';
  if (!isAccepted(changed, version)) return { hint: `${hint}. Remove the semicolon` };
  return {
    hint: `${hint}. Remove the semicolon`,
    fix: { title: 'remove the semicolon', start: near.start, end, text: '' },
  };
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
  const [marks] = /[ \t]*[,;.:})\]][ \t,;.:})\]]*$/.exec(line.value) ?? [];
  if (marks === undefined) return undefined;
  const plain = line.value.slice(0, -marks.length);
  const kinds = [...new Set(marks.replace(/[ \t]/g, ''))];
  const way = `remove the ${kinds.length === 1 ? punctuation[kinds[0]!] : 'punctuation'} after the value`;
  const why = 'nothing can follow the value';
  const quoted = singleQuoted(plain);
  return (
    newValue(line, plain, why, way) ??
    (quoted === undefined ? undefined : newValue(line, quoted, why, `${way}, and use single quotes`))
  );
}

/** Returns a double-quoted value in single quotes instead; `undefined` for a value that is not in double quotes. */
function singleQuoted(value: string): string | undefined {
  return /^"[^"']*"$/.test(value) ? `'${value.slice(1, -1).replaceAll('\\', '\\\\')}'` : undefined;
}

/** Explains a blank before a unit, in PostgreSQL's spelling or another one: `4 GB`, `15 minutes`. */
function unitAfterBlank(line: BrokenLine): SyntaxHint | undefined {
  if (!/^[-+]?[\d.]+[ \t]+[A-Za-z]+$/.test(line.value)) return undefined;
  const plain = line.value.replace(/[ \t]+/, '');
  const definition = settingOf(line);
  const known = (definition && withKnownUnit(definition, plain, line.version)) ?? plain;
  return newValue(
    line,
    isBareValue(known) ? known : `'${known}'`,
    'no blank is allowed before a unit',
    wayToWrite(line, known),
  );
}

/** Explains a comma as a decimal sign: `random_page_cost = 1,1`. */
function decimalComma(line: BrokenLine): SyntaxHint | undefined {
  if (!/^[-+]?\d+,\d+(?:[ \t]*[A-Za-z]+)?$/.test(line.value)) return undefined;
  const plain = line.value.replace(',', '.').replace(/[ \t]/g, '');
  const value = isBareValue(plain) ? plain : `'${plain}'`;
  return newValue(line, value, 'the decimal sign is a point', wayToWrite(line, value));
}

function settingOf({ text, version }: BrokenLine): SettingDefinition | undefined {
  return settingDefinition(/\w[\w.]*/.exec(text)?.[0] ?? '', version);
}

/** Returns the hint for a number with grouped digits: `1,000` or `1_000`. */
function grouping(line: BrokenLine): SyntaxHint | undefined {
  if (!/^\d{1,3}(?:[,_' ]\d{3})+(?:[ \t]*[A-Za-z]+)?$/.test(line.value)) return undefined;
  return newValue(line, line.value.replace(/[,_' \t]/g, ''), 'the digits of a number cannot be grouped');
}

/** Returns the hint for two settings in one line. */
function twoSettings({ text, near, version }: BrokenLine): SyntaxHint | undefined {
  if (near.start === near.end || !isAccepted(text.slice(0, near.start), version)) return undefined;
  if (!isAccepted(text.slice(near.start), version)) return undefined;
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
  const changed = isAccepted(plain, line.version) ? plain : oneWord;
  return isAccepted(changed, line.version)
    ? whole(hint, changed, line.text, line.version, 'write ASCII characters')
    : { hint: `${hint}. Write the ASCII character` };
}

/** Returns the hint to put the value in single quotes, if the server accepts the quoted value. */
function quotes(line: BrokenLine): SyntaxHint | undefined {
  if (line.value === '' || line.value.includes("'")) return undefined;
  return newValue(line, quoteValue(line.value, 'utf-8', { quoted: true }), undefined);
}

/** Returns the hint to write another value, if the server accepts the changed line. */
function newValue(line: BrokenLine, value: string, why: string | undefined, title?: string): SyntaxHint | undefined {
  const { text, valueStart, version } = line;
  if (value === line.value || valueStart === 0) return undefined;
  const end = valueStart + line.value.length;
  if (!isAccepted(`${text.slice(0, valueStart)}${value}${text.slice(end)}`, version)) return undefined;
  const way = title ?? (value.startsWith("'") ? 'put the value in single quotes' : wayToWrite(line, value));
  return { hint: why === undefined ? way : `${why}: ${way}`, fix: { title: way, start: valueStart, end, text: value } };
}

/** Returns the advice to write a value. The advice does not show a value that may be secret. */
function wayToWrite({ isSecret }: BrokenLine, value: string): string {
  return isSecret ? 'correct the value' : `write ${value}`;
}

/** Returns a hint for the whole line. If the server accepts the changed line, the hint has a fix. */
function whole(why: string, changed: string, text: string, version: PgMajor, title: string): SyntaxHint {
  if (!isAccepted(changed, version)) return { hint: why };
  return { hint: why, fix: { title, start: 0, end: text.length, text: changed } };
}

/** Returns whether a server accepts a line as a setting. */
function isAccepted(line: string, version: PgMajor): boolean {
  const entry = readEntry(line, 'utf-8');
  if (entry.kind === 'include') return true;
  if (entry.kind !== 'setting') return false;
  const { kind } = judgeSetting(entry.name, entry.value, version);
  return ['accepted', 'custom', 'unchecked', 'doubtful'].includes(kind);
}
