import { assertText } from '../../arguments.ts';
import { PgHostsslError } from '../../errors.ts';
import { trimEndOf } from '../../text/trim-end.ts';
import { type ConnectionTargetParts, connectionTarget } from '../bundle/target.ts';
import { lineEndOf, linesOf } from './text-lines.ts';

/**
 * A line of libpq's password file (`~/.pgpass`, mode 0600), for a server that asks for a password in addition to the
 * certificate. Minor releases of libpq 12 and older from before November 2020 read only lines of at most 319 bytes.
 *
 * @param target the server, role and database of the connection
 * @param password the password
 * @returns the line with a line end. It holds the password.
 * @throws PgHostsslError `connection-not-expressible` for a value that the file cannot hold; `argument-invalid`, and
 * the codes of {@link connectionTarget}.
 * @see `passwordFromFile` in fe-connect.c
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { pgPassLine } from 'pg-hostssl/client';
 *
 * const line = pgPassLine({ host: '::1', user: 'alice', database: 'app' }, 'a:b');
 * assert.equal(line, '\\:\\:1:5432:app:alice:a\\:b\n');
 * ```
 */
export function pgPassLine(target: ConnectionTargetParts, password: string): string {
  return `${keyOf(target)}${escapedPassword(password)}\n`;
}

/**
 * The text of a password file of libpq (`~/.pgpass`, mode 0600). `set` and `remove` change only the lines of one
 * target, and return a new object. Only `password` and `toString` return passwords.
 *
 * @see `passwordFromFile` in fe-connect.c: the first line that matches decides
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { PgPassFile } from 'pg-hostssl/client';
 *
 * const file = PgPassFile.parse('# ours\n*:*:*:alice:general\n');
 * const target = { host: 'db.example.com', user: 'alice', database: 'app' };
 * assert.equal(file.password(target), 'general');
 * const changed = file.set(target, 'special');
 * assert.equal(changed.toString(), '# ours\ndb.example.com:5432:app:alice:special\n*:*:*:alice:general\n');
 * assert.equal(changed.remove(target).toString(), file.toString());
 * ```
 */
export class PgPassFile {
  readonly #lines: readonly string[];

  private constructor(lines: readonly string[]) {
    this.#lines = lines;
  }

  /**
   * Parses any text. `toString` returns the same text.
   *
   * @throws PgHostsslError `argument-invalid` if the argument is not a string
   */
  static parse(text: string): PgPassFile {
    assertText(text, 'the text of PgPassFile.parse');
    return new PgPassFile(linesOf(text));
  }

  /**
   * The password that libpq uses for a target. The host is compared as the target has it, in small letters; libpq
   * compares the host with the letters of its connection string.
   *
   * @returns `undefined` if no line matches
   * @throws PgHostsslError as {@link connectionTarget}
   */
  password(target: ConnectionTargetParts): string | undefined {
    const fields = fieldsOf(target);
    for (const line of this.#lines) {
      const match = matchOf(line, fields);
      if (match !== undefined) return unescapedPassword(contentOf(line).slice(match.start));
    }
    return undefined;
  }

