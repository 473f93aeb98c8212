import { assertText } from '../../arguments.ts';
import { trimSpaces } from '../../c/ascii.ts';
import type { ConnectionBundle } from '../bundle/bundle.ts';
import { type LibpqOptions, libpqServiceEntry } from '../views/libpq.ts';
import { lineEndOf, linesOf } from './text-lines.ts';

/**
 * The text of a `pg_service.conf`. `set` and `remove` change only the lines of one service, and return a new object.
 *
 * @see `parseServiceFile` in fe-connect.c: if several services have one name, libpq reads the first
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { ServiceFile, testBundle } from 'pg-hostssl/client';
 *
 * const bundle = (await testBundle({ users: ['alice'] })).client({ user: 'alice', database: 'app' });
 * const file = ServiceFile.parse('# ours\n[reports]\nhost=db1\n');
 * const changed = file.set('app', bundle, { directory: '/etc/app/db' });
 * assert.deepEqual(changed.services, ['reports', 'app']);
 * assert.equal(changed.parameters('app')?.sslmode, 'verify-full');
 * assert.equal(changed.remove('app').toString(), '# ours\n[reports]\nhost=db1\n\n');
 * ```
 */
export class ServiceFile {
  /** The names of the services, in the order of the file. If several services have one name, libpq reads the first. */
  readonly services: readonly string[];
  readonly #lines: readonly string[];

  private constructor(lines: readonly string[]) {
    this.#lines = lines;
    this.services = [...new Set(lines.flatMap((line) => nameOf(line) ?? []))];
  }

  /**
   * Parses any text. `toString` returns the same text.
   *
   * @throws PgHostsslError `argument-invalid` if the argument is not a string
   */
  static parse(text: string): ServiceFile {
    assertText(text, 'the text of ServiceFile.parse');
    return new ServiceFile(linesOf(text));
  }

  /**
   * The parameters of a service, from its lines `name=value`. They may include the passphrase of a key. They are not
   * checked: libpq refuses a service that has a line without "=", a blank before "=", a name that libpq does not know,
   * or the name `service`.
   *
   * @returns the parameters by their names; `undefined` if there is no such service
   * @throws PgHostsslError `argument-invalid` for a value of the wrong kind
   */
  parameters(name: string): Readonly<Record<string, string>> | undefined {
    const block = this.#blockOf(name);
    if (block === undefined) return undefined;
    const pairs = this.#lines.slice(block.start + 1, block.end).flatMap((line) => {
      const content = trimSpaces(line);
      const at = content.indexOf('=');
      return content.startsWith('#') || at < 1 ? [] : [[content.slice(0, at), content.slice(at + 1)] as const];
    });
    // If a parameter is repeated, libpq uses its first value.
    return Object.fromEntries(pairs.toReversed());
  }

  /**
   * Writes the entry of a service. The entry replaces the first service of this name, or is added at the end.
   *
   * @throws PgHostsslError as {@link libpqServiceEntry}
   */
  set(name: string, bundle: ConnectionBundle, options: LibpqOptions = {}): ServiceFile {
    const end = lineEndOf(this.#lines);
    const entry = libpqServiceEntry(name, bundle, options)
      .split('\n')
      .slice(0, -1)
      .map((line) => line + end);
    const block = this.#blockOf(name);
    if (block === undefined) {
      const whole = this.#lines.map((line) => (line.endsWith('\n') ? line : line + end));
      const isOpen = whole.length > 0 && trimSpaces(whole.at(-1)!) !== '';
      return new ServiceFile([...whole, ...(isOpen ? [end] : []), ...entry]);
    }
    return new ServiceFile([...this.#lines.slice(0, block.start), ...entry, ...this.#lines.slice(block.end)]);
  }

  /**
   * The file without the first service of this name. The result is the same object if there is no such service.
   *
   * @throws PgHostsslError `argument-invalid` for a value of the wrong kind
   */
  remove(name: string): ServiceFile {
    const block = this.#blockOf(name);
    if (block === undefined) return this;
    return new ServiceFile([...this.#lines.slice(0, block.start), ...this.#lines.slice(block.end)]);
  }

  /** The text of the file. */
  toString(): string {
    return this.#lines.join('');
  }

  /**
   * The lines of a service. Comments and blank lines at the end are left out, because they usually belong to the next
   * service.
   */
  #blockOf(name: string): { readonly start: number; readonly end: number } | undefined {
    assertText(name, 'the name of a service');
    const start = this.#lines.findIndex((line) => nameOf(line) === name);
    if (start === -1) return undefined;
    const next = this.#lines.findIndex((line, index) => index > start && trimSpaces(line).startsWith('['));
    let end = next === -1 ? this.#lines.length : next;
    while (end > start + 1 && /^(?:#|$)/.test(trimSpaces(this.#lines[end - 1]!))) end -= 1;
    return { start, end };
  }
}

/** The name of the service in a line such as `[app]`. */
function nameOf(line: string): string | undefined {
  return /^\[([^\]]*)\]/.exec(trimSpaces(line))?.[1];
}
