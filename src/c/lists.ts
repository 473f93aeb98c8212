import { lowerAscii } from '../conf/catalogue/names.ts';
import { cutToNameLength } from './names.ts';

/** How the server takes a list apart: `SplitIdentifierString`, `SplitGUCList` or `SplitDirectoriesString`. */
export type ListSyntax = 'identifiers' | 'words' | 'directories';

/**
 * The elements of a list setting's value, or undefined where the server finds its syntax invalid. Identifiers without
 * quotes are in lower case, and cut to the length of a name; only directories can hold blanks without quotes.
 */
export function splitList(text: string, syntax: ListSyntax): readonly string[] | undefined {
  const blank = syntax === 'directories' ? /[ \t-\r]*/y : /[ \t\n\r\f\v]*/y;
  const skipBlanks = (from: number): number => {
    blank.lastIndex = from;
    return from + blank.exec(text)![0].length;
  };
  const elements: string[] = [];
  let at = skipBlanks(0);
  if (at === text.length) return elements;
  for (;;) {
    const element = text[at] === '"' ? quotedElement(text, at) : bareElement(text, at, syntax);
    if (element === undefined) return undefined;
    elements.push(syntax === 'identifiers' ? cutToNameLength(element.text) : element.text);
    at = skipBlanks(element.end);
    if (at === text.length) return elements;
    if (text[at] !== ',') return undefined;
    at = skipBlanks(at + 1);
  }
}

/** A list setting's value from its elements; each is quoted unless every kind of list takes it as it is. */
export function joinList(elements: readonly string[]): string {
  return elements
    .map((element) => (/^[a-z0-9_.:*/-]+$/.test(element) ? element : `"${element.replaceAll('"', '""')}"`))
    .join(', ');
}

interface Element {
  readonly text: string;
  readonly end: number;
}

function quotedElement(text: string, start: number): Element | undefined {
  for (let quote = text.indexOf('"', start + 1); quote !== -1; quote = text.indexOf('"', quote + 2)) {
    if (text[quote + 1] !== '"') {
      return { text: text.slice(start + 1, quote).replaceAll('""', '"'), end: quote + 1 };
    }
  }
  return undefined;
}

function bareElement(text: string, start: number, syntax: ListSyntax): Element | undefined {
  const pattern = syntax === 'directories' ? /[^,]*/y : /[^, \t\n\r\f\v]*/y;
  pattern.lastIndex = start;
  const element = pattern.exec(text)![0];
  if (element === '') return undefined;
  const end = start + element.length;
  if (syntax === 'identifiers') return { text: lowerAscii(element), end };
  return { text: syntax === 'directories' ? element.replace(/[ \t-\r]+$/, '') : element, end };
}
