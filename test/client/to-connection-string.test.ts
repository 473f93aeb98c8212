import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parse } from 'pg-connection-string';
import { connectionTarget, parseConnectionString, toConnectionString } from '../../src/client/index.ts';
import { PgHostsslError } from '../../src/errors.ts';
import { runs, seed } from '../property.ts';
import { targets } from './generate.ts';

test('a key/value string reads back as its target', () => {
  fc.assert(
    fc.property(targets, (target) => {
      const text = toConnectionString(target, { form: 'key-value', parameters: { application_name: "a'b" } });
      assert.deepEqual(parseConnectionString(text), target);
    }),
    { numRuns: runs(500), seed },
  );
});

test('a URL reads back as its target here and in pg-connection-string, or is rejected', () => {
  let expressible = 0;
  fc.assert(
    fc.property(targets, (target) => {
      let uri: string;
      try {
        uri = toConnectionString(target);
      } catch (error) {
        assert.ok(error instanceof PgHostsslError && error.code === 'connection-not-expressible');
        assert.match(target.database, /[?#]|(^|\/)\.\.?($|\/)/);
        return;
      }
      expressible += 1;
      assert.deepEqual(parseConnectionString(uri), target);
      const { host, port, user, database } = parse(uri);
      const { hostaddr, ...rest } = target;
      assert.deepEqual({ host, port: Number(port), user, database }, rest);
    }),
    { numRuns: runs(500), seed },
  );
  assert.ok(expressible > 200, `${expressible} expressible`);
});

test('further parameters are written in both forms', () => {
  const target = connectionTarget({ host: 'h', user: 'a' });
  const parameters = { sslmode: 'verify-full', options: "-c search_path='x'" };
  assert.equal(
    toConnectionString(target, { parameters }),
    "postgresql://a@h:5432/a?sslmode=verify-full&options=-c%20search_path%3D'x'",
  );
  assert.equal(
    toConnectionString(target, { form: 'key-value', parameters }),
    "host=h port=5432 user=a dbname=a sslmode=verify-full options='-c search_path=\\'x\\''",
  );
});

test('a parameter that contradicts the target or libpq is rejected', () => {
  const target = connectionTarget({ host: 'h', user: 'a' });
  const refused: readonly (readonly [object, string])[] = [
    [{ parameters: { slmode: 'x' } }, 'connection-parameter-unknown'],
    [{ parameters: { user: 'b' } }, 'argument-invalid'],
    [{ parameters: { options: 'a\0b' } }, 'connection-value-invalid'],
    [{ parameters: { options: '\ud800' } }, 'connection-value-invalid'],
    [{ form: 'uri' }, 'argument-invalid'],
    [{ from: 'url' }, 'argument-invalid'],
  ];
  for (const [options, code] of refused) assert.throws(() => toConnectionString(target, options), { code });
  assert.throws(() => toConnectionString({ ...target, host: '/tmp' }), { code: 'connection-host-invalid' });
});
