import assert from 'node:assert/strict';
import { test } from 'node:test';
import { authenticate } from '../src/access/index.ts';
import { explain } from '../src/doctor/index.ts';
import { HbaFile } from '../src/hba/index.ts';
import { CertificateAuthority, inspectCertificate } from '../src/pki/index.ts';
import { planRevocation } from '../src/tls/index.ts';
import { serverState } from './tls/state.ts';

/** More than the number of arguments that a call can have. */
const many = 130_000;

test('a rule can name very many roles whose members are not known', () => {
  const users = Array.from({ length: many }, (_, i) => `+r${i}`).join(',');
  const hba = HbaFile.parse(`local all ${users} trust\n`);
  const verdict = authenticate({ hba }, { transport: 'local', user: 'alice', database: 'app' });
  assert.ok(verdict.kind === 'unknown');
  assert.equal(verdict.needs.length, many);
});

test('a server can refuse very many lines of a file', async () => {
  const hba = HbaFile.parse('x\n'.repeat(many));
  const { causes } = await explain(new Error('the database system is starting up'), { configuration: { hba } });
  assert.equal(causes.find(({ code }) => code === 'hba-refused')?.details.length, many);
});

test('a certificate can name very many hosts', async () => {
  const authority = await CertificateAuthority.create({ subject: '/CN=CA' });
  const hosts = Array.from({ length: many }, (_, i) => `h${i}.example.com`);
  const { certificate } = await authority.issueServerCertificate({ hosts });
  assert.equal(inspectCertificate(certificate).dnsNames.length, many);
});

test('a given CRL can revoke very many certificates', async () => {
  const authority = await CertificateAuthority.create({ subject: '/CN=CA' });
  const revoked = Array.from({ length: many }, (_, i) => ({ serialNumber: (i + 1).toString(16).padStart(8, '0') }));
  const { crl } = await authority.issueCrl({ revoked });
  const server = serverState({ conf: "ssl = on\nssl_ca_file = 'root.crt'\n", ca: authority.certificate });
  const { summary } = await planRevocation({ server, crls: crl });
  assert.equal(summary, `Revokes ${many} certificates`);
});
