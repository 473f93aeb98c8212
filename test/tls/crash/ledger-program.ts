// A process that records certificates in a ledger and is killed at one of the calls.
import { appendFileSync, existsSync, writeSync } from 'node:fs';
import { diskFiles } from '../../../src/disk/disk-files.ts';
import type { TlsFiles } from '../../../src/disk/tls-files.ts';
// Imports the modules directly: an index would double the load time of each process.
import { Ledger } from '../../../src/pki/lifecycle/ledger.ts';
import { fileLedgerStore } from '../../../src/tls/files/ledger-file.ts';
import { stoppableFiles } from './calls.ts';

/** The input of the program, as JSON in its first argument. */
export interface LedgerCrashRequest {
  /** The file of the ledger. */
  readonly path: string;
  /**
   * The certificates. Each certificate is recorded by a separate call. The second-to-last certificate is revoked
   * before the last certificate is recorded.
   */
  readonly certificates: readonly string[];
  /** The call at which the process is killed. */
  readonly index: number;
}

const argument = process.argv[2];
if (argument?.startsWith('{')) {
  const { path, certificates, index } = JSON.parse(argument) as LedgerCrashRequest;
  let count = 0;
  const next = (leave: () => unknown = () => undefined): void => {
    if (count++ !== index) return;
    leave();
    process.kill(process.pid, 'SIGKILL');
  };
  const steps = stoppableFiles(diskFiles, () => {
    next();
    return 'go';
  });
  const files: TlsFiles = {
    ...steps,
    append: async (text) => {
      const content = text.content();
      for (const length of [0, 1, content.length >> 1, content.length - 1, content.length]) {
        next(() => existsSync(text.path) && appendFileSync(text.path, content.subarray(0, length)));
      }
      return (await diskFiles.append?.(text)) ?? false;
    },
  };
  const ledger = new Ledger(fileLedgerStore(path, files));
  for (const [i, certificate] of certificates.entries()) {
    if (i === certificates.length - 1) {
      await ledger.revoke({ certificate: certificates[i - 1]! });
      writeSync(1, 'revoked\n');
    }
    await ledger.record(certificate);
    writeSync(1, `recorded ${i}\n`);
  }
}
