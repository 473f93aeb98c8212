import type { PgMajor } from '../../version.ts';
import { settingDefinition } from '../catalogue/catalogue.ts';
import { quoteValue } from '../lines/quote.ts';
import { acceptanceOf } from './acceptance.ts';
import { type BrokenLine, type SyntaxHint, singleQuoted, whole, withoutMark } from './broken-line.ts';

/** Returns the hint for a line that is SQL: `SET work_mem = '64MB'` or `ALTER SYSTEM SET …`. */
export function sql({ text, version }: BrokenLine): SyntaxHint | undefined {
  const words =
    /^[ \t]*(?:ALTER[ \t]+SYSTEM[ \t]+)?(?:SET|RESET|SHOW|SELECT)(?:[ \t]+(?:SESSION|LOCAL))?[ \t]+(?=\w)/i.exec(text);
  if (words === null) return undefined;
  const setting = text.slice(words[0].length).replace(/^(\w+(?:\.\w+)?)[ \t]+TO[ \t]+/i, '$1 = ');
  const changed = withoutMark(setting, ';');
  return whole('this is SQL, but the file contains only settings', changed, text, version, 'remove the words of SQL');
}

/** Returns the hint for a colon in place of the `=`: `port: 5432`. */
export function colon({ text, valueStart, value, version }: BrokenLine): SyntaxHint | undefined {
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
  return whole(way.why, way.changed, text, version, way.title);
}

/** Returns the hint for a name with hyphens, as options of the command line have them: `max-connections = 5`. */
export function hyphens({ text, version }: BrokenLine): SyntaxHint | undefined {
  const [, blanks = '', name] = /^([ \t]*)([A-Za-z]\w*(?:-\w+)+)(?=[ \t=])/.exec(text) ?? [];
  const known = name?.replaceAll('-', '_');
  if (name === undefined || known === undefined || settingDefinition(known, version) === undefined) return undefined;
  return newName(
    'a name has underscores, not hyphens',
    known,
    { start: blanks.length, length: name.length },
    text,
    version,
  );
}

/** Returns the hint for a name in quotes: `"fsync" = off`. */
export function quotedName({ text, version }: BrokenLine): SyntaxHint | undefined {
  const [, blanks = '', token, , name] = /^([ \t]*)((["'`])(\w+(?:\.\w+)?)\3)(?=[ \t=])/.exec(text) ?? [];
  if (token === undefined || name === undefined || settingDefinition(name, version) === undefined) return undefined;
  return newName('a name has no quotes', name, { start: blanks.length, length: token.length }, text, version);
}

/** Returns the hint to write a name differently. If the server accepts the changed line, the hint has a fix. */
function newName(
  why: string,
  name: string,
  { start, length }: { readonly start: number; readonly length: number },
  text: string,
  version: PgMajor,
): SyntaxHint {
  const title = `write ${name}`;
  const end = start + length;
  const isAccepted = acceptanceOf(`${text.slice(0, start)}${name}${text.slice(end)}`, version) === 'accepted';
  return { hint: `${why}: ${title}`, fix: isAccepted ? { title, start, end, text: name } : undefined };
}
