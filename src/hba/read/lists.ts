/**
 * The elements of a list in the syntax of settings (`SplitGUCList`): separated by commas, blanks round them trimmed, each
 * either in double quotes, which are doubled inside, or plain without blanks. Undefined for a list that is malformed.
 */
export function splitGucList(text: string): string[] | undefined {
  const elements: string[] = [];
  const element = /[ \t\n\r\f\v]*(?:"((?:[^"]|"")*)"|([^,"\s][^,\s]*))[ \t\n\r\f\v]*/y;
  if (/^[ \t\n\r\f\v]*$/.test(text)) return [];
  for (;;) {
    const match = element.exec(text);
    if (match === null) return undefined;
    elements.push(match[1]?.replaceAll('""', '"') ?? match[2]!);
    if (element.lastIndex === text.length) return elements;
    if (text[element.lastIndex] !== ',') return undefined;
    element.lastIndex += 1;
  }
}
