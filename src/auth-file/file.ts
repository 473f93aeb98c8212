import type { Place } from '../text/lines.ts';
import type { PgMajor } from '../version.ts';
import type { AnyEntry, LineList, LineWithEntry } from './line-list.ts';

/**
 * A file of which the server reads one logical line after the other: pg_hba.conf, pg_ident.conf, pg_hosts.conf. It is
 * immutable: every edit gives a new file, which shares all other lines with this one, and keeps every byte that the edit
 * does not name.
 */
export abstract class AuthFile<Entry extends AnyEntry, File> {
  readonly #list: LineList<Entry, LineWithEntry<Entry>>;
  readonly #with: (list: LineList<Entry, LineWithEntry<Entry>>) => File;

  /** @internal */
  constructor(
    list: LineList<Entry, LineWithEntry<Entry>>,
    make: (list: LineList<Entry, LineWithEntry<Entry>>) => File,
  ) {
    this.#list = list;
    this.#with = make;
  }

  /** The major that the file is read as. */
  get version(): PgMajor {
    return this.#list.how.version;
  }

  /** All logical lines as data, in their order. */
  get entries(): readonly Entry[] {
    return this.#list.entries;
  }

  /**
   * The file without this entry; a comment on its line goes with it.
   *
   * @throws PgHostsslError `entry-unknown` for an entry that is not in this file
   */
  remove(entry: Entry): File {
    return this.#with(this.#list.remove(entry));
  }

  /**
   * The file with this entry in another place, its text unchanged.
   *
   * @throws PgHostsslError `entry-unknown` for an entry or a place that is not in this file
   */
  move(entry: Entry, place: Place<Entry>): File {
    return this.#with(this.#list.move(entry, place));
  }

  /**
   * The file with this entry's line made a comment by a `#` before it.
   *
   * @throws PgHostsslError `entry-unknown` for an entry that is not in this file; `line-not-as-meant` where the line is so
   * long that the `#` is one character too many for this major
   */
  commentOut(entry: Entry): File {
    return this.#with(this.#list.commentOut(entry));
  }

  /**
   * The file with the first `#` of a comment taken away, so that what it holds takes effect.
   *
   * @throws PgHostsslError `entry-unknown` for an entry that is not in this file; `line-not-as-meant` for one that is no
   * comment
   */
  uncomment(entry: Entry): File {
    return this.#with(this.#list.uncomment(entry));
  }

  /** The text of the file. */
  toString(): string {
    return this.#list.toString();
  }

  /** The bytes of the file. */
  toBytes(): Uint8Array {
    return this.#list.toBytes();
  }
}
