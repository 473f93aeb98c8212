import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { PgHostsslError } from 'pg-hostssl';
import { kindOf } from '../../src/arguments.ts';
import { seed as firstSeed, runs } from '../property.ts';
import { optionalPaths } from './declared-types.ts';
import { readPublicExports } from './public-exports.ts';
import { documentedName, recordExamples, withoutRecording } from './recorded-calls.ts';

// The examples of all exports run with functions and methods that record their calls. Each recorded call is then
// repeated, with a wrong value at one place of its arguments.

/** Functions that write to a disk, signal a server or wait for one. `wrong-arguments.test.ts` calls them. */
const notRepeated = ['applyPlan', 'recoverApply', 'loadOrCreateAuthority', 'fileLedgerStore', 'checkTlsFiles'].concat([
  'signalReload',
  'verifyServer',
  'readServer',
  'readClient',
  'readConfiguration',
  'locateConfiguration',
]);

/**
 * Objects with methods of the caller, and methods of the caller. What such a method does wrong is an error of the
 * caller's own code.
 */
const ports = ['files', 'store', 'provider', 'crypto', 'content'];

const wrong: readonly (() => unknown)[] = [
  ...[undefined, null, true, 5, Number.NaN, -1, 0.5, 2 ** 53, 1n, Symbol('s'), '', '\0', 'a\ud800', 'a\nb'].map(
    (value) => () => value,
  ),
  ...['__proto__', 'constructor', 'toString'].map((value) => () => value),
  () => [],
  () => [null],
  () => new Array(1),
  () => ({}),
  () => ({ misspelled: 1 }),
  () => Object.create(null),
  () => new Map([['a', 1]]),
  () => new Date(Number.NaN),
  () => new Uint8Array(3),
  () => Promise.resolve('a'),
  () => () => '',
];

const late = Symbol('late');
const values = readPublicExports().filter(({ isValue }) => isValue);
const comments = new Map(values.flatMap(({ comments }) => [...comments]));
const calls = await recordExamples('arguments', values);

test('a wrong value in a call of any export is accepted, or rejected with a code that the doc comment names', async () => {
  let seed = firstSeed;
  // A linear congruential generator: the same seed chooses the same values.
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((seed / 2 ** 32) * below);
  };
  const seen = new Set<string>();
  const faults: string[] = [];
  let count = 0;
  for (const { name, self, call, values } of calls) {
    if (notRepeated.includes(name)) continue;
    const documented = documentedName(name, self);
    const paths = [...pathsIn(values), ...optionalPaths(documented, values)];
    for (const path of paths.filter(({ length }) => length > 0)) {
      const place = `${name} ${path.map((key) => (/^\d+$/.test(key) && key !== path[0] ? '*' : key)).join('.')}`;
      if (seen.has(place) || path.some((key) => ports.includes(key))) continue;
      seen.add(place);
      for (let run = 0; run < runs(5); run++) {
        // These two are the likeliest mistakes: a missing argument, `?? null`, or a column of a database.
        const value = run < 2 ? [undefined, null][run] : wrong[random(wrong.length)]!();
        const what = `${place} = ${typeof value === 'object' ? kindOf(value) : String(value)}`;
        const ended = await errorOf(() => call.apply(self, changed(values, path, value) as unknown[]));
        count += 1;
        if (ended === undefined) continue;
        if (!(ended instanceof PgHostsslError)) faults.push(`${what}: ${(ended as Error)?.stack}`);
        // The class of a result may be unknown to callers, who know an interface instead.
        else if (comments.has(documented) && !documentedCodes(documented).has(ended.code)) {
          faults.push(`${what}: ${ended.code} is not in the @throws of ${documented}`);
        }
      }
    }
  }
  assert.deepEqual(faults, [], `seed ${firstSeed}`);
  assert.ok(count > 500, `only ${count} calls`);
});

/** Returns the error of a call; `undefined` if the call succeeds. A call that does not end is an error, too. */
async function errorOf(call: () => unknown): Promise<unknown> {
  try {
    const isLate = await Promise.race([withoutRecording(call), sleep(20_000, late, { ref: false })]);
    return isLate === late ? new Error('The call did not end') : undefined;
  } catch (error) {
    return error;
  }
}

/** Returns the codes that the `@throws` tags of an export name, themselves or by the name of another export. */
function documentedCodes(name: string, seen = new Set<string>()): ReadonlySet<string> {
  if (seen.has(name)) return new Set();
  seen.add(name);
  const tags = (comments.get(name) ?? '').split(/^@/m).filter((tag) => tag.startsWith('throws'));
  const owner = name.split('.')[0]!;
  return new Set(
    tags.flatMap((tag) => [
      ...Array.from(tag.matchAll(/`([a-z0-9-]+)`/g), ([, code]) => code!),
      ...Array.from(tag.matchAll(/(?:`|\{@link\s+)([\w.]+)[`}]/g), ([, other]) => other!)
        .flatMap((other) => [other, `${owner}.${other}`])
        .filter((other) => comments.has(other))
        .flatMap((other) => [...documentedCodes(other, seen)]),
    ]),
  );
}

/** Returns the paths of all properties of the plain objects and arrays in a value. */
function pathsIn(value: unknown, before: readonly string[] = []): readonly (readonly string[])[] {
  const isPlain = Array.isArray(value) || (value && Object.getPrototypeOf(value) === Object.prototype);
  if (!isPlain || before.length > 5) return [before];
  const parts = Array.isArray(value) ? Object.entries(value).slice(0, 2) : Object.entries(value as object);
  return [before, ...parts.flatMap(([name, part]) => pathsIn(part, [...before, name]))];
}

/** Returns a copy of a value in which the property at a path has another value. */
function changed(right: unknown, [name, ...path]: readonly string[], value: unknown): unknown {
  if (name === undefined) return value;
  const copy: Record<string, unknown> = (Array.isArray(right) ? [...right] : { ...(right as object) }) as never;
  copy[name] = changed(copy[name], path, value);
  return copy;
}
