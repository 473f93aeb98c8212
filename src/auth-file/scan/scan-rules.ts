import { type PgMajor, type PgMajorSpan, spanIncludes } from '../../version.ts';

/** The differences of one major version's scanner (`tokenize_auth_file`, `next_token` in hba.c) from the others. */
export interface ScanRules {
  /** A backslash before the line end joins the next line (14+, commit 8f8154a503). */
  readonly continuation: boolean;
  /** A NUL also hides the line end, so the next line is joined (14+). Before, a NUL hides only the rest of its line. */
  readonly nulHidesLineEnd: boolean;
  /** A carriage return inside a line separates fields (until 18; commit 8b3e2c622a). */
  readonly carriageReturnIsBlank: boolean;
  /** `include`, `include_if_exists` and `include_dir` (16+, commit a54b658ce7). */
  readonly includes: boolean;
  /** A token that begins with `/` is a regular expression (16+). */
  readonly regularExpressions: boolean;
  /** Files can be nested ten deep, and a deeper file is an error (16+). Before, nothing stops a recursion. */
  readonly depthLimit: boolean;
  /**
   * If an `@file` cannot be opened, the server logs this and continues without its words (9.6). Since 10, the line is
   * an error.
   */
  readonly missingWordsIgnored: boolean;
  /** A directory named as a file counts as an empty file (14+), because read errors are only logged. */
  readonly directoryIsEmpty: boolean;
  /** Messages call an `@file` a secondary authentication file (until 15). */
  readonly namesSecondaryFile: boolean;
  /** The server cuts a token that is too long and drops the rest of its line (9.6). Since 10, the line is an error. */
  readonly longTokenIsCut: boolean;
  /** The size of the line buffer in bytes. A line with its line end must be two bytes shorter. */
  readonly lineBuffer: number;
  /** The size of the token buffer in bytes. A token must be one byte shorter. */
  readonly tokenBuffer: number;
}

/** The deepest nesting of files (`CONF_FILE_MAX_DEPTH`). */
export const maxNestingDepth = 10;

/** The smallest limits of any minor release. A longer line or token does not load in every minor release. */
export const portableLimits: { readonly line: number; readonly token: number } = { line: 8189, token: 255 };

const switches: Readonly<Record<Exclude<keyof ScanRules, 'lineBuffer' | 'tokenBuffer'>, PgMajorSpan>> = {
  continuation: { since: 14 },
  nulHidesLineEnd: { since: 14 },
  carriageReturnIsBlank: { until: 18 },
  includes: { since: 16 },
  regularExpressions: { since: 16 },
  depthLimit: { since: 16 },
  missingWordsIgnored: { until: 9.6 },
  directoryIsEmpty: { since: 14 },
  namesSecondaryFile: { until: 15 },
  longTokenIsCut: { until: 9.6 },
};

/**
 * `MAX_LINE` and `MAX_TOKEN` of the last minor release of each major version. A version outside all spans has no limit.
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
    const entries = Object.entries(switches).map(([name, span]) => [name, spanIncludes(span, major)]);
    rules = {
      ...(Object.fromEntries(entries) as Record<keyof typeof switches, boolean>),
      lineBuffer: buffer?.line ?? Number.POSITIVE_INFINITY,
      tokenBuffer: buffer?.token ?? Number.POSITIVE_INFINITY,
    };
    rulesByMajor.set(major, rules);
  }
  return rules;
}
