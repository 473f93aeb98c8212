// The whole how-to, on real servers: npm run quickstart

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { libpqUri, pgAdminServers, pgConfig } from 'pg-hostssl/client';
import { CertificateAuthority } from 'pg-hostssl/pki';
import {
  applyPlan,
  describePlan,
  planClientCertificates,
  readClient,
  readServer,
  recoverApply,
  signalReload,
  verifyServer,
} from 'pg-hostssl/tls';
import { availableMajors, startServer, type TestServer, temporaryFolder } from '../test/server/index.ts';
import { attempt, type Outcome } from './attempt.ts';

const newest = availableMajors.at(-1);
const oldest = availableMajors[0];
if (newest === undefined || oldest === undefined) {
  throw new Error(`npm has no PostgreSQL for ${process.platform}-${process.arch}`);
}

let failures = 0;
for (const major of new Set([newest, oldest])) {
  step(`PostgreSQL ${major}: a fresh server, with the configuration files of its initdb`);
  const server = await startServer({ major });
  try {
    await howTo(server);
  } finally {
    await server.remove();
  }
}
console.log(failures === 0 ? '\nAll steps passed.' : `\n${failures} of these steps failed.`);
process.exitCode = failures === 0 ? 0 : 1;

async function howTo(server: TestServer): Promise<void> {
  await server.query('CREATE ROLE webadmin LOGIN');
  await server.query('CREATE DATABASE app OWNER webadmin');
  const connection = `postgresql://webadmin@localhost:${server.port}/app`;
  const folder = join(temporaryFolder(), '.postgresql');

  step('A new CA, and a plan so that the server accepts its certificates');
  const authority = await CertificateAuthority.create({ subject: '/O=Example/CN=Example database authority' });
  const request = { authority, connection, withoutCertificate: 'reject' } as const;
  const plan = await planClientCertificates({
    ...request,
    server: await readServer(server.dataDirectory),
    client: await readClient(folder),
  });
  say(describePlan(plan));

  step('The plan is applied: all files are written, or none');
  const report = await applyPlan(plan);
  for (const path of report.written) say(path);
  if (report.action === 'reload') await server.reload();
  else await server.restart();

  step('A second plan for the same user has nothing to do');
  const again = await planClientCertificates({
    ...request,
    server: await readServer(server.dataDirectory),
    client: await readClient(folder),
  });
  expect('no file to write', again.writes.length === 0 && again.action === 'none', 'nothing to do');

  step('The user connects with the certificate. psql takes this connection string, and pg takes an object');
  say(libpqUri(plan.client, { directory: folder }));
  say('pgAdmin 4 loads this as servers.json:');
  say(JSON.stringify(pgAdminServers(plan.client, { name: 'app', directory: folder }), null, 2));
  const config = pgConfig(plan.client);
  const admitted = await attempt(config);
  expect('webadmin is let in', 'session' in admitted && admitted.session.ssl, show(admitted));
  expect(
    'pg_stat_ssl names the user',
    'session' in admitted && admitted.session.client.includes('CN=webadmin'),
    show(admitted),
  );

  step('Everybody else is refused. These are the words of the server');
  const { ca } = config.ssl;
  const refused = async (who: string, ssl: object | false, message: RegExp): Promise<void> => {
    const outcome = await attempt({ ...config, ssl });
    expect(who, 'refusal' in outcome && message.test(outcome.refusal), show(outcome));
  };
  await refused('webadmin without a certificate', { ca }, /connection requires a valid client certificate/);

  const other = await authority.issueClientCertificate({ user: 'other' });
  await refused(
    "webadmin with another user's certificate",
    { ca, cert: other.chain, key: other.privateKey.toPem() },
    /certificate authentication failed for user "webadmin"/,
  );

  await refused('webadmin without TLS', false, /pg_hba\.conf rejects connection for host .*, user "webadmin"/);

  const stranger = await CertificateAuthority.create({ subject: '/O=Example/CN=Example database authority' });
  const forged = await stranger.issueClientCertificate({ user: 'webadmin' });
  const outcome = await attempt({ ...config, ssl: { ca, cert: forged.chain, key: forged.privateKey.toPem() } });
  // The client of a failed handshake only gets an alert. The reason is in the server's log.
  const [logged] = await server.waitForLog(/could not accept SSL connection: .*/);
  expect('webadmin with a certificate of another CA', 'refusal' in outcome, logged);

  step('A renewal with a new key is killed in the middle');
  const program = fileURLToPath(new URL('killed-renewal.js', import.meta.url));
  const parameters = [server.dataDirectory, folder, connection, authority.certificate];
  const input = authority.privateKey.toPem();
  const killed = spawnSync(process.execPath, [program, ...parameters], { input });
  expect('its process is killed', killed.signal === 'SIGKILL', String(killed.signal));
  const { interrupted } = await readServer(server.dataDirectory);
  const paths = interrupted?.paths.map((path) => path.slice(server.dataDirectory.length + 1)) ?? [];
  expect('readServer reports the interrupted change', interrupted?.state === 'switching', paths.join(', '));
  await server.restart();
  const meanwhile = await attempt(config);
  expect('the server starts, and webadmin is let in', 'session' in meanwhile, show(meanwhile));

  step('The renewal is completed, and the server loads it');
  const recovery = await recoverApply(server.dataDirectory, { direction: 'complete', clientDirectory: folder });
  expect('all files are as planned', recovery.outcome === 'completed', recovery.outcome);
  await signalReload(server.dataDirectory);
  const renewed = recovery.paths.find((path) => path.endsWith('.crt')) ?? '';
  const verdict = await verifyServer({
    address: { host: server.host, port: server.port },
    expected: { certificate: readFileSync(renewed, 'utf8') },
  });
  expect('the server shows the new certificate', verdict.kind === 'verified', verdict.reasons.join() || renewed);
  const atLast = await attempt(config);
  expect('webadmin is let in', 'session' in atLast, show(atLast));
}

function step(title: string): void {
  console.log(`\n== ${title}`);
}

function say(text: string): void {
  console.log(text.trimEnd().replace(/^/gm, '   '));
}

function show(outcome: Outcome): string {
  if ('refusal' in outcome) return outcome.refusal;
  const { ssl, version, client } = outcome.session;
  return ssl ? `let in, ${version}, ${client}` : 'let in, not encrypted';
}

function expect(what: string, isSo: boolean, evidence: string): void {
  if (!isSo) failures += 1;
  say(`${isSo ? 'ok    ' : 'FAILED'}  ${what}: ${evidence}`);
}
