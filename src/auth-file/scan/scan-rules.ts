import { type PgMajor, type PgMajorSpan, spanIncludes } from '../../version.ts';

/**
 * The rules of one major version's scanner, as far as they differ between major versions (`tokenize_auth_file`,
 * `next_token` in hba.c).
 */
export interface ScanRules {
  /**
   * A backslash before the line end joins the next line (14+, commit 8f8154a503). A NUL also joins the next line,
   * because it hides the line end. Before version 14, a NUL hides only the rest of the line.
   */
  readonly continuation: boolean;
  /** A carriage return inside a line separates fields (until 18; commit 8b3e2c622a). */
  readonly carriageReturnIsBlank: boolean;
  /** The server knows the include lines `include`, `include_if_exists` and `include_dir` (16+, commit a54b658ce7). */
  readonly includes: boolean;
  /** A token that begins with `/` is a regular expression (16+). */
  readonly regularExpressions: boolean;
  /**
   * A file that is nested more than ten levels deep is an error (16+). Before version 16, the server has no limit, so a
   * file that includes itself makes the server recurse without end.
   */
  readonly depthLimit: boolean;
  /**
   * If an `@file` cannot be opened, the server logs a message and continues without the words of the file (9.6). Since
   * version 10, the server refuses the line.
   */
  readonly missingWordsIgnored: boolean;
  /** A directory named as a file counts as an empty file (14+), because read errors are only logged. */
  readonly directoryIsEmpty: boolean;
  /** Messages call an `@file` a secondary authentication file (until 15). */
  readonly namesSecondaryFile: boolean;
  /**
   * The server cuts a token that is too long and drops the rest of the line (9.6). Since version 10, the server refuses
   * the line.
   */
  readonly longTokenIsCut: boolean;
  /**
   * The size of the server's line buffer in bytes. A line, including its line end, must be at least two bytes shorter.
   */
  readonly lineBuffer: number;
  /** The size of the server's token buffer in bytes. A token must be at least one byte shorter. */
  readonly tokenBuffer: number;
}

/** The largest lengths of a line and a token, in bytes, that every minor release of every major version can load. */
export const portableLimits: { readonly line: number; readonly token: number } = { line: 8189, token: 255 };

/** The major versions with each rule that is on or off. */
export const scanSwitches: Readonly<Record<Exclude<keyof ScanRules, 'lineBuffer' | 'tokenBuffer'>, PgMajorSpan>> = {
  continuation: { since: 14 },
  carriageReturnIsBlank: { until: 18 },
  includes: { since: 16 },
  regularExpressions: { since: 16 },
  depthLimit: { since: 16 },
  missingWordsIgnored: { until: 9.6 },
  directoryIsEmpty: { since: 14 },
  namesSecondaryFile: { until: 15 },
  longTokenIsCut: { until: 9.6 },
};

/** The first major version that reads a token with `/` as a regular expression, for messages. */
export const regularExpressionsSince: string = `PostgreSQL ${scanSwitches.regularExpressions.since}`;

/** The first major version that joins a line that ends in a backslash with the next line, for messages. */
export const continuationSince: string = `PostgreSQL ${scanSwitches.continuation.since}`;

/**
 * `MAX_LINE` and `MAX_TOKEN` of the last minor release of each major version. A major version that is not in the table
 * has no limit.
 */
const buffers: readonly (PgMajorSpan & { readonly line: number; readonly token: number })[] = [
  { until: 10, line: 8192, token: 256 },
  { since: 11, until: 13, line: 20480, token: 10240 },
  { since: 14, until: 15, line: Number.POSITIVE_INFINITY, token: 10240 },
];

const rulesByMajor = new Map<PgMajor, ScanRules>();

/** Returns the scanner's rules of a major version. */
export function scanRulesOf(major: PgMajor): ScanRules {
  let rules = rulesByMajor.get(major);
  if (rules === undefined) {
    const buffer = buffers.find((span) => spanIncludes(span, major));
    const entries = Object.entries(scanSwitches).map(([name, span]) => [name, spanIncludes(span, major)]);
    rules = {
      ...(Object.fromEntries(entries) as Record<keyof typeof scanSwitches, boolean>),
      lineBuffer: buffer?.line ?? Number.POSITIVE_INFINITY,
      tokenBuffer: buffer?.token ?? Number.POSITIVE_INFINITY,
    };
    rulesByMajor.set(major, rules);
  }
  return rules;
}
