import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { all, HbaFile } from '../../src/hba/index.ts';
import { forEachMajor, startServer, type TestServer } from '../server/index.ts';

/** Names of roles and databases that pg_hba.conf would misread without correct quoting. */
const names = [
  ...['all', 'sameuser', 'samerole', 'replication', '+staff', '/x', '/^a$', '/', '@x', 'a b', 'a"b', 'a,b', 'a#b', 'A'],
  ...[
    'zoë',
    '/zoë',
    'back\\slash',
    '/back\\slash',
    'a^b',
    '/^',
    '/[a-z]',
    '/.*',
    '\\',
    "o'brien",
    '-x',
    ' a',
    'a\tb',
    '/a b',
  ],
];

/**
 * Names that a rule would let in if the server misread a name of `names`: as a keyword, as a pattern, as a part of a
 * name, or in another letter case.
 */
const others = [
  'x',
  'a',
  'b',
  'staff',
  'member',
  'zoe',
  'ax',
  '^a$',
  'backslash',
  'o',
  'brien',
  '/^A$',
  '/xx',
  'x/x',
  '^',
  ' ',
];

forEachMajor([10, 15, 16, 18, 19], (major) => {
  let server: TestServer;
  before(async () => {
    server = await startServer({ major });
    const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
    for (const name of [...names, ...others]) await server.query(`CREATE ROLE ${quoted(name)} LOGIN`);
    for (const name of [...names, 'x', 'a', 'b']) await server.query(`CREATE DATABASE ${quoted(name)}`);
    await server.query('GRANT staff TO member');
  });
  after(() => server.remove());

  /** Loads a pg_hba.conf whose only rule for TCP is for the given role and database. */
  async function letIn(name: string, database: string): Promise<void> {
    const file = HbaFile.parse('', { version: major })
      .insert({ type: 'local', databases: [all], users: [server.superuser], method: 'trust' }, 'end')
      .insert({ type: 'host', databases: [database], users: [name], address: '127.0.0.1', method: 'trust' }, 'end');
    server.writeFiles({ 'pg_hba.conf': file.toBytes() });
    await server.reload();
  }

  async function entersAs(user: string, database: string): Promise<boolean> {
    try {
      await (await server.connect({ user, database })).end();
      return true;
    } catch (error) {
      assert.match(String(error), /no pg_hba\.conf entry/);
      return false;
    }
  }

  for (const name of names) {
    test(`the rule for the role and the database ${JSON.stringify(name)} matches only them`, async () => {
      await letIn(name, name);
      assert.equal(await entersAs(name, name), true);
      const strangers = [...names.filter((other) => other !== name), ...others];
      for (const stranger of strangers) assert.equal(await entersAs(stranger, name), false, stranger);
      for (const database of [...names.filter((other) => other !== name), 'x', 'a', 'b']) {
        assert.equal(await entersAs(name, database), false, database);
      }
    });
  }
});
