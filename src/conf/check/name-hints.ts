import { settingDefinition } from '../catalogue/catalogue.ts';
import { quoteValue } from '../lines/quote.ts';
import { acceptanceOf } from './acceptance.ts';
import {
  type BrokenLine,
  hintWithFix,
  type SyntaxHint,
  singleQuoted,
  wholeLineHint,
  withoutMark,
} from './broken-line.ts';

/** Returns the hint for a line that is SQL: `SET work_mem = '64MB'` or `ALTER SYSTEM SET …`. */
export function sql(line: BrokenLine): SyntaxHint | undefined {
  const { text } = line;
  const words =
    /^[ \t]*(?:ALTER[ \t]+SYSTEM[ \t]+)?(?:SET|RESET|SHOW|SELECT)(?:[ \t]+(?:SESSION|LOCAL))?[ \t]+(?=\w)/i.exec(text);
  if (words === null) return undefined;
  const setting = text.slice(words[0].length).replace(/^(\w+(?:\.\w+)?)[ \t]+TO[ \t]+/i, '$1 = ');
  const changed = withoutMark(setting, ';');
  return wholeLineHint(line, 'this is SQL, but the file contains only settings', changed, 'remove the words of SQL');
}

/** Returns the hint for a colon in place of the `=`: `port: 5432`. */
export function colon(line: BrokenLine): SyntaxHint | undefined {
  const { text, valueStart, value, version } = line;
  const [start, name, blanks] = /^([ \t]*\w+(?:\.\w+)?)[ \t]*:=?([ \t]*)/.exec(text) ?? [];
  if (start === undefined) return undefined;
  const why = 'a name and its value are separated by =, not by a colon';
  const end = valueStart + value.length;
  const given = text.slice(start.length, end);
  const plain = withoutMark(given, ',;');
  const quoted = singleQuoted(plain) ?? (plain.includes("'") ? plain : quoteValue(plain, 'utf-8', { quoted: true }));
  const ways = [
    { value: given, why, title: 'write =' },
    {
      value: plain,
      why: `${why}, and nothing can follow the value`,
      title: 'write =, and remove the comma or semicolon at the end',
    },
    {
      value: quoted,
      why: `${why}, and the value needs single quotes`,
      title: 'write =, and put the value in single quotes',
    },
  ].map((way) => ({ ...way, changed: `${name} =${blanks}${way.value}${text.slice(end)}` }));
  const way = ways.find(({ changed }) => acceptanceOf(changed, version) === 'accepted') ?? ways[0]!;
  return wholeLineHint(line, way.why, way.changed, way.title);
}

/** Returns the hint for a name with hyphens, as options of the command line have them: `max-connections = 5`. */
export function hyphens(line: BrokenLine): SyntaxHint | undefined {
  const [, blanks = '', written] = /^([ \t]*)([A-Za-z]\w*(?:-\w+)+)(?=[ \t=])/.exec(line.text) ?? [];
  if (written === undefined) return undefined;
  return otherName(line, 'a name has underscores, not hyphens', blanks + written, written.replaceAll('-', '_'));
}

/** Returns the hint for a name in quotes: `"fsync" = off`. */
export function quotedName(line: BrokenLine): SyntaxHint | undefined {
  const [written, , name] = /^[ \t]*(["'`])(\w+(?:\.\w+)?)\1(?=[ \t=])/.exec(line.text) ?? [];
  if (written === undefined || name === undefined) return undefined;
  return otherName(line, 'a name has no quotes', written, name);
}

/**
 * Returns the hint to write the name of a known setting differently.
 *
 * @param written the blanks at the start of the line, and the name as it is written
 */
function otherName(line: BrokenLine, why: string, written: string, name: string): SyntaxHint | undefined {
  if (settingDefinition(name, line.version) === undefined) return undefined;
  const title = `write ${name}`;
  const start = written.search(/[^ \t]/);
  return hintWithFix(line, `${why}: ${title}`, { title, start, end: written.length, text: name });
}
