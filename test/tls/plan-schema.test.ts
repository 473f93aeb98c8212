import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { CertificateAuthority } from '../../src/pki/index.ts';
import {
  applyPlan,
  describePlan,
  memoryFiles,
  planClientCertificates,
  planRevocation,
  type TlsPlan,
} from '../../src/tls/index.ts';
import { schemaErrors } from '../access/json-schema.ts';
import { repositoryRoot } from '../repository.ts';
import { applied, clientState, serverState } from './state.ts';

const schema = JSON.parse(readFileSync(join(repositoryRoot, 'schema', 'plan.schema.json'), 'utf8'));
const authority = await CertificateAuthority.create({ subject: '/CN=First' });

test('a plan as JSON fits the published schema, contains no key, and cannot be applied', async () => {
  const [server, client] = [serverState({ owner: { uid: 5, gid: 6 } }), clientState()];
  const connection = 'postgresql://alice@db.example.com/app';
  const users = [{ user: 'bob' }];
  const first = await planClientCertificates({ server, client, authority, connection, users });
  const state = applied(server, client, first).server;
  // The client's directory and files belong to the account of the client.
  const owner = { uid: 7, gid: 8 };
  const owned = await planClientCertificates({ server, client: { ...client, owner }, authority, connection });
  assert.deepEqual(owned.directories, [{ path: client.directory, mode: 0o700, owner }]);
  const { clients: _, ...whole } = first;
  const plans: readonly TlsPlan[] = [
    whole,
    first,
    owned,
    await planClientCertificates({ server: state, authority, connection, newKey: 'server' }),
    await planRevocation({ server: state, authority }),
  ];
  for (const plan of plans) {
    const text = JSON.stringify(plan);
    assert.doesNotMatch(text, /PRIVATE KEY/);
    const copy = JSON.parse(text);
    assert.deepEqual(schemaErrors(copy, schema), []);
    assert.notDeepEqual(schemaErrors({ ...copy, action: 'kill' }, schema), []);
    assert.notDeepEqual(schemaErrors({ ...copy, extra: 1 }, schema), []);
    await assert.rejects(applyPlan(copy, { files: memoryFiles() }), { code: 'argument-invalid' });
    assert.throws(() => describePlan(copy), { code: 'argument-invalid', message: /a copy has no contents/ });
  }
});
