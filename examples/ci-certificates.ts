// Certificates for one CI run, instead of committed certificates: node ci-certificates.js <folder> <user>
// The program prints the parameters of the server: postgres -D data $(node ci-certificates.js tls app)
import { mkdir, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { libpqFiles, testBundle } from 'pg-hostssl/client';

const [folder = 'tls', user = 'app'] = process.argv.slice(2);
const bundle = await testBundle({ hosts: ['localhost'], users: [user] });
const files = [...bundle.serverFiles(resolve(folder)), ...libpqFiles(bundle.client({ user }), resolve(folder, user))];
await mkdir(resolve(folder, user), { recursive: true, mode: 0o700 });
for (const file of files) await writeFile(file.path, file.content(), { mode: file.mode, flag: 'wx' });
await writeFile(resolve(folder, 'pg_hba.conf'), `local all all peer\n${bundle.hba}`);
const settings = { ...bundle.serverSettings(resolve(folder)), hba_file: resolve(folder, 'pg_hba.conf') };
console.log(
  Object.entries(settings)
    .map(([name, value]) => `-c ${name}=${value}`)
    .join(' '),
);
