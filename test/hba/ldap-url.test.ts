import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HbaFile } from '../../src/hba/index.ts';
import { forEachMajor, queryWithFiles, withServer } from '../server/index.ts';

test('an LDAP URL has the scope base, one or sub, and no other word', () => {
  const codeOf = (scope: string): string | undefined => {
    const file = HbaFile.parse(`host all all all ldap ldapurl="ldap://host/dc=example?uid?${scope}"\n`);
    return file.diagnostics.find(({ severity }) => severity === 'error')?.code;
  };
  for (const scope of ['', 'sub', 'SUBTREE', 'base', 'one']) assert.equal(codeOf(scope), undefined, scope);
  for (const scope of ['tree', 'constructor', '__proto__']) assert.equal(codeOf(scope), 'hba-option-value', scope);
});

// Of the servers from npm, only version 10 is built with LDAP.
forEachMajor([10], (major) => {
  for (const list of [',', '%2c', '%00', '%zz']) {
    test(`an LDAP URL with the attributes ${list} is rejected, because the server crashes`, async () => {
      const text = `host all all all ldap ldapurl="ldap://host/dc=example?${list}"\n`;
      await withServer({ major }, async (server) => {
        await assert.rejects(queryWithFiles(server, { 'pg_hba.conf': text }, 'SELECT * FROM pg_hba_file_rules'));
        await server.waitForLog(/terminated by signal 11/);
      });
      const { diagnostics } = HbaFile.parse(text, { version: major, server: { features: ['ldap'] } });
      assert.equal(diagnostics.find(({ severity }) => severity === 'error')?.code, 'hba-option-value');
    });
  }
});
