// Removes compiled files whose source was deleted or moved:
//   node scripts/prune.js dist src    removes dist/a/b.js, .js.map and .d.ts if there is no src/a/b.ts
import { existsSync, readdirSync, rmSync } from 'node:fs';

const [folder, source] = process.argv.slice(2);
const root = new URL('../', import.meta.url);
const compiled = new URL(`${folder}/`, root);

if (existsSync(compiled)) {
  for (const path of readdirSync(compiled, { recursive: true, encoding: 'utf8' })) {
    const name = /^(.*?)(?:\.d\.ts|\.js|\.js\.map)$/.exec(path)?.[1];
    if (name !== undefined && !existsSync(new URL(`${source}/${name}.ts`, root))) rmSync(new URL(path, compiled));
  }
}

// The file build/.built says that the last build was completed, and of which sources. This file is removed, because the
// build that starts now may be interrupted. scripts/build-if-changed.js writes it again after a complete build.
rmSync(new URL('build/.built', root), { force: true });
