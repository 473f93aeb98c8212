/** What stands between a name and its value, where somebody may have forgotten the `=`, and where it must be there. */
const maybeEquals = /"?[ \t]*(?:=[ \t]*)?/y;
const equals = /"?[ \t]*=[ \t]*/y;

/** The names, in any file, of what may hold a secret; the settings of extensions are the last but one. */
const secretNames = [
  { name: /^(?:ldap\w*pass\w*|radius\w*secrets?|ssl_passphrase_c\w{0,8})$/i, equals: maybeEquals },
  {
    name: /^\w+\.\w*(?:pass(?:word|wd|phrase)|secret|credential|token|(?:api|access|private|encryption)_?key)\w*$/i,
    equals: maybeEquals,
  },
  { name: /(?:password|passwd|secret)$/i, equals },
] as const;

/** An LDAP URL, of which what stands behind the fourth question mark is for extensions, secrets among them. */
const ldapUrl = { name: /^ldapurl$/i, equals };
const longestName = 40;

/** What certainly is an option of its own and no part of a secret. */
const otherOption =
  /[\s,]+"?(?:map|client(?:cert|name)|pam\w{0,40}|ldap\w{1,40}|radius\w{1,40}|krb_realm|include_realm|compat_realm|upn_username|issuer|scope|validator|delegate_ident_mapping)=/y;

/**
 * A text of one or more lines in which every character of what may be a secret is a `*`: passwords of LDAP, RADIUS and
 * connection strings, in settings, comments and mistakes as well. It is as long as the text, and its lines are.
 */
export function maskSecrets(text: string): string {
  // Of many lines, few hold any.
  if (!/pass|secret|ldapurl|:\/\/|\.\w*(?:credential|token|key)/i.test(text)) return text;
  const spans = [...namedSecrets(text), ...userInformation(text)].sort((a, b) => a.start - b.start);
  let masked = '';
  let offset = 0;
  for (const { start, end } of spans) {
    if (end <= offset) continue;
    const from = Math.max(start, offset);
    masked += text.slice(offset, from) + asStars(text.slice(from, end));
    offset = end;
  }
  return masked + text.slice(offset);
}

/** A secret as it is shown: a `*` for each character but tabs, line ends and quotes. */
export function asStars(secret: string): string {
  return secret.replace(/[^\t\r\n"]/g, '*');
}

interface Span {
  readonly start: number;
  readonly end: number;
}

function namedSecrets(text: string): Span[] {
  const spans: Span[] = [];
  let offset = 0;
  let quotes = 0;
  let counted = 0;
  for (const { 0: word, index } of text.matchAll(/[\w.-]+/g)) {
    if (index < offset || word.length > longestName) continue;
    const row = [...secretNames, ldapUrl].find(({ name }) => name.test(word));
    if (row === undefined) continue;
    const start = endOfMatch(row.equals, text, index + word.length);
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
    else if (!inQuotes && isWord && /\s/.test(text[i]!)) return i;
    else if (!inQuotes && !isWord && /[\s,]/.test(text[i]!)) {
      const isFirst = !/[\s,]/.test(text[i - 1]!);
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

/** What stands before the `@` of a URL. */
function userInformation(text: string): Span[] {
  return [...text.matchAll(/[^\s"']+/g)].flatMap(({ 0: word, index }) => {
    const scheme = word.indexOf('://');
    const start = scheme + 3;
    const end = word.lastIndexOf('@');
    return scheme !== -1 && end > start ? [{ start: index + start, end: index + end }] : [];
  });
}

function endOfMatch(sticky: RegExp, text: string, at: number): number | undefined {
  const matcher = new RegExp(sticky.source, sticky.flags);
  matcher.lastIndex = at;
  return matcher.test(text) ? matcher.lastIndex : undefined;
}
