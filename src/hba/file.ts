import type { AuthFileEdit } from '../auth-file/edit.ts';
import { AuthFile, parseLines } from '../auth-file/file.ts';
import type { LineList } from '../auth-file/line-list.ts';
import type { CommonEntry } from '../auth-file/read/entry.ts';
import type { ParseOptions } from '../parse-options.ts';
import { hbaFormat } from './format.ts';
import type { HbaRule, HbaRuleInput } from './rule.ts';
import type { HbaRuleChange } from './write/change.ts';
import type { ColumnStyle } from './write/layout.ts';

/** A logical line of pg_hba.conf, as data. */
export type HbaEntry = HbaRule | CommonEntry;

/** Options for inserting a line. */
export interface InsertOptions {
  /** The widths of the columns, or the text between them. The default is the layout of the nearest rule. */
  readonly columns?: ColumnStyle | undefined;
}

/** An edit of pg_hba.conf for {@link HbaFile.edit}. */
export type HbaEdit = AuthFileEdit<HbaRule, HbaRuleInput, HbaRuleChange, InsertOptions>;

/**
 * A pg_hba.conf file as a server of one major version reads it. The first rule that matches a connection decides, so
 * the order of the rules matters. If the diagnostics contain an `error`, the server does not start.
 *
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { HbaFile } from 'pg-hostssl/hba';
 *
 * const file = HbaFile.parse('# rules\nhost all all 0.0.0.0/0 md5\n', { version: 18 });
 * const [rule] = file.rules;
 * assert.equal(file.lineNumber(rule!), 2);
 * const stricter = file.replace(rule!, { type: 'hostssl', method: 'scram-sha-256' });
 * assert.equal(stricter.toString(), '# rules\nhostssl all all 0.0.0.0/0 scram-sha-256\n');
 * ```
 */
export class HbaFile extends AuthFile<HbaRule, HbaRuleInput, HbaRuleChange, InsertOptions, HbaFile> {
  private constructor(list: LineList<unknown, HbaRule>, options: ParseOptions) {
    super(hbaFormat, list, options, (edited) => new HbaFile(edited, options));
  }

  /**
   * Parses pg_hba.conf. Any text or bytes are accepted. `diagnostics` lists the problems.
   *
   * @param source the content of the file
   * @throws PgHostsslError `argument-invalid` for a source that is neither text nor bytes, and for an unknown option;
   * `version-unknown` for an unsupported major version
   */
  static parse(source: string | Uint8Array, options: ParseOptions = {}): HbaFile {
    return new HbaFile(parseLines(hbaFormat, source, options), options);
  }

  /** The rules of this file, in the order in which the server tries them. Rules of included files are not listed. */
  get rules(): readonly HbaRule[] {
    return this.records();
  }
}
