// Writes catalogue-data.ts, module-data.ts and setting-types.ts in src/conf/catalogue: the settings of every major
// version and of its modules. The script asks the servers of test/server for the settings of 10 to 18; table.js reads
// the other data from files.
//
//   npm run build:tests && node scripts/catalogue/generate.js
//
// A second run changes nothing: test/conf/catalogue.server.test.ts checks this.
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
