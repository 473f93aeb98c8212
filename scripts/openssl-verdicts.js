// Writes fixtures/pki/openssl-verdicts.json: what versions of OpenSSL say about the chains that
// test/pki/openssl-cases.ts makes. The arguments are the programs, each after the profile of `verifyChain` for it:
//   node scripts/openssl-verdicts.js 3=/usr/bin/openssl 3.5=/opt/openssl-3.5/bin/openssl …
// A version that needs other libraries, such as 1.1.1, can be a script that sets LD_LIBRARY_PATH. All profiles must be
// given, so that each case has the verdict of each version.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { opensslRules } from '../build/src/pki/certificate/openssl-rules.js';
import { opensslCases } from '../build/test/pki/openssl-cases.js';

const programs = new Map(process.argv.slice(2).map((argument) => argument.split('=')));
const missing = Object.keys(opensslRules).filter((profile) => !programs.has(profile));
if (missing.length > 0) throw new Error(`Give the programs of ${missing.join(', ')}`);

const folder = mkdtempSync(join(tmpdir(), 'pg-hostssl-verdicts-'));
const judged = (await opensslCases()).map((one) => {
  const accepted = [...programs].filter(([, program]) => accepts(program, one)).map(([profile]) => profile);
  return { ...one, accepted: accepted.sort() };
});
rmSync(folder, { recursive: true });
const path = fileURLToPath(new URL('../fixtures/pki/openssl-verdicts.json', import.meta.url));
writeFileSync(path, `${JSON.stringify(judged, null, 2)}\n`);
console.log(`${judged.length} cases, judged by ${[...programs.keys()].join(', ')}`);

function accepts(program, { chain, roots, crls, at }) {
  for (const [name, content] of Object.entries({ chain, roots, crls: crls ?? '' }))
    writeFileSync(join(folder, name), content);
  const args = ['verify', '-no-CApath', '-CAfile', 'roots', '-purpose', 'sslclient', '-untrusted', 'chain'];
  const more = [...(crls === undefined ? [] : ['-crl_check_all', '-CRLfile', 'crls']), 'chain'];
  const { stdout, stderr } = spawnSync(program, [...args, '-attime', String(Date.parse(at) / 1000), ...more], {
    cwd: folder,
    encoding: 'utf8',
  });
  if (!/^chain: OK|lookup: /m.test(stdout + stderr)) throw new Error(`${program}: ${stdout}${stderr}`);
  return stdout.startsWith('chain: OK');
}
