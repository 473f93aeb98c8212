import type { ConfFile } from '../../src/conf/index.ts';
import { CertificateAuthority } from '../../src/pki/index.ts';
import { runPostgresC, type ServerFiles, type TestServer } from '../server/index.ts';

/** Returns the reason why a server does not start with a file; `undefined` if the server starts. */
export async function startProblem(server: TestServer, file: ConfFile): Promise<string | undefined> {
  const problem = loadProblem(server, file);
  if (problem !== undefined) return problem;
  try {
    await server.start();
    await server.stop();
    return undefined;
  } catch (error) {
    return String(error);
  }
}

/** Returns the reason why a running server does not load a file; `undefined` if the server loads the file. */
export function loadProblem(server: TestServer, file: ConfFile): string | undefined {
  server.writeFiles({ 'postgresql.conf': file.toBytes() });
  const { accepted, messages } = runPostgresC(server.major, server.dataDirectory, 'config_file');
  return accepted ? undefined : messages.join('; ');
}

/** Makes the certificate and key that a server needs to start with `ssl = on`. */
export async function makeServerCertificate(): Promise<ServerFiles> {
  const authority = await CertificateAuthority.create({ subject: 'CN=start' });
  const { chain, privateKey } = await authority.issueServerCertificate({ hosts: ['localhost'] });
  return { 'server.crt': chain, 'server.key': privateKey.toPem() };
}
