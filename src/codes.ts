/**
 * Every code that this library gives, with its meaning. Codes are API: they are never renamed, and a caller tells
 * problems apart by them alone. The tables of the documentation are made from here.
 */

/** Codes of {@link PgHostsslError}: the caller's mistakes, and failed input and output. */
export const errorCodes = {
  // any part
  'version-unknown': 'The text names no PostgreSQL major that this library knows.',
  'text-invalid': 'A text given to be written holds a lone surrogate, a NUL or a line break and has no spelling there.',
  'entry-unknown': 'The entry given as a place, or to be changed, is not in this file.',
  'line-not-as-meant': 'The new line would not read back as what was asked for; nothing was changed.',
  // conf
  'setting-name-invalid': 'The name given cannot be written in a postgresql.conf as that of a setting.',
} as const;

/** A code of a {@link PgHostsslError}. */
export type ErrorCode = keyof typeof errorCodes;

/** Codes of {@link Diagnostic}: problems in the content of a file. */
export const diagnosticCodes = {
  // conf
  'conf-syntax': 'The line is no setting, include directive or comment: the server does not load the file.',
} as const;

/** A code of a {@link Diagnostic}. */
export type DiagnosticCode = keyof typeof diagnosticCodes;
