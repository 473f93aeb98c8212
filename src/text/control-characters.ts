/** Control characters and the Unicode line separators. A terminal acts on them or ends the line at them. */
const controls = /[\0-\x1f\x7f-\x9f\u2028\u2029]/g;

/** Returns a text in one line: each control character and line separator as an escape, such as `\n` or `\u000b`. */
export function withoutControls(text: string): string {
  return text.replace(controls, (character) => {
    const escaped = JSON.stringify(character).slice(1, -1);
    return escaped.length > 1 ? escaped : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

/**
 * Returns a line in which each control character except the tab is a replacement character (U+FFFD), so that each
 * character keeps its column.
 */
export function withoutControlsInColumns(line: string): string {
  return line.replace(controls, (character) => (character === '\t' ? character : '\ufffd'));
}
