import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect, isDeepStrictEqual } from 'node:util';
import { faultsInResult, optionalPaths } from './declared-types.ts';
import { readPublicExports } from './public-exports.ts';
import { documentedName, recordExamples, withoutRecording } from './recorded-calls.ts';

const calls = await recordExamples('types', readPublicExports());

test('the results of all calls in the examples have the declared types', async () => {
  const faults = new Set<string>();
  let checked = 0;
  for (const { name, self, result } of calls) {
    const value = await Promise.resolve(result).catch(() => undefined);
    if (value === undefined) continue;
    checked += 1;
    for (const fault of withoutRecording(() => faultsInResult(documentedName(name, self), value))) {
      faults.add(fault.replace(/\[\d+\]/g, '[]'));
    }
  }
  assert.ok(checked > 300, `only ${checked} of ${calls.length} results`);
  assert.deepEqual([...faults], []);
});

/** Functions that write to a disk, signal a server or wait for one. */
const notRepeated = ['loadOrCreateAuthority', 'fileLedgerStore', 'checkTlsFiles', 'signalReload', 'verifyServer'];

test('the value undefined of an optional property of an argument is the same as a missing property', async () => {
  const faults: string[] = [];
  const seen = new Set<string>();
  for (const { name, self, call, values } of calls) {
    if (notRepeated.includes(name)) continue;
    const outcome = (value: unknown, path: readonly string[]) =>
      outcomeOf(() => withoutRecording(() => call.apply(self, changed(values, path, value) as unknown[])));
    for (const path of optionalPaths(documentedName(name, self), values)) {
      const place = `${name} ${path.join('.')}`;
      if (seen.has(place)) continue;
      seen.add(place);
      const [present, missing] = [await outcome(undefined, path), await outcome(absent, path)];
      if (!isDeepStrictEqual(present, missing)) faults.push(`${place}: ${present}, not ${missing}`);
    }
  }
  assert.ok(seen.size > 500, `only ${seen.size} properties`);
  assert.deepEqual(faults, []);
});

/** Stands for a property that the copy does not have. */
const absent = Symbol('absent');

/** Returns a description of the end of a call. The results of asynchronous functions contain random keys. */
async function outcomeOf(call: () => unknown): Promise<string> {
  try {
    const result = call();
    if (!(result instanceof Promise)) return inspect(result, { depth: 8 });
    await result;
    return 'a result';
  } catch (error) {
    return `the error ${(error as { readonly code?: string }).code ?? error}`;
  }
}

/** Returns a copy of a value in which the property at a path has another value, or is missing. */
function changed(right: unknown, [name, ...path]: readonly string[], value: unknown): unknown {
  if (name === undefined) return value;
  const copy: Record<string, unknown> = (Array.isArray(right) ? [...right] : { ...(right as object) }) as never;
  const part = changed(copy[name], path, value);
  if (part === absent && !Array.isArray(copy)) delete copy[name];
  else copy[name] = part === absent ? undefined : part;
  return copy;
}
