import { join } from 'node:path';
import type { CauseCode } from '../../src/doctor/index.ts';
import { repositoryRoot } from '../repository.ts';

/** An error text that a client or a server printed, with the cause that a test had provoked. */
export interface RecordedText {
  readonly cause: CauseCode;
  /** The name of the client program, or `server`. */
  readonly from: string;
  /** The major version of the server. */
  readonly server: number;
  readonly side: 'client' | 'server';
  readonly text: string;
  readonly serverLog?: string;
  /**
   * True if `explain` names another cause first for the text alone, and finds the real cause only with the files of the
   * server.
   */
  readonly needsConfiguration?: boolean;
}

/** The file of the recorded texts. With `PG_HOSTSSL_RECORD=1`, the test that provokes the faults writes this file. */
export const textsFile: string = join(repositoryRoot, 'fixtures/doctor/texts.json');
