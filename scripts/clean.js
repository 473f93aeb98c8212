// Removes a build folder of this repository, so that a deleted source leaves no compiled ghost behind.
import { rmSync } from 'node:fs';

for (const folder of process.argv.slice(2))
  rmSync(new URL(`../${folder}`, import.meta.url), { recursive: true, force: true });
