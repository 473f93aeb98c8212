import assert from 'node:assert/strict';
import { test } from 'node:test';
import { secretSettings } from '../src/conf/catalogue/secret-names.ts';
import { findSecrets, type SecretNames } from '../src/find-secrets.ts';
import { secretOptions } from '../src/hba/tables/secret-names.ts';
import { authOptions } from '../src/hba/tables/tables.ts';
import { maskSpans } from '../src/text/mask.ts';

const noNames: SecretNames = { secret: [] };

function masked(text: string, names: SecretNames): string {
  return maskSpans(text, findSecrets(text, names));
}

test('leaves text without a secret unchanged', () => {
  for (const text of [
    'host all all all password',
    'host all all all ldap ldapurl="ldap://host/dc=x?uid?sub?(a=b)"',
    'password_encryption = scram-sha-256',
    '# no secret here',
    'hostssl all all 10.0.0.0/8 cert map=passwd',
  ]) {
    for (const names of [secretOptions, secretSettings, noNames]) assert.equal(masked(text, names), text);
  }
});

test('masks the options of pg_hba.conf up to the next option', () => {
  assert.equal(
    masked('host a b c ldap ldapbindpasswd=abc ldapserver="x" "radiussecrets=a,b"c map=y', secretOptions),
    'host a b c ldap ldapbindpasswd=*** ldapserver="x" "radiussecrets=***"* map=y',
  );
});

test('masks passwords of connection strings and URLs in every file', () => {
  for (const names of [secretOptions, secretSettings, noNames]) {
    assert.equal(masked("conninfo = 'host=h password=abc'", names), "conninfo = 'host=h password=****");
    assert.equal(masked('postgresql://u:p@host/db', names), 'postgresql://***@host/db');
    assert.equal(masked('x ldapbindpasswd=abc', names), 'x ldapbindpasswd=***');
    assert.equal(masked('LDAPS://h/d?a?b?c?x=abc d', names), 'LDAPS://h/d?a?b?c?***** d');
  }
});

test('the names include each secret option of the table', () => {
  for (const [name, row] of Object.entries(authOptions)) {
    const value = name === 'ldapurl' ? 'ldap://h/d?a?b?c?zq9' : 'zq9';
    const isMasked = !masked(`host all all all x ${name}=${value}`, secretOptions).includes('zq9');
    assert.equal(isMasked, 'secret' in row, name);
  }
});

for (const part of [
  'ldapbindpasswd=',
  'password',
  '"ldapbindpasswd',
  '://',
  '@',
  'ldapurl=?',
  'pass',
  ' , ',
  'secret=x,map',
  '://u: ',
  '-u x',
  'ldap://?',
  'ldap://',
  '--password ',
]) {
  test(`masks a megabyte of ${part} in linear time`, { timeout: 20_000 }, () => {
    const text = part.repeat(1_000_000 / part.length);
    assert.equal(masked(text, secretOptions).length, text.length);
  });
}
