/** A piece of a text: offsets, `end` exclusive. */
export interface Span {
  /** Offset of its first character. */
  readonly start: number;
  /** Offset behind its last character. */
  readonly end: number;
}

/** Names of options or settings whose values are secret. The tables of each file hold its rows. */
export interface SecretName {
  /** Matches the whole name. */
  readonly name: RegExp;
  /** Whether the value follows without `=` or `:`, too, as in a line that somebody got wrong. */
  readonly bare: boolean;
}

/** What stands between a name and its value: with and without an `=` or a colon. */
const maybeEquals = /"?[ \t]*(?:[:=]+[ \t]*)?/y;
const equals = /"?[ \t]*=[ \t]*/y;

/** Names in the text of a value: options of programs, keywords of connection strings, variables of the environment. */
const namesInValues: readonly SecretName[] = [
  { name: /^--?(?:\w+-)*(?:password|passwd|pwd|passphrase|secret|token|(?:api|access)-?key)$/i, bare: true },
  { name: /(?:password|passwd|pwd|secret|token|(?:secret|access|account|api)_?key)$/i, bare: false },
];

/** Options of pg_hba.conf that hold secrets, with common misspellings. */
const authenticationFileNames: readonly SecretName[] = [
  { name: /^(?:ldap\w*(?:pas|psw|pwd|bindp)\w*|radiu\w*(?:ecr|erc|cret|sect|ecet)\w*)$/i, bare: true },
];

/** An LDAP URL. Behind its fourth question mark stand extensions, which may hold secrets. */
const ldapUrl: SecretName = { name: /^ldapurl$/i, bare: false };
const longestName = 40;

/** What certainly is an option of its own and no part of a secret. */
const otherOption =
  /[ \t\r\n,]+"?(?:map|client(?:cert|name)|pam\w{0,40}|ldap\w{1,40}|radius\w{1,40}|krb_realm|include_realm|compat_realm|upn_username|issuer|scope|validator|delegate_ident_mapping)=/y;

/**
 * The text with a `*` for every character of what may be a secret: in settings, comments and mistakes as well. The text
 * keeps its length and its lines.
 *
 * @param names the names whose values are secret in this kind of file
 */
export function maskSecrets(text: string, names: readonly SecretName[] = authenticationFileNames): string {
  return maskSpans(text, findSecrets(text, names));
}

/** The pieces of a text that may be secrets, in their order; no two of them overlap. */
export function findSecrets(text: string, names: readonly SecretName[]): readonly Span[] {
  // Few lines hold any secret.
  if (!/pas|pwd|psw|bindp|sec|ecr|erc|cret|ecet|token|key|credential|ldapurl|:\/\/|-u[ =]|-user/i.test(text)) return [];
  const spans = [...namedSecrets(text, names), ...userInformation(text), ...userOptions(text)];
  let offset = 0;
  return spans
    .sort((a, b) => a.start - b.start)
    .flatMap((span) => {
      const start = Math.max(span.start, offset);
      offset = Math.max(offset, span.end);
      return start < span.end ? [{ start, end: span.end }] : [];
    });
}

/** The text with stars for these pieces, which are in their order. */
export function maskSpans(text: string, spans: readonly Span[]): string {
  let masked = '';
  let offset = 0;
  for (const { start, end } of spans) {
    masked += text.slice(offset, start) + asStars(text.slice(start, end));
    offset = end;
  }
  return masked + text.slice(offset);
}

/** A secret as it is shown: a `*` for each character but tabs, line ends and quotes. */
export function asStars(secret: string): string {
  return secret.replace(/[^\t\r\n"]/g, '*');
}

function namedSecrets(text: string, names: readonly SecretName[]): Span[] {
  const known = [...names, ...namesInValues, ldapUrl];
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
    const end = endOfSecret(text, start, { isQuoted, isWord: isQuoted || row === ldapUrl });
    const from = row === ldapUrl ? behindQuestionMarks(text, start, end) : start;
    if (from < end) spans.push({ start: from, end });
    offset = end;
  }
  return spans;
}

/** The end of what begins behind a name: of the word that both are in, or where another option begins. */
function endOfSecret(
  text: string,
  start: number,
  { isQuoted, isWord }: { readonly isQuoted: boolean; readonly isWord: boolean },
): number {
  let inQuotes = isQuoted;
  for (let i = start; i < text.length; i++) {
    if (text[i] === '"') inQuotes = !inQuotes;
    else if (!inQuotes && isWord && /[ \t\r\n]/.test(text[i]!)) return i;
    else if (!inQuotes && !isWord && /[ \t\r\n,]/.test(text[i]!)) {
      const isFirst = !/[ \t\r\n,]/.test(text[i - 1]!);
      if (isFirst && endOfMatch(otherOption, text, i) !== undefined) return i;
    }
  }
  return text.length;
}

function behindQuestionMarks(text: string, start: number, end: number): number {
  let at = start;
  for (let count = 0; count < 4 && at < end; count++) {
    const mark = text.indexOf('?', at);
    at = mark === -1 || mark >= end ? end : mark + 1;
  }
  return at;
}

/** The user information of URLs: what stands before the last `@`. Behind a colon, a password may hold blanks. */
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

/** The offset of the quote or line end that ends a URL with blanks, and of the last `@` before it. */
function pieceWith(text: string, start: number): { readonly stop: number; readonly lastAt: number } {
  let lastAt = -1;
  let stop = start;
  for (; stop < text.length && !/["'\r\n]/.test(text[stop]!); stop++) if (text[stop] === '@') lastAt = stop;
  return { stop, lastAt };
}

/** The password of `-u user:password` and `--user user:password`, as curl takes it. */
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
