import { lockPath } from '../disk/own-names.ts';
import type { ReadingPort } from '../disk/reading-port.ts';
import { type Journal, readJournal } from './files/journal.ts';
import { contenders } from './files/lock.ts';
import type { InterruptedApply } from './state.ts';

const directions: Readonly<Record<Journal['state'], InterruptedApply['directions']>> = {
  staging: ['rollback'],
  switching: ['complete', 'rollback'],
  back: ['rollback'],
  finishing: ['complete'],
};

/**
 * The unfinished change that the journal in a data directory describes; `undefined` if there is no journal.
 *
 * @throws PgHostsslError `journal-invalid`; the errors of reading the files
 */
export async function findInterrupted(
  dataDirectory: string,
  files: ReadingPort,
): Promise<InterruptedApply | undefined> {
  const directory = await files.realPath(dataDirectory);
  const journal = await readJournal({ directory, files });
  if (journal === undefined) return undefined;
  const all = await contenders(lockPath(directory), files);
  const { state, started, targets } = journal;
  return {
    state,
    started,
    paths: targets.map(({ path }) => path),
    isRunning: all.some(({ hasEnded }) => !hasEnded),
    directions: directions[state],
  };
}
