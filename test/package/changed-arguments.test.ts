import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { inspectCertificate, inspectCrl } from 'pg-hostssl/pki';
import { readPublicExports } from './public-exports.ts';
import { documentedName, recordExamples, withoutRecording } from './recorded-calls.ts';

// Each recorded call that returns a promise is repeated. As soon as the promise exists, the test changes all objects in
// the arguments. The outcome must be that of the values at the call. An export calls `copyArgument` for this; for the
// exports that are loaded on demand, scripts/bundle.js does.

/** Sends a signal to the process of a server. */
const notRepeated = ['signalReload'];

const late = Symbol('late');
const calls = await recordExamples(
  'changed',
  readPublicExports().filter(({ isValue }) => isValue),
);

test('a caller may change the arguments of any asynchronous export before the promise settles', async (context) => {
  mock.timers.enable({ apis: ['Date'], now: Date.now() });
  context.after(() => mock.timers.reset());
  const faults: string[] = [];
  const repeated = new Set<string>();
  for (const { name, self, call, values, result } of calls) {
    if (!(result instanceof Promise) || notRepeated.includes(name)) continue;
    const shown = documentedName(name, self);
    repeated.add(shown);
    const watch = { isOver: false, reads: new Set<string>() };
    const given = values.map((value, i) => watched(value, watch, `${i}`));
    const undisturbed = [await outcomeOf(call, self, values), await outcomeOf(call, self, values)] as const;
    const outcome = await outcomeOf(
      call,
      self,
      given.map(({ value }) => value),
      () => {
        watch.isOver = true;
        for (const { change } of given) change();
      },
    );
    for (const read of watch.reads) faults.push(`${shown} reads ${read} after it has returned`);
    for (const path of new Set(undisturbed.concat(outcome).flatMap((each) => [...each.keys()]))) {
      // New keys and serial numbers differ in any two calls.
      const [expected, again] = undisturbed.map((each) => each.get(path));
      if (expected === again && outcome.get(path) !== expected) {
        faults.push(`${shown}: ${path} is ${outcome.get(path)}, not ${expected}`);
      }
    }
  }
  assert.deepEqual(faults, []);
  assert.ok(repeated.size > 40, `only ${[...repeated].join(', ')}`);
});

/**
 * A copy of an argument that notices whether it is read too late, and a function that changes everything in the copy.
 */
interface Watched {
  readonly value: unknown;
  readonly change: () => void;
}

interface Watch {
  isOver: boolean;
  readonly reads: Set<string>;
}

function watched(value: unknown, watch: Watch, path: string): Watched {
  if (value instanceof Date) {
    const date = new Date(value);
    return { value: date, change: () => date.setTime(0) };
  }
  if (value instanceof Uint8Array) {
    const bytes = Uint8Array.from(value);
    return { value: bytes, change: () => bytes.fill(0) };
  }
  const isPlain = value && Object.getPrototypeOf(value) === Object.prototype;
  const hasMethods = isPlain && Object.values(value).some((part) => typeof part === 'function');
  if (!Array.isArray(value) && !(isPlain && (!hasMethods || !path.includes('.')))) {
    return { value, change: () => undefined };
  }
  const parts = Object.entries(value).map(([key, part]) => [key, watched(part, watch, `${path}.${key}`)] as const);
  const target: object = Array.isArray(value) ? [] : {};
  for (const [key, part] of parts) Reflect.set(target, key, part.value);
  const note = (key: unknown): void => {
    if (watch.isOver && typeof key === 'string') watch.reads.add(`${path}.${key}`);
  };
  const proxy = new Proxy(target, {
    get: (from, key) => {
      note(key);
      return Reflect.get(from, key);
    },
    has: (from, key) => {
      note(key);
      return Reflect.has(from, key);
    },
    ownKeys: (from) => {
      note('*');
      return Reflect.ownKeys(from);
    },
  });
  const change = (): void => {
    for (const [key, part] of parts) {
      part.change();
      Reflect.set(target, key, Symbol('changed'));
    }
    if (Array.isArray(target)) target.length = 0;
  };
  return { value: proxy, change };
}

/** Returns the parts of the result of a call, or of its error, by their paths. */
async function outcomeOf(
  call: (...values: unknown[]) => unknown,
  self: unknown,
  values: readonly unknown[],
  afterwards: () => void = () => undefined,
): Promise<ReadonlyMap<string, string>> {
  const leaves = new Map<string, string>();
  try {
    const promise = withoutRecording(() => call.apply(self, [...values]));
    afterwards();
    collect(await Promise.race([promise, sleep(20_000, late, { ref: false })]), 'result', leaves);
  } catch (error) {
    leaves.set('error', String(error));
  }
  return leaves;
}

/** Collects the parts of a value. For certificates and CRLs, these are the fields that `inspectCertificate` shows. */
function collect(value: unknown, path: string, leaves: Map<string, string>): void {
  if (typeof value === 'string' && value.includes('BEGIN CERTIFICATE-----')) {
    collect(inspectCertificate(value), `${path} as certificate`, leaves);
  } else if (typeof value === 'string' && value.includes('BEGIN X509 CRL')) {
    collect(inspectCrl(value), `${path} as CRL`, leaves);
  } else if (value instanceof Uint8Array) {
    leaves.set(path, Buffer.from(value).toString('base64'));
  } else if (value instanceof Date || typeof value !== 'object' || value === null || path.split('.').length > 12) {
    leaves.set(path, value instanceof Date ? value.toISOString() : String(value));
  } else {
    for (const [key, part] of Object.entries(value)) collect(part, `${path}.${key}`, leaves);
  }
}
