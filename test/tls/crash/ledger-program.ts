// A program that records certificates in a ledger file, and kills its own process at one of the file operations.
import { appendFileSync, existsSync, writeSync } from 'node:fs';
import { diskFiles } from '../../../src/disk/disk-files.ts';
import type { TlsFiles } from '../../../src/disk/tls-files.ts';
// These modules are imported directly, because importing the index files would double the start time of each process.
import { Ledger } from '../../../src/pki/lifecycle/ledger.ts';
import { fileLedgerStore } from '../../../src/tls/files/ledger-file.ts';
import { stoppableFiles } from './calls.ts';

/** The input of the program, as JSON in its first argument. */
export interface LedgerCrashRequest {
  /** The path of the ledger file. */
  readonly path: string;
  /**
   * The certificates to record, PEM. Each is recorded by a separate call. The second-to-last certificate is revoked
   * before the last one is recorded.
   */
  readonly certificates: readonly string[];
  /** The number of the file operation at which the process is killed. */
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
