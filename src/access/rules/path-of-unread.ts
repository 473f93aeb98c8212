import type { CommonEntry } from '../../auth-file/read/entry.ts';
import { trimSpaces } from '../../c/ascii.ts';

/**
 * Returns the path of the file that was not read. For a line of an included file, returns the line that names the path.
 *
 * @param entry the entry of the main file
 * @param text the line that was not followed
 */
export function pathOfUnread(
  entry: CommonEntry | { readonly kind: 'rule' | 'mapping'; readonly text: string },
  text: string,
): string {
  return entry.kind === 'include' && entry.text === text ? entry.path : trimSpaces(text);
}
