import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { testBundle } from '../../src/client/index.ts';
import { inspectCertificate } from '../../src/pki/index.ts';

test('a bundle for tests is valid for one day, has its defaults, and shows no key', async () => {
  const bundle = await testBundle({ users: ['alice'] });
  const hosts = ['localhost', '127.0.0.1', '::1'];
  const { notAfter, dnsNames, ipAddresses } = inspectCertificate(String(bundle.serverFiles('/d')[1]?.content()));
  assert.deepEqual([dnsNames, ipAddresses], [hosts.slice(0, 2), hosts.slice(1)]);
  assert.ok(notAfter.getTime() - Date.now() <= 86_400_000);
  assert.doesNotMatch(
    inspect(bundle, { depth: 9, showHidden: true, getters: true }) + JSON.stringify(bundle),
    /PRIVATE/,
  );
  assert.deepEqual(bundle.serverSettings('/etc/tls/').ssl_cert_file, '/etc/tls/server.crt');
});

test('a client connects to the first host without a wildcard if no other is given', async () => {
  const bundle = await testBundle({ hosts: ['*.example.com', 'localhost', '::1'], users: ['alice'] });
  assert.equal(bundle.client({ user: 'alice' }).target.host, 'localhost');
  assert.equal(bundle.client({ user: 'alice', host: 'db.example.com' }).target.host, 'db.example.com');
});

test('a bundle rejects an unknown user, an empty list of hosts and unknown options', async () => {
  const bundle = await testBundle({ users: [] });
  assert.equal(bundle.hba, '');
  assert.throws(() => bundle.client({ user: 'alice' }), {
    code: 'connection-user-missing',
    message: /serverOnlyClient/,
  });
  await assert.rejects(testBundle({ users: 'alice' as never }), { code: 'argument-invalid' });
  await assert.rejects(testBundle({ users: [], user: 'a' } as never), { code: 'argument-invalid', message: /"user"/ });
  await assert.rejects(testBundle({ users: [], hosts: [] }), { code: 'host-invalid' });
});
