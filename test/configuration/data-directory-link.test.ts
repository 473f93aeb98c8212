import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { readConfiguration } from '../../src/configuration/index.ts';
import { CertificateAuthority } from '../../src/pki/index.ts';
import { planServerCertificate, readServer } from '../../src/tls/index.ts';

const skip = process.platform === 'win32' && 'needs symbolic links';
const code = 'configuration-data-directory';
let folder = '';

before(() => {
  folder = mkdtempSync(join(tmpdir(), 'pg-hostssl-'));
  for (const name of ['real', 'other']) mkdirSync(join(folder, name), { mode: 0o700 });
  if (!skip) symlinkSync('real', join(folder, 'link'));
});
after(() => rmSync(folder, { recursive: true }));

test('a link in data_directory that leads to the directory is not reported, and another directory is', {
  skip,
}, async () => {
  const authority = await CertificateAuthority.create({ subject: '/CN=CA' });
  const real = join(folder, 'real');
  for (const [given, named, isReported] of [
    ['real', 'link', false],
    ['link', 'real', false],
    ['real', 'other', true],
    ['real', 'missing', true],
  ] as const) {
    writeFileSync(join(real, 'PG_VERSION'), '18\n');
    writeFileSync(join(real, 'pg_hba.conf'), 'local all all peer\n');
    writeFileSync(join(real, 'postgresql.conf'), `data_directory = '${join(folder, named)}'\n`);
    const dataDirectory = join(folder, given);
    const configuration = await readConfiguration(dataDirectory);
    const server = await readServer(dataDirectory);
    const plan = await planServerCertificate({ server, authority, hosts: ['db'] });
    for (const { diagnostics } of [configuration, plan])
      assert.equal(
        diagnostics.some((each) => each.code === code),
        isReported,
        `${given} ${named}`,
      );
  }
});
