/** The words that take in other files: in postgresql.conf on every major, in the authentication files from 16 on. */
export const includeDirectives = ['include', 'include_if_exists', 'include_dir'] as const;

/** A word that takes in another file, or the files of a directory. */
export type IncludeDirective = (typeof includeDirectives)[number];
