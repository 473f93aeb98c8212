import { type PgMajor, type PgMajorSpan, spanIncludes } from '../version.ts';
import { pgAsciiToLower } from './ascii.ts';
import { truncateIdentifier } from './names.ts';
import { canonicalizePath } from './paths.ts';

/**
 * `SplitIdentifierString` (varlena.c): splits a list of names. An element without quotes becomes lower case, and every
 * element is cut to 63 bytes.
 *
 * @returns `undefined` if the server finds the syntax of the list invalid
 */
export function splitIdentifierString(text: string, version: PgMajor): readonly string[] | undefined {
  return split(text, version, bareWord)?.map(({ text, quoted }) =>
    truncateIdentifier(quoted ? text : pgAsciiToLower(text)),
  );
}

/**
 * `SplitGUCList` (varlena.c): splits a list without changing the elements.
 *
 * @returns `undefined` if the server finds the syntax of the list invalid
 */
export function splitGucList(text: string, version: PgMajor): readonly string[] | undefined {
  return split(text, version, bareWord)?.map(({ text }) => text);
}

/**
 * `SplitDirectoriesString` (varlena.c): splits a list of paths. Blanks inside an element need no quotes, and every
 * element is made canonical.
 *
 * @returns `undefined` if the server finds the syntax of the list invalid
 */
export function splitDirectoriesString(text: string, version: PgMajor): readonly string[] | undefined {
  return split(text, version, barePath)?.map(({ text }) => canonicalizePath(text, version));
}

interface Element {
  readonly text: string;
  readonly end: number;
  readonly quoted: boolean;
}

type BareElement = (text: string, start: number, isBlank: (code: number) => boolean) => Element;

function split(text: string, version: PgMajor, bare: BareElement): readonly Element[] | undefined {
  const isBlank = scannerIsspace(version);
  const skipBlanks = (from: number): number => {
    let at = from;
    while (isBlank(text.charCodeAt(at))) at += 1;
    return at;
  };
  const elements: Element[] = [];
  let at = skipBlanks(0);
  if (at === text.length) return elements;
  for (;;) {
    const element = text[at] === '"' ? quotedElement(text, at) : bare(text, at, isBlank);
    if (element === undefined || (!element.quoted && element.text === '')) return undefined;
    elements.push(element);
    at = skipBlanks(element.end);
    if (at === text.length) return elements;
    if (text[at] !== ',') return undefined;
    at = skipBlanks(at + 1);
  }
}

function quotedElement(text: string, start: number): Element | undefined {
  for (let quote = text.indexOf('"', start + 1); quote !== -1; quote = text.indexOf('"', quote + 2)) {
    if (text[quote + 1] !== '"') {
      return { text: text.slice(start + 1, quote).replaceAll('""', '"'), end: quote + 1, quoted: true };
    }
  }
  return undefined;
}

function bareWord(text: string, start: number, isBlank: (code: number) => boolean): Element {
  let end = start;
  while (end < text.length && text[end] !== ',' && !isBlank(text.charCodeAt(end))) end += 1;
  return { text: text.slice(start, end), end, quoted: false };
}

function barePath(text: string, start: number, isBlank: (code: number) => boolean): Element {
  const next = text.indexOf(',', start);
  const end = next === -1 ? text.length : next;
  let last = end;
  while (last > start && isBlank(text.charCodeAt(last - 1))) last -= 1;
  return { text: text.slice(start, last), end, quoted: false };
}

/** The major versions in which `scanner_isspace` (scansup.c) counts a vertical tab as a blank. */
const verticalTab: PgMajorSpan = { since: 17 };

function scannerIsspace(version: PgMajor): (code: number) => boolean {
  const isVerticalTabBlank = spanIncludes(verticalTab, version);
  return (code) =>
    code === 0x20 ||
    code === 0x09 ||
    code === 0x0a ||
    code === 0x0c ||
    code === 0x0d ||
    (code === 0x0b && isVerticalTabBlank);
}
