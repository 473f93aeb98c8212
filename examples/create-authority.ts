// Writes a CA, a server certificate and a client certificate: node create-authority.js <directory> <host> <user>
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CertificateAuthority } from 'pg-hostssl/pki';

const [directory = '.', host = 'localhost', user = 'webadmin'] = process.argv.slice(2);

const authority = await CertificateAuthority.create({ subject: '/O=Example/CN=Example database authority' });
const server = await authority.issueServerCertificate({ hosts: [host] });
const client = await authority.issueClientCertificate({ user });

await mkdir(directory, { recursive: true, mode: 0o700 });
await write('authority.crt', authority.certificate, 0o644);
await write('authority.key', authority.privateKey.toPem(), 0o600);
await write('server.crt', server.chain, 0o644);
await write('server.key', server.privateKey.toPem(), 0o600);
await write('postgresql.crt', client.chain, 0o644);
await write('postgresql.key', client.privateKey.toPem(), 0o600);

/** Creates a file with its mode. An existing file is an error, because it may be the only copy of a key. */
async function write(name: string, pem: string, mode: number): Promise<void> {
  await writeFile(join(directory, name), pem, { mode, flag: 'wx' });
}
