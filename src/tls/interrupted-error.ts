import { PgHostsslError } from '../errors.ts';
import type { InterruptedApply } from './state.ts';

/** Creates the error for an unfinished change of the server's files that another process began. */
export function interruptedError(
  directory: string,
  { started, isRunning }: Pick<InterruptedApply, 'started' | 'isRunning'>,
): PgHostsslError {
  const message = `A change that began at ${started} has not ended`;
  return new PgHostsslError('apply-interrupted', message, {
    file: directory,
    hint: isRunning
      ? 'The process that makes the change still runs: wait until it ends.'
      : "Complete the change with recoverApply(dataDirectory, { direction: 'complete' }), or roll it back with direction 'rollback'.",
  });
}
