// The two configuration files alone, without any certificate: node edit-files.js <data directory> <user>
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfFile } from 'pg-hostssl/conf';
import { all, HbaFile } from 'pg-hostssl/hba';

const [directory = '.', user = 'webadmin'] = process.argv.slice(2);
// The same bytes mean different things to different majors: PG_VERSION in the data directory says which.
const version = 18;

const hbaPath = join(directory, 'pg_hba.conf');
const hba = HbaFile.parse(await readFile(hbaPath), { version, file: hbaPath });
const errors = hba.diagnostics.filter(({ severity }) => severity === 'error');
for (const { message, range } of errors) console.error(`${hbaPath}:${range.start.line}: ${message}`);
if (errors.length > 0) process.exit(1);

// The first rule that matches decides: this one goes above all others.
const rule = { type: 'hostssl', databases: [all], users: [user], address: all, method: 'cert' } as const;
const { file, outcome } = hba.ensure(rule, 'start');
console.log(`the rule is ${outcome}`);

const confPath = join(directory, 'postgresql.conf');
const conf = ConfFile.parse(await readFile(confPath), { version, file: confPath })
  .set('ssl', true)
  .set('ssl_ca_file', 'root.crt', { after: 'ssl' });

await writeFile(confPath, conf.toBytes());
await writeFile(hbaPath, file.toBytes());
