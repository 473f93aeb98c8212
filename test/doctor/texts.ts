import { join } from 'node:path';
import type { CauseCode } from '../../src/doctor/index.ts';
import { repositoryRoot } from '../server/index.ts';

/** A text that a client or a server printed, with the cause that the test made. */
export interface RecordedText {
  readonly cause: CauseCode;
  /** The client, or `server`. */
  readonly from: string;
  /** The major version of the server. */
  readonly server: number;
  readonly side: 'client' | 'server';
  readonly text: string;
  readonly serverLog?: string;
  /** True if the text alone has another cause first, and the files of the server show the real cause. */
  readonly needsConfiguration?: boolean;
}

/** The recorded texts. With `PG_HOSTSSL_RECORD=1` the scenes write the file. */
export const textsFile: string = join(repositoryRoot, 'fixtures/doctor/texts.json');
