import { PgHostsslError } from '../../errors.ts';
import { type ConnectionTargetParts, connectionTarget } from '../bundle/target.ts';
import { lineEndOf, linesOf } from './text-lines.ts';

/**
 * A line of libpq's password file (`~/.pgpass`, mode 0600), for a server that asks for a password in addition to the
 * certificate. libpq up to 12 reads lines of at most 319 bytes.
 *
 * @param target - Where the client connects, and as which role.
 * @param password - The password.
 * @returns The line with a line end. It holds the password.
 * @throws PgHostsslError `connection-not-expressible` for a line break in a value; `argument-invalid`, and the codes of
 * {@link connectionTarget}.
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
 * The text of a password file of libpq (`~/.pgpass`, mode 0600). An edit changes the line of one target, keeps every other
 * byte, and returns a new object. Only `password` and `toString` give passwords.
 *
 * @see `passwordFromFile` in fe-connect.c: the first line that matches counts
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
   * Takes any text; `toString` gives it back unchanged.
   *
   * @throws PgHostsslError `argument-invalid` for anything but a string
   */
  static parse(text: string): PgPassFile {
    if (typeof text !== 'string') throw new PgHostsslError('argument-invalid', 'PgPassFile.parse takes a string');
    return new PgPassFile(linesOf(text));
  }

  /**
   * The password that libpq takes for a target.
   *
   * @returns `undefined` if no line matches.
   * @throws PgHostsslError as {@link connectionTarget}
   */
  password(target: ConnectionTargetParts): string | undefined {
    const fields = fieldsOf(target);
    for (const line of this.#lines) {
      const start = passwordStart(line, fields);
      if (start !== undefined) return unescapedPassword(contentOf(line).slice(start));
    }
    return undefined;
  }

  /**
   * Gives a target its password. If the line that libpq takes is about this target alone, its password changes. Otherwise a
   * new line is inserted above that line, or at the end if no line matches.
   *
   * @returns The file with the password; the same object if libpq takes this password already.
   * @throws PgHostsslError as {@link pgPassLine}
   */
  set(target: ConnectionTargetParts, password: string): PgPassFile {
    const line = pgPassLine(target, password).slice(0, -1);
    if (this.password(target) === password) return this;
    const end = lineEndOf(this.#lines);
    const fields = fieldsOf(target);
    const at = this.#lines.findIndex((each) => passwordStart(each, fields) !== undefined);
    if (at === -1) {
      const whole = this.#lines.map((each) => (each.endsWith('\n') ? each : each + end));
      return new PgPassFile([...whole, line + end]);
    }
    const found = this.#lines[at]!;
    const head = headFor(found, fields);
    const changed =
      head === undefined
        ? [line + end, found]
        : [head + escapedPassword(password) + found.slice(contentOf(found).length)];
    return new PgPassFile([...this.#lines.slice(0, at), ...changed, ...this.#lines.slice(at + 1)]);
  }

  /**
   * Removes each line that is about this target alone. A line with a star stays.
   *
   * @returns The file without the lines; the same object if there is none.
   * @throws PgHostsslError as {@link connectionTarget}
   */
  remove(target: ConnectionTargetParts): PgPassFile {
    const fields = fieldsOf(target);
    const kept = this.#lines.filter((line) => headFor(line, fields) === undefined);
    return kept.length === this.#lines.length ? this : new PgPassFile(kept);
  }

  /** The text. It holds the passwords. */
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

/** The fields of a target as a line begins with them. */
function keyOf(target: ConnectionTargetParts): string {
  const fields = fieldsOf(target);
  if (fields.some((field) => /[\r\n\0]/.test(field))) throw unfit();
  // A star alone matches every value. After a backslash it is a star.
  return fields.map((field) => `${field === '*' ? '\\*' : escaped(field)}:`).join('');
}

function escapedPassword(password: string): string {
  if (typeof password !== 'string' || password === '') {
    throw new PgHostsslError('argument-invalid', 'The password of a password file must be a text');
  }
  if (/[\r\n\0]/.test(password)) throw unfit();
  return escaped(password);
}

function unfit(): PgHostsslError {
  return new PgHostsslError('connection-not-expressible', 'A password file holds no line break', {
    hint: 'Give the password to the client in another way.',
  });
}

function escaped(text: string): string {
  return text.replace(/[\\:]/g, '\\$&');
}

/** A line as libpq looks at it: without line breaks at its end, and up to the first NUL. */
function contentOf(line: string): string {
  return line.replace(/[\r\n]+$/, '').split('\0', 1)[0]!;
}

/** Where the password of a line begins if libpq takes the line for these fields. */
function passwordStart(line: string, fields: Fields): number | undefined {
  const content = contentOf(line);
  // From 14 on, libpq skips comments. No host begins with "#", so an older one finds nothing in such a line, unless by "#*".
  if (content.startsWith('#')) return undefined;
  let at: number | undefined = 0;
  for (const field of fields) at = at === undefined ? undefined : fieldEnd(content, at, field);
  return at;
}

/** `pwdfMatchesString`: where the next field begins if this one is a star or the token. */
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

/** The text of a line up to its password, if each of its fields names these values and none is a star. */
function headFor(line: string, fields: Fields): string | undefined {
  const start = passwordStart(line, fields);
  if (start === undefined) return undefined;
  const content = contentOf(line);
  let at = 0;
  for (const field of fields) {
    if (content.startsWith('*:', at)) return undefined;
    at = fieldEnd(content, at, field)!;
  }
  return content.slice(0, start);
}

/** The password up to a colon; a backslash escapes the next character. */
function unescapedPassword(text: string): string {
  return /^(?:\\.|[^:\\]|\\$)*/s.exec(text)![0].replace(/\\(.)/gs, '$1');
}
