/** The lines of a text with their line ends. */
export function linesOf(text: string): readonly string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

/** The line end for a new line: CR LF if every line of the text that has a line end ends with CR LF, otherwise LF. */
export function lineEndOf(lines: readonly string[]): string {
  const ended = lines.filter((line) => line.endsWith('\n'));
  return ended.length > 0 && ended.every((line) => line.endsWith('\r\n')) ? '\r\n' : '\n';
}
