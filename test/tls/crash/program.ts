// A program that plans a renewal with a new key, applies the plan, and kills its own process at one of the file
// operations.
import { CertificateAuthority } from '../../../src/pki/index.ts';
import { applyPlan, diskFiles, planClientCertificates, readClient, readServer } from '../../../src/tls/index.ts';
import { stoppableFiles } from './calls.ts';

/** The input of the program, as JSON in its first argument. */
export interface CrashRequest {
  readonly data: string;
  readonly client: string;
  readonly connection: {
    readonly host: string;
    readonly hostaddr: string;
    readonly port: number;
    readonly user: string;
  };
  readonly certificate: string;
  readonly privateKey: string;
  /** The number of the file operation before which the process is killed. */
  readonly index: number;
}

const argument = process.argv[2];
if (argument?.startsWith('{')) {
  const { data, client, connection, certificate, privateKey, index } = JSON.parse(argument) as CrashRequest;
  const plan = await planClientCertificates({
    server: await readServer(data),
    client: await readClient(client),
    authority: await CertificateAuthority.load({ certificate, privateKey }),
    connection: { ...connection, database: 'postgres' },
    withoutCertificate: 'reject',
    newKey: 'server',
  });
  const files = stoppableFiles(diskFiles, (call) => {
    if (call.index === index) process.kill(process.pid, 'SIGKILL');
    return 'go';
  });
  await applyPlan(plan, { files });
}
