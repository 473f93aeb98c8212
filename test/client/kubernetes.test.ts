import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as client from '../../src/client/index.ts';
import { ca, encryptedKey, key, leaf } from './pem.ts';

const parts = { certificate: leaf, privateKey: key, ca };

test('the Secrets of a server and of a CA contain only their files', () => {
  const server = client.kubernetesServerSecret(
    { ...parts, privateKey: { toPem: () => key } },
    { name: 'db', namespace: 'prod' },
  );
  assert.deepEqual(server, {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'kubernetes.io/tls',
    metadata: { name: 'db', namespace: 'prod' },
    stringData: { 'tls.crt': leaf, 'tls.key': key, 'ca.crt': ca },
  });
  const { type, stringData } = client.kubernetesCaSecret(`note\n${ca}`, { name: 'ca' });
  assert.deepEqual([type, stringData], ['Opaque', { 'ca.crt': ca }]);
  assert.throws(() => client.kubernetesCaSecret(ca + key, { name: 'ca' }), { code: 'private-key-misplaced' });
  assert.throws(() => client.kubernetesServerSecret({ ...parts, privateKey: encryptedKey }, { name: 'db' }), {
    code: 'connection-not-expressible',
  });
  // The rules of RFC 1123 that Kubernetes has for names.
  for (const name of ['a', 'a-1', '1', 'a.b-c.d', 'x'.repeat(253)]) {
    assert.equal(client.kubernetesServerSecret(parts, { name }).metadata.name, name);
  }
  for (const name of ['DB', 'a..b', 'a.-b', 'a-.b', '.a', 'a.', 'a-', '', 'a_b', 'x'.repeat(254)]) {
    assert.throws(() => client.kubernetesServerSecret(parts, { name }), { code: 'argument-invalid' }, name);
  }
  assert.equal(client.kubernetesCaSecret(ca, { name: 'a', namespace: 'x'.repeat(63) }).metadata.namespace?.length, 63);
  for (const namespace of ['a.b', 'A', 'a-', '', 'x'.repeat(64)]) {
    assert.throws(() => client.kubernetesCaSecret(ca, { name: 'a', namespace }), { code: 'argument-invalid' });
  }
});

test('the operators get the names of the Secrets in their own fields', () => {
  assert.deepEqual(client.cloudNativePgCertificates({ server: 's', ca: 'c', replication: 'r' }), {
    serverTLSSecret: 's',
    serverCASecret: 'c',
    clientCASecret: 'c',
    replicationTLSSecret: 'r',
  });
  assert.deepEqual(client.crunchyTlsSecrets({ server: 's', replication: 'r' }), {
    customTLSSecret: { name: 's' },
    customReplicationTLSSecret: { name: 'r' },
  });
  assert.throws(() => client.cloudNativePgCertificates({ server: 's', replication: 'r' } as never), {
    code: 'argument-invalid',
  });
  assert.throws(() => client.crunchyTlsSecrets({ server: 's', replication: 'R' }), { code: 'argument-invalid' });
});

test('DBI, PDO and ODBC strings reject characters that their clients would read as syntax', () => {
  const bundleOf = (database: string) =>
    client.clientBundle({ target: { host: 'h', user: 'u', database }, ca, ...{ certificate: leaf, privateKey: key } });
  const options = { directory: '/d' };
  const refusals: readonly (readonly [
    (bundle: client.ClientBundle) => unknown,
    readonly string[],
    readonly string[],
  ])[] = [
    [
      (bundle) => client.perlDbi(bundle, options),
      ["a'b", 'a"b', 'a;b', 'x db=y', 'x DATABASE =y'],
      ['a b', 'a\\b', 'é'],
    ],
    [(bundle) => client.phpPdo(bundle, options), ['a;b'], ["a'b", 'a"b', 'a b']],
    [(bundle) => client.odbcConnectionString(bundle, options), ['a;b', 'a{b', 'a}b'], ["a'b", 'a b']],
  ];
  for (const [view, refused, taken] of refusals) {
    for (const name of refused) assert.throws(() => view(bundleOf(name)), { code: 'connection-not-expressible' }, name);
    for (const name of taken) assert.ok(view(bundleOf(name)));
  }
  assert.equal(
    client.npgsqlConnectionString(bundleOf('d'), options),
    'Host=h;Port=5432;Database=d;Username=u;SSL Mode=VerifyFull;Root Certificate=/d/root.crt;' +
      'SSL Certificate=/d/postgresql.crt;SSL Key=/d/postgresql.key',
  );
  for (const [name, quoted] of [
    ['a;b="c', '"a;b=""c"'],
    ['\u00a0a', '"\u00a0a"'],
    ['a\u0001b', '"a\u0001b"'],
    ['a-b', 'a-b'],
  ] as const) {
    assert.ok(client.npgsqlConnectionString(bundleOf(name), options).includes(`;Database=${quoted};`), quoted);
  }
});
