// Edits the two configuration files and makes no certificate: node edit-files.js <data directory> <user>
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfFile } from 'pg-hostssl/conf';
import { all, HbaFile } from 'pg-hostssl/hba';

const [directory = '.', user = 'webadmin'] = process.argv.slice(2);
// The same text means different things to different major versions. The file PG_VERSION names the version of the server.
const version = 18;

const hbaPath = join(directory, 'pg_hba.conf');
const hba = HbaFile.parse(await readFile(hbaPath), { version, file: hbaPath });
const errors = hba.diagnostics.filter(({ severity }) => severity === 'error');
for (const { message, range } of errors) console.error(`${hbaPath}:${range.start.line}: ${message}`);
if (errors.length > 0) process.exit(1);

// The first rule that matches decides, so the new rule goes above all other rules.
const rule = { type: 'hostssl', databases: [all], users: [user], address: all, method: 'cert' } as const;
const { file, outcome } = hba.ensure(rule, 'start');
console.log(`the rule is ${outcome}`);

const confPath = join(directory, 'postgresql.conf');
const conf = ConfFile.parse(await readFile(confPath), { version, file: confPath })
  .set('ssl', true)
  .set('ssl_ca_file', 'root.crt', { after: 'ssl' });

await writeFile(confPath, conf.toBytes());
await writeFile(hbaPath, file.toBytes());
