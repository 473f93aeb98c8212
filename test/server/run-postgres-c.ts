import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import type { PgMajor } from '../../src/version.ts';
import { serverSpawnOptions } from './account.ts';
import { serverBinary } from './binaries.ts';
import { type ServerFiles, writeServerFiles } from './files.ts';
import { temporaryFolder } from './temporary.ts';

/** The answer of `postgres -C`, which prints the value of a setting. */
export interface PostgresCAnswer {
  /** True if a server would start with these files. */
  readonly accepted: boolean;
  /** The value of the setting; empty if the files are not accepted. */
  readonly value: string;
  /** The messages about the files, each with its severity: `FATAL:  …`. */
  readonly messages: readonly string[];
}

/**
 * Runs `postgres -D … -C name`, which reads the configuration files as at a start, and prints the value of a setting;
 * this takes about 20 ms. The configuration is a data directory, or files, for which a directory is made. Settings of
 * the command line override the files.
 */
export function runPostgresC(
  major: PgMajor,
  configuration: string | ServerFiles,
  name: string,
  commandLine: Readonly<Record<string, string>> = {},
): PostgresCAnswer {
  const settings = Object.entries(commandLine).flatMap(([setting, value]) => ['-c', `${setting}=${value}`]);
  if (typeof configuration === 'string') return ask(major, configuration, name, settings);
  const folder = temporaryFolder();
  try {
    writeServerFiles(folder, configuration);
    return ask(major, folder, name, settings);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function ask(major: PgMajor, folder: string, name: string, settings: readonly string[]): PostgresCAnswer {
  const program = serverBinary(major, 'postgres');
  const options = { ...serverSpawnOptions(), encoding: 'utf8' } as const;
  const { status, stdout, stderr, error } = spawnSync(program, ['-D', folder, ...settings, '-C', name], options);
  if (error !== undefined) throw error;
  const messages = stderr
    .split('\n')
    // The message about a missing optional file, such as postgresql.auto.conf, is left out.
    .flatMap((line) => /(?:LOG|WARNING|ERROR|FATAL): {2}(?!skipping missing).*/.exec(line) ?? []);
  return { accepted: status === 0, value: stdout.replace(/\n$/, ''), messages };
}
