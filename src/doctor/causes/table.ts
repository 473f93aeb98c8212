import type { CauseRow } from './cause-row.ts';
import { clientCertificateCauses } from './client-certificate.ts';
import { clientFileCauses } from './client-files.ts';
import { ruleCauses } from './rules.ts';
import { serverCertificateCauses } from './server-certificate.ts';
import { serverFileCauses } from './server-files.ts';

/** All causes. If several causes fit a text equally well, the first in this list is taken for the likeliest. */
export const causeRows: readonly CauseRow[] = [
  ...clientFileCauses,
  ...serverCertificateCauses,
  ...clientCertificateCauses,
  ...ruleCauses,
  ...serverFileCauses,
];
