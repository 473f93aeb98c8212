import type { Span } from './text/span.ts';

/** A pattern for names of options or settings whose values are secret. */
export interface SecretName {
  /** Matches the name of an option or a setting. */
  readonly name: RegExp;
  /** `true` if the value can also follow the name without `=` or `:`, as in a line with a mistake. */
  readonly bare: boolean;
  /** `true` if the value is an LDAP URL, in which only the extensions after the fourth question mark are secret. */
  readonly isLdapUrl?: boolean;
}

/** The names of secret options or settings in one kind of file, such as pg_hba.conf. */
export interface SecretNames {
  /** The names of options or settings whose values are secret. */
  readonly secret: readonly SecretName[];
  /**
   * Matches blanks or commas that another option follows. A secret without quotes ends before these blanks or commas.
   */
  readonly otherOption?: RegExp;
}

/**
 * Matches the text between a name and its value: a quote, blanks, and `=` or a colon, all of which can be missing. The
 * blanks can be Unicode blanks such as a no-break space, which a copy from a web page can contain.
 */
const maybeEquals = /"?[ \t\u00a0\u2000-\u200b\u202f\u3000]*(?:[:=]+[ \t]*)?/y;
const equals = /"?[ \t\u00a0\u2000-\u200b\u202f\u3000]*=[ \t]*/y;

/**
 * Names after which a secret follows, wherever they are in a text: options of programs, keywords of connection strings,
 * environment variables.
 */
const namesInValues: readonly SecretName[] = [
  { name: /^--?(?:\w+-)*(?:password|passwd|pwd|passphrase|secret|token|(?:api|access)-?key)$/i, bare: true },
  {
    name: /(?:(?:^|[_-])pass|pass?wo?r?d?|bindpw|pwd|se(?:cret|rcet)s?|token|(?:secret|access|account|api)_?key)$/i,
    bare: false,
  },
];

const longestName = 40;

/**
 * Returns the parts of a text that may be secrets, in order and without overlaps. Secrets are found in settings, in
 * comments and in lines that the server refuses.
 *
 * @param names the names of secret options or settings in this kind of file; secrets in program options and connection
 * strings are always found
 */
export function findSecrets(text: string, names: SecretNames): readonly Span[] {
  // This quick test skips most lines, because few lines contain a secret.
  if (!/pas|pwd|psw|bindp|sec|ecr|erc|cret|ecet|token|key|credential|ldapurl|:\/\/|-u[ =]|-user/i.test(text)) return [];
  return inOrder([
    ...namedSecrets(text, names),
    ...userInformation(text),
    ...urlExtensions(text),
    ...userOptions(text),
  ]);
}

/** Returns the spans in order. If two spans overlap, the shared part is returned once. */
export function inOrder(spans: readonly Span[]): readonly Span[] {
  let offset = 0;
  return [...spans]
    .sort((a, b) => a.start - b.start)
    .flatMap((span) => {
      const start = Math.max(span.start, offset);
      offset = Math.max(offset, span.end);
      return start < span.end ? [{ start, end: span.end }] : [];
    });
}

function namedSecrets(text: string, { secret, otherOption }: SecretNames): Span[] {
  const known = [...secret, ...namesInValues];
  const spans: Span[] = [];
  let offset = 0;
  let quotes = 0;
  let counted = 0;
  for (const { 0: word, index } of text.matchAll(/[\w.-]+/g)) {
    if (index < offset || word.length > longestName) continue;
    const row = known.find(({ name }) => name.test(word));
    if (row === undefined) continue;
    const start = endOfMatch(row.bare ? maybeEquals : equals, text, index + word.length);
    if (start === undefined || start === index + word.length) continue;
    for (; counted < index; counted++) if (text[counted] === '"') quotes += 1;
    const isQuoted = quotes % 2 === 1 && text[index + word.length] !== '"';
    const isWord = isQuoted || row.isLdapUrl === true;
    const end = endOfSecret(text, start, { isQuoted, isWord, otherOption });
    const from = row.isLdapUrl === true ? behindQuestionMarks(text, start, end) : start;
    if (from < end) spans.push({ start: from, end });
    offset = end;
  }
  return spans;
}

