// A program that reads commands as lines of JSON, and answers each command with a line. It can make a plan, apply the
// plan, and edit a file.
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { CertificateAuthority, type PrivateKey } from '../../../src/pki/index.ts';
import { applyPlan, diskFiles, planClientCertificates, readServer, type TlsPlan } from '../../../src/tls/index.ts';

/** A command that the test sends to this program. */
export type Command =
  | { readonly do: 'load'; readonly certificate: string; readonly privateKey: string }
  | { readonly do: 'plan'; readonly data: string; readonly user: string }
  | { readonly do: 'apply' }
  | {
      readonly do: 'edit';
      readonly path: string;
      readonly line: string;
      readonly inPlace: boolean;
      readonly delay: number;
      readonly hold: number;
    };

let authority: CertificateAuthority | undefined;
let plan: TlsPlan | undefined;

async function run(command: Command): Promise<unknown> {
  if (command.do === 'load') {
    const { certificate, privateKey } = command;
    authority = await CertificateAuthority.load({ certificate, privateKey });
    return undefined;
  }
  if (command.do === 'plan') {
    plan = await planFor(authority!, command.data, command.user);
    return undefined;
  }
  if (command.do === 'apply') {
    return await applyPlan(plan!, { files: diskFiles }).then(
      () => 'ok',
      (error) => error.code ?? String(error),
    );
  }
  const { path, line, inPlace, delay, hold } = command;
  await pause(delay);
  const content = readFileSync(path, 'utf8');
  await pause(hold);
  if (inPlace) writeFileSync(path, `${content}${line}\n`);
  else {
    writeFileSync(`${path}.edit`, `${content}${line}\n`, { mode: 0o600 });
    renameSync(`${path}.edit`, path);
  }
  return Number(process.hrtime.bigint());
}

/** Returns a plan for a user of a server. The plan has no client's directory. */
export async function planFor(issuer: CertificateAuthority, data: string, user: string): Promise<TlsPlan> {
  const server = await readServer(data, { files: diskFiles });
  const connection = { host: 'localhost', user, database: 'app' };
  return planClientCertificates({ server, authority: issuer, connection });
}

/** Returns a key as PEM, to be sent to another process. */
export function keyText(key: PrivateKey): string {
  return key.toPem();
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

if (process.argv[2] === 'work') {
  createInterface({ input: process.stdin }).on('line', async (line) => {
    const answer = await run(JSON.parse(line) as Command).catch((error) => String(error));
    process.stdout.write(`${JSON.stringify({ answer })}\n`);
  });
}
