import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { serialize } from 'node:v8';
import { CertificateAuthority } from '../../src/pki/index.ts';
import { describePlan, diskFiles, planClientCertificates, readClient, readServer } from '../../src/tls/index.ts';
import { withFolder } from './folder.ts';
import { applied, clientState, serverState, stockFiles, written } from './state.ts';

const authority = await CertificateAuthority.create({ subject: '/CN=Authority' });
const connection = 'postgresql://webadmin@localhost/app';

test('no way of printing or copying shows a private key', () =>
  withFolder(async (folder) => {
    const request = { authority, connection };
    const plan = await planClientCertificates({ ...request, server: serverState(), client: clientState() });
    const keys = [written(plan, 'server.key')!, written(plan, 'postgresql.key')!];
    const { server, client } = applied(serverState(), clientState(), plan);
    const switched = await planClientCertificates({ ...request, server, client, newKey: true });
    keys.push(
      ...switched.writes.filter(({ secret }) => secret).map((write) => new TextDecoder().decode(write.content())),
    );
    assert.equal(new Set(keys).size, 4);

    const files = { ...stockFiles, 'server.key': keys[0]! };
    for (const [name, content] of Object.entries({ ...files, 'postgresql.key': keys[1]! })) {
      writeFileSync(join(folder, name), content);
    }
    const objects = {
      plan,
      switched,
      server,
      client,
      write: plan.writes.find(({ secret }) => secret),
      file: await diskFiles.read(join(folder, 'server.key')),
      readServer: await readServer(folder),
      readClient: await readClient(folder),
    };
    for (const [name, object] of Object.entries(objects)) {
      for (const [how, shown] of Object.entries(waysToShow(object))) {
        for (const key of keys) {
          for (const secret of spellingsOf(key)) {
            assert.ok(!shown.includes(secret), `${how} of ${name} shows a key`);
          }
        }
      }
    }
    assert.ok(!describePlan(plan, { verbose: true }).includes('PRIVATE KEY'));
  }));

function waysToShow(object: unknown): Readonly<Record<string, string>> {
  const whole = { depth: Infinity, maxArrayLength: Infinity, maxStringLength: Infinity };
  return {
    inspect: squeeze(inspect(object, whole)),
    'inspect with all options': squeeze(inspect(object, { ...whole, showHidden: true, getters: true })),
    '%o': squeeze(inspect(object, { ...whole, showHidden: true, showProxy: true })),
    JSON: squeeze(JSON.stringify(object)),
    structuredClone: cloned(() => inspect(structuredClone(object), { ...whole, showHidden: true })),
    'v8.serialize': cloned(() => serialize(object).toString('latin1')),
    spread: squeeze(inspect({ ...(object as object) }, { ...whole, showHidden: true })),
  };
}

/**
 * Copies an object and returns the copy as text. An object with a method cannot be copied; the text of the error is
 * then returned, because it must not show a key either.
 */
function cloned(copy: () => string): string {
  try {
    return squeeze(copy());
  } catch (error) {
    return squeeze(inspect(error, { showHidden: true }));
  }
}

/**
 * Returns texts that would reveal a key: a part of its PEM text, and its bytes as `inspect` and `JSON.stringify` print
 * them.
 */
function spellingsOf(key: string): readonly string[] {
  const [, line] = key.split('\n');
  const bytes = [...new TextEncoder().encode(line!)].slice(0, 20);
  return [line!.slice(0, 40), bytes.join(','), bytes.map((byte, i) => `"${i + 28}":${byte}`).join(',')];
}

function squeeze(text: string): string {
  return text.replaceAll(/\s/g, '');
}
