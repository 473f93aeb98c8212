/**
 * The directives of include lines. They are allowed in postgresql.conf in every major version, and in the
 * authentication files since 16.
 *
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { ConfFile, includeDirectives } from 'pg-hostssl/conf';
 *
 * const kinds = includeDirectives.map((word) => ConfFile.parse(`${word} 'x'`).entries[0]?.kind);
 * assert.deepEqual(kinds, ['include', 'include', 'include']);
 * ```
 */
export const includeDirectives = ['include', 'include_if_exists', 'include_dir'] as const;
Object.freeze(includeDirectives);

/** The directive of an include line: it includes a file, a file that may be missing, or the files of a directory. */
export type IncludeDirective = (typeof includeDirectives)[number];

/** The depth of the deepest included file, if the main file has depth 0 (`CONF_FILE_MAX_DEPTH`). */
export const maxNestingDepth = 10;
