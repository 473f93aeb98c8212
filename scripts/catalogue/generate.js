// Makes src/conf/catalogue/catalogue-data.ts and src/conf/catalogue/setting-types.ts: what every major says of its settings, as one table. 10
// to 18 are asked in person, from test/server; the rest is table.js.
//
//   npm run build:tests && node scripts/catalogue/generate.js
//
// Running it again changes nothing, which test/conf/catalogue.server.test.ts holds it to.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { availableMajors, withServer } from '../../build/test/server/index.js';
import { catalogueTexts, columns } from './table.js';

const rows = new Map();
for (const major of availableMajors) {
  rows.set(major, await withServer({ major }, (server) => server.query(`SELECT ${columns} FROM pg_settings`)));
}
const texts = catalogueTexts(rows);
for (const [name, text] of Object.entries(texts)) {
  writeFileSync(new URL(`../../src/conf/catalogue/${name}`, import.meta.url), text);
}
spawnSync('npx', ['biome', 'format', '--write', ...Object.keys(texts).map((name) => `src/conf/catalogue/${name}`)], {
  cwd: new URL('../..', import.meta.url),
  stdio: 'inherit',
});
