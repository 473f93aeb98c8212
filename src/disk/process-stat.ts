/** Facts about a process. */
export interface ProcessStat {
  /** The state: `Z` for a zombie, `X` for a dead process. */
  readonly state: string | undefined;
  /** The start time in 1/100 s since the boot. */
  readonly start: string | undefined;
}

/**
 * Reads the text of `/proc/PID/stat`.
 *
 * The function uses no variables from outside, because its source text is sent to a child process of another account.
 *
 * @see proc(5), fields 3 and 22. Field 2, the program's name, may contain spaces and parentheses.
 */
export function readProcessStat(text: string): ProcessStat {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { state: fields[0], start: fields[19] };
}