  /**
   * Sets the password of a target. If the line that libpq uses is for this target only, its password changes. Otherwise
   * a new line is inserted above that line, or at the end if no line matches.
   *
   * @returns the file with the password. It is the same object if libpq uses this password already.
   * @throws PgHostsslError as {@link pgPassLine}
   */
  set(target: ConnectionTargetParts, password: string): PgPassFile {
    const line = pgPassLine(target, password).slice(0, -1);
    if (this.password(target) === password) return this;
    const end = lineEndOf(this.#lines);
    const fields = fieldsOf(target);
    const at = this.#lines.findIndex((each) => matchOf(each, fields) !== undefined);
    if (at === -1) {
      const whole = this.#lines.map((each) => (each.endsWith('\n') ? each : each + end));
      return new PgPassFile([...whole, line + end]);
    }
    const found = this.#lines[at]!;
    const { start, isExact } = matchOf(found, fields)!;
    const changed = isExact
      ? [found.slice(0, start) + escapedPassword(password) + found.slice(contentOf(found).length)]
      : [line + end, found];
    return new PgPassFile([...this.#lines.slice(0, at), ...changed, ...this.#lines.slice(at + 1)]);
  }

  /**
   * Removes each line that is for this target only. A line with a star in one of its fields stays.
   *
   * @returns the file without the lines. It is the same object if there is no such line.
   * @throws PgHostsslError as {@link connectionTarget}
   */
  remove(target: ConnectionTargetParts): PgPassFile {
    const fields = fieldsOf(target);
    const kept = this.#lines.filter((line) => matchOf(line, fields)?.isExact !== true);
    return kept.length === this.#lines.length ? this : new PgPassFile(kept);
  }

  /** The text of the file, with the passwords. */
  toString(): string {
    return this.#lines.join('');
  }
}

/** The four fields by which libpq finds a line: host, port, database and user. */
type Fields = readonly string[];

function fieldsOf(target: ConnectionTargetParts): Fields {
  const { host, port, database, user } = connectionTarget(target);
  return [host, String(port), database, user];
}

/** The start of a line for a target: its four fields, each with a colon. */
function keyOf(target: ConnectionTargetParts): string {
  const fields = fieldsOf(target);
  if (fields.some((field) => /[\r\n\0]/.test(field))) throw unfit();
  // A field that is only a star matches every value. A backslash in front of the star makes it match only a star.
  return fields.map((field) => `${field === '*' ? '\\*' : escaped(field)}:`).join('');
}

function escapedPassword(password: string): string {
  if (typeof password !== 'string' || password === '') {
    throw new PgHostsslError('argument-invalid', 'The password for a password file must be a non-empty string');
  }
  if (/[\r\n\0]/.test(password) || !password.isWellFormed()) throw unfit();
  return escaped(password);
}

function unfit(): PgHostsslError {
  return new PgHostsslError(
    'connection-not-expressible',
    'A password file cannot hold a line break, a NUL or a lone surrogate',
    {
      hint: 'Give the password to the client in another way.',
    },
  );
}

function escaped(text: string): string {
  return text.replace(/[\\:]/g, '\\$&');
}

/** The part of a line that libpq reads: up to the first NUL, and without the line break at the end. */
function contentOf(line: string): string {
  return trimEndOf(line, '\r\n').split('\0', 1)[0]!;
}

/**
 * The index where the password of a line begins, and whether no field of the line is a star; `undefined` if libpq does
 * not use the line for these fields.
 */
function matchOf(line: string, fields: Fields): { readonly start: number; readonly isExact: boolean } | undefined {
  const content = contentOf(line);
  // libpq skips lines that begin with "#". Releases from before November 2020 compare these lines, too, but such a line
  // matches no target, because no host begins with "#".
  if (content.startsWith('#')) return undefined;
  let start = 0;
  let isExact = true;
  for (const field of fields) {
    if (content.startsWith('*:', start)) isExact = false;
    const next = fieldEnd(content, start, field);
    if (next === undefined) return undefined;
    start = next;
  }
  return { start, isExact };
}

/**
 * The index at which the next field begins, if the present field is a star or is equal to the token:
 * `pwdfMatchesString` of libpq. Otherwise `undefined`.
 */
function fieldEnd(content: string, start: number, token: string): number | undefined {
  if (content.startsWith('*:', start)) return start + 2;
  let at = start;
  let used = 0;
  while (at < content.length) {
    if (content[at] === ':' && used === token.length) return at + 1;
    if (content[at] === '\\') at += 1;
    if (used === token.length || content[at] !== token[used]) return undefined;
    at += 1;
    used += 1;
  }
  return undefined;
}

/** Reads the password at the start of a text. It ends at a colon. A backslash escapes the next character. */
function unescapedPassword(text: string): string {
  return /^(?:\\.|[^:\\]|\\$)*/s.exec(text)![0].replace(/\\(.)/gs, '$1');
}
