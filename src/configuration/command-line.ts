/** The one-letter options of the server that take a value (the `getopt` call in postmaster.c). */
const withValue = 'BCcDdfhkNoprStvW-';
/** The options without a value that change a setting: the setting and its new value. */
const switches: Readonly<Record<string, readonly [name: string, value: string]>> = {
  e: ['DateStyle', 'euro'],
  F: ['fsync', 'off'],
  i: ['listen_addresses', '*'],
  l: ['ssl', 'on'],
  O: ['allow_system_table_mods', 'true'],
  P: ['ignore_system_indexes', 'true'],
  s: ['log_statement_stats', 'true'],
};
/** The options with a value, and the setting that takes the value. */
const shortNames: Readonly<Record<string, string>> = {
  B: 'shared_buffers',
  D: 'data_directory',
  h: 'listen_addresses',
  k: 'unix_socket_directories',
  N: 'max_connections',
  p: 'port',
  S: 'work_mem',
  W: 'post_auth_delay',
};

/**
 * The settings on the command line with which the server was last started. They override the settings in every file.
 * The debugging options `-d`, `-f` and `-t`, each of which changes settings that differ by its value, are not read.
 *
 * @param content the content of postmaster.opts, which the server writes at each start
 * @see CreateOptsFile in postmaster.c, which writes the program, then each parameter in double quotes, without escapes
 */
export function startSettings(content: Uint8Array): Readonly<Record<string, string>> {
  const parameters = [...new TextDecoder().decode(content).matchAll(/ "(.*?)"(?= "|\r?\n?$)/gs)].map(
    ([, parameter = '']) => parameter,
  );
  const found = new Map<string, string>();
  for (let i = 0; i < parameters.length; i++) {
    const parameter = parameters[i]!;
    if (!parameter.startsWith('-')) continue;
    for (let at = 1; at < parameter.length; at++) {
      const letter = parameter[at]!;
      const rest = parameter.slice(at + 1);
      const hasValue = withValue.includes(letter);
      const assignment = hasValue ? assigned(letter, rest || (parameters[++i] ?? '')) : switches[letter];
      if (assignment !== undefined) {
        // If a setting is given several times, the last value counts.
        found.delete(assignment[0]);
        found.set(...assignment);
      }
      if (hasValue) break;
    }
  }
  return Object.fromEntries(found);
}

/**
 * The setting that an option changes. The result for `-D` is `data_directory`, although `-D` names the directory of
 * postgresql.conf.
 */
function assigned(letter: string, text: string): readonly [name: string, value: string] | undefined {
  if (Object.hasOwn(shortNames, letter)) return [shortNames[letter]!, text];
  const [, name, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if ((letter !== 'c' && letter !== '-') || name === undefined || value === undefined) return undefined;
  // `ParseLongOption` in guc.c also reads a hyphen as an underscore.
  return [name.replaceAll('-', '_'), value];
}