/** The properties of the beginning of a value that decide where the value ends. */
interface ValueStart {
  /** `true` if the name and the value are inside the same quotes. */
  readonly isQuoted: boolean;
  /** `true` if the value is one word, which ends at a blank outside quotes. */
  readonly isWord: boolean;
  /** Matches blanks or commas that another option follows: `otherOption` of {@link SecretNames}. */
  readonly otherOption: RegExp | undefined;
}

/**
 * Returns the offset at which a secret value ends: the end of its word, the start of another option, or the end of the
 * text.
 */
function endOfSecret(text: string, start: number, { isQuoted, isWord, otherOption }: ValueStart): number {
  let inQuotes = isQuoted;
  for (let i = start; i < text.length; i++) {
    if (text[i] === '"') inQuotes = !inQuotes;
    else if (!inQuotes && isWord && /[ \t\r\n]/.test(text[i]!)) return i;
    else if (!inQuotes && !isWord && otherOption !== undefined && /[ \t\r\n,]/.test(text[i]!)) {
      const isFirst = !/[ \t\r\n,]/.test(text[i - 1]!);
      if (isFirst && endOfMatch(otherOption, text, i) !== undefined) return i;
    }
  }
  return text.length;
}

/** Returns the offset of the extensions of an LDAP URL, which follow the fourth question mark. */
function behindQuestionMarks(text: string, start: number, end: number): number {
  let at = start;
  for (let count = 0; count < 4 && at < end; count++) {
    const mark = text.indexOf('?', at);
    at = mark === -1 || mark >= end ? end : mark + 1;
  }
  return at;
}

/**
 * Finds the user information of URLs, such as `user:password`: the text before the last `@`. If this text has a colon,
 * it can contain blanks.
 */
function userInformation(text: string): Span[] {
  let piece = { stop: 0, lastAt: -1 };
  return [...text.matchAll(/[^ \t\r\n"']+/g)].flatMap(({ 0: word, index }) => {
    const scheme = word.indexOf('://');
    if (scheme === -1) return [];
    const start = index + scheme + 3;
    if (!/^[^/@]*:/.test(word.slice(scheme + 3))) {
      const end = index + word.lastIndexOf('@');
      return end > start ? [{ start, end }] : [];
    }
    if (start >= piece.stop) piece = pieceWith(text, start);
    return piece.lastAt > start ? [{ start, end: piece.lastAt }] : [];
  });
}

/**
 * Returns the offset of the quote or line end that ends a URL with blanks in its password, and the offset of the last
 * `@` before this end.
 */
function pieceWith(text: string, start: number): { readonly stop: number; readonly lastAt: number } {
  let lastAt = -1;
  let stop = start;
  for (; stop < text.length && !/["'\r\n]/.test(text[stop]!); stop++) if (text[stop] === '@') lastAt = stop;
  return { stop, lastAt };
}

/** Finds the extensions of LDAP URLs, which come after the fourth question mark. */
function urlExtensions(text: string): Span[] {
  return [...text.matchAll(/[^ \t\r\n"']+/g)].flatMap(({ 0: word, index }) => {
    const scheme = word.search(/ldap[is]?:\/\//i);
    if (scheme === -1) return [];
    const end = index + word.length;
    const start = behindQuestionMarks(text, index + scheme, end);
    return start < end ? [{ start, end }] : [];
  });
}

/** Finds the password in curl's options `-u user:password` and `--user user:password`. */
function userOptions(text: string): Span[] {
  const option = /(?<![^ \t'"])(?:-u|--(?:proxy-)?user)[ =]*["']?[^ \t\r\n"':]*:([^ \t\r\n"']+)/g;
  return [...text.matchAll(option)].map(({ 0: all, 1: password, index }) => {
    const end = index + all.length;
    return { start: end - password!.length, end };
  });
}

function endOfMatch(sticky: RegExp, text: string, at: number): number | undefined {
  const matcher = new RegExp(sticky.source, sticky.flags);
  matcher.lastIndex = at;
  return matcher.test(text) ? matcher.lastIndex : undefined;
}
