/**
 * Returns whether a text begins with a placeholder of a template or a variable of a shell: `{{ port }}`, `${PORT}`,
 * `$PORT`. A name in lower case such as `$user` is not a placeholder, because `search_path` can contain it.
 */
export function beginsWithPlaceholder(text: string): boolean {
  return /^(?:\{\{|\{%|<%|\$\{\w|\$[A-Z_][A-Z0-9_]*(?![A-Za-z0-9_]))/.test(text);
}

/** The end of a sentence about a line with a placeholder. */
export const placeholderAdvice = 'the line holds a placeholder, which the server does not replace. Write the value';
