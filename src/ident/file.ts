import type { AuthFileEdit } from '../auth-file/edit.ts';
import { AuthFile, parseLines } from '../auth-file/file.ts';
import type { LineList } from '../auth-file/line-list.ts';
import type { CommonEntry } from '../auth-file/read/entry.ts';
import type { ParseOptions } from '../parse-options.ts';
import { identFormat } from './format.ts';
import type { IdentMapping, IdentMappingInput } from './mapping.ts';
import type { IdentMappingChange } from './write/change.ts';

/** A logical line of pg_ident.conf, as data. */
export type IdentEntry = IdentMapping | CommonEntry;

/** The layout of a new mapping: the widths of its columns in characters, or the text between its columns. */
export type IdentColumnStyle =
  | {
      /** The number of characters from the start of the map name to the start of the system user. */
      readonly map: number;
      /** The number of characters from the start of the system user to the start of the database user. */
      readonly systemUser: number;
    }
  | {
      /** The text between the columns: blanks or tabs. */
      readonly separator: string;
    };

/** Options for inserting a line. */
export interface IdentInsertOptions {
  /** The widths of the columns, or the text between them. The default is the layout of the nearest mapping. */
  readonly columns?: IdentColumnStyle | undefined;
}

/** An edit of pg_ident.conf for {@link IdentFile.edit}. */
export type IdentEdit = AuthFileEdit<IdentMapping, IdentMappingInput, IdentMappingChange, IdentInsertOptions>;

/**
 * A pg_ident.conf file as a server of one major version reads it. If the diagnostics contain an `error`, the server
 * starts without any mapping.
 *
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { IdentFile } from 'pg-hostssl/ident';
 *
 * const mapping = { map: 'users', systemUser: 'alice.example', pgUser: 'alice' };
 * const { file, outcome } = IdentFile.parse('# maps\n', { version: 18 }).ensure(mapping);
 * assert.equal(outcome, 'added');
 * assert.equal(file.lineNumber(file.mappings[0]!), 2);
 * assert.equal(file.ensure(mapping).file, file);
 * ```
 */
export class IdentFile extends AuthFile<
  IdentMapping,
  IdentMappingInput,
  IdentMappingChange,
  IdentInsertOptions,
  IdentFile
> {
  private constructor(list: LineList<unknown, IdentMapping>, options: ParseOptions) {
    super(identFormat, list, options, (edited) => new IdentFile(edited, options));
  }

  /**
   * Parses pg_ident.conf. Any text or bytes are accepted. `diagnostics` lists the problems.
   *
   * @param source the content of the file
   * @throws PgHostsslError `argument-invalid` for a source that is neither text nor bytes, and for an unknown option;
   * `version-unknown` for an unsupported major version
   */
  static parse(source: string | Uint8Array, options: ParseOptions = {}): IdentFile {
    return new IdentFile(parseLines(identFormat, source, options), options);
  }

  /** The mappings of this file, in file order. Mappings of included files are not listed. */
  get mappings(): readonly IdentMapping[] {
    return this.records();
  }
}
