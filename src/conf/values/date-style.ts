import { pgAsciiToLower } from '../../c/ascii.ts';

/** The style and the order of a value of `DateStyle`, or the reason why the server refuses the value. */
export type DateStyle = { readonly style: string; readonly order: string } | { readonly problem: string };

/** The built-in default of `DateStyle`. It applies to the style or the order if the value names only one of them. */
const builtIn = { style: 'ISO', order: 'MDY' };

/**
 * Reads the words of a value of `DateStyle` as a server does at its start (`check_datestyle`). The server refuses two
 * different styles and two different orders.
 */
export function readDateStyle(elements: readonly string[]): DateStyle {
  let { style, order } = builtIn;
  const given = new Map<'style' | 'order', string>();
  for (const element of elements) {
    const word = pgAsciiToLower(element);
    const meant = words.find((row) => (row.isPrefix ? word.startsWith(row.word) : word === row.word));
    if (meant === undefined && word !== 'default') {
      return { problem: `${JSON.stringify(element)} is neither a style nor an order of dates` };
    }
    if (meant === undefined) {
      if (!given.has('style')) style = builtIn.style;
      if (!given.has('order')) order = builtIn.order;
      continue;
    }
    const { kind, value } = meant;
    if ((given.get(kind) ?? value) !== value) return { problem: 'the words of the value conflict' };
    given.set(kind, value);
    if (kind === 'order') order = value;
    else style = value;
    if (value === 'German' && !given.has('order')) order = 'DMY';
  }
  return { style, order };
}

const words: readonly {
  readonly kind: 'style' | 'order';
  readonly word: string;
  readonly value: string;
  readonly isPrefix?: boolean;
}[] = [
  { kind: 'style', word: 'iso', value: 'ISO' },
  { kind: 'style', word: 'sql', value: 'SQL' },
  { kind: 'style', word: 'postgres', value: 'Postgres', isPrefix: true },
  { kind: 'style', word: 'german', value: 'German' },
  { kind: 'order', word: 'ymd', value: 'YMD' },
  { kind: 'order', word: 'dmy', value: 'DMY' },
  { kind: 'order', word: 'euro', value: 'DMY', isPrefix: true },
  { kind: 'order', word: 'mdy', value: 'MDY' },
  { kind: 'order', word: 'us', value: 'MDY' },
  { kind: 'order', word: 'noneuro', value: 'MDY', isPrefix: true },
];
