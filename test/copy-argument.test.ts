import assert from 'node:assert/strict';
import { test } from 'node:test';
import { copyArgument } from '../src/copy-argument.ts';

test('a copied argument has the values of the original, and shares no array, plain object, date or bytes with it', () => {
  const original = {
    hosts: ['a', 'b'],
    validity: { notBefore: new Date(1), days: 3 },
    content: Buffer.from('abc'),
    verify: () => true,
    missing: undefined,
    [`__proto__`]: 5,
  };
  const copy = copyArgument(original);
  const before = JSON.stringify(original);
  assert.equal(JSON.stringify(copy), JSON.stringify({ ...original, content: new Uint8Array(original.content) }));
  assert.ok('missing' in copy);
  assert.equal(Object.getPrototypeOf(copy), Object.prototype);
  copy.hosts.push('c');
  copy.validity.notBefore.setTime(2);
  copy.validity.days = 4;
  copy.content.fill(0);
  copy.verify = () => false;
  assert.equal(JSON.stringify(original), before);
  assert.ok(original.verify());
});

test('a copied argument keeps the objects in which a caller may keep a state', () => {
  const files = { count: 0, read: () => undefined };
  const instance = new (class {
    count = 0;
  })();
  const map = new Map();
  const copy = copyArgument({ files, instance, map, error: null });
  assert.equal(copy.files, files);
  assert.equal(copy.instance, instance);
  assert.equal(copy.map, map);
});

test('a copied argument keeps cycles, shared objects and the holes of an array', () => {
  const shared = { a: 1 };
  const original: Record<string, unknown> = { list: [shared, shared], holes: new Array(2) };
  original.self = original;
  const copy = copyArgument(original) as { self: unknown; list: unknown[]; holes: unknown[] };
  assert.equal(copy.self, copy);
  assert.equal(copy.list[0], copy.list[1]);
  assert.notEqual(copy.list[0], shared);
  assert.deepEqual(Object.keys(copy.holes), []);
  assert.equal(copy.holes.length, 2);
});
