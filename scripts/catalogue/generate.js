// Makes catalogue-data.ts, module-data.ts and setting-types.ts in src/conf/catalogue: what every major says of its settings and of its
// modules' settings. 10 to 18 are asked in person, from test/server; the rest is table.js.
//
//   npm run build:tests && node scripts/catalogue/generate.js
//
// Running it again changes nothing, which test/conf/catalogue.server.test.ts holds it to.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { availableMajors, withServer } from '../../build/test/server/index.js';
import { ask, catalogueTexts, settingsOfAskedServer } from './table.js';

const rows = new Map();
for (const major of availableMajors) {
  rows.set(major, await withServer({ major, settings: settingsOfAskedServer }, ask));
}
const texts = catalogueTexts(rows);
for (const [name, text] of Object.entries(texts)) {
  writeFileSync(new URL(`../../src/conf/catalogue/${name}`, import.meta.url), text);
}
spawnSync('npx', ['biome', 'format', '--write', ...Object.keys(texts).map((name) => `src/conf/catalogue/${name}`)], {
  cwd: new URL('../..', import.meta.url),
  stdio: 'inherit',
});
