import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { PgHostsslError } from 'pg-hostssl';
import ts from 'typescript';
import { kindOf } from '../../src/arguments.ts';
import { seed as firstSeed, runs } from '../property.ts';
import { specifierOf, subpaths } from './manifest.ts';
import { programFolder } from './programs.ts';
import { type PublicExport, readPublicExports } from './public-exports.ts';

// The examples of all exports run with functions and methods that record their calls. Each recorded call is then
// repeated, with a wrong value at one place of its arguments.

/** A call in the example of an export. */
interface RecordedCall {
  /** `parseName`, `HbaFile.parse` or `HbaFile#insert`. */
  readonly name: string;
  readonly self: unknown;
  readonly call: (...values: unknown[]) => unknown;
  readonly values: readonly unknown[];
}

/** Functions that write to a disk, signal a server or wait for one. `wrong-arguments.test.ts` calls them. */
const notRepeated = ['applyPlan', 'recoverApply', 'loadOrCreateAuthority', 'fileLedgerStore', 'checkTlsFiles'].concat([
  'signalReload',
  'verifyServer',
  'readServer',
  'readClient',
  'readConfiguration',
  'locateConfiguration',
]);

/** Objects with methods of the caller. What such a method does wrong is an error of the caller's own code. */
const ports = ['files', 'store', 'provider', 'crypto'];

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
const calls: RecordedCall[] = [];
const inside = new AsyncLocalStorage<true>();
const patched = new Set<unknown>();
const values = readPublicExports().filter(({ isValue }) => isValue);
const comments = new Map(values.flatMap(({ comments }) => [...comments]));
const folder = programFolder('arguments');
await recordExamples(values);

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
    for (const path of pathsIn(values).filter(({ length }) => length > 0)) {
      const place = `${name} ${path.map((key) => (/^\d+$/.test(key) && key !== path[0] ? '*' : key)).join('.')}`;
      if (seen.has(place) || path.some((key) => ports.includes(key))) continue;
      seen.add(place);
      for (let run = 0; run < runs(4); run++) {
        const value = wrong[random(wrong.length)]!();
        const what = `${place} = ${typeof value === 'object' ? kindOf(value) : String(value)}`;
        const ended = await errorOf(() => call.apply(self, changed(values, path, value) as unknown[]));
        count += 1;
        if (ended === undefined) continue;
        if (!(ended instanceof PgHostsslError)) faults.push(`${what}: ${(ended as Error)?.stack}`);
        else if (!documentedCodes(nameOf(name, self)).has(ended.code)) {
          faults.push(`${what}: ${ended.code} is not in the @throws of ${nameOf(name, self)}`);
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
    const isLate = await Promise.race([inside.run(true, call), sleep(20_000, late, { ref: false })]);
    return isLate === late ? new Error('The call did not end') : undefined;
  } catch (error) {
    return error;
  }
}

/** Runs the examples of the exports, and records their calls of functions and of methods of the package. */
async function recordExamples(exports: readonly PublicExport[]): Promise<void> {
  Object.assign(globalThis, { recordCalls });
  for (const subpath of subpaths) {
    const names = Object.keys(await import(specifierOf(subpath)));
    const code = `import * as exported from '${specifierOf(subpath)}';\nexport const { ${names.join(', ')} } = recordCalls(exported);\n`;
    writeFileSync(join(folder, wrapperOf(specifierOf(subpath))), code);
  }
  process.chdir(folder);
  for (const { name, examples } of exports) {
    for (const [index, code] of examples.entries()) {
      const wrapped = code.replace(/from '(pg-hostssl[^']*)'/g, (_, from: string) => `from './${wrapperOf(from)}'`);
      const compilerOptions = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 };
      const file = join(folder, `${name}-${index}.mjs`);
      writeFileSync(file, ts.transpileModule(wrapped, { compilerOptions }).outputText);
      await import(pathToFileURL(file).href);
    }
  }
}

function wrapperOf(specifier: string): string {
  return `wrapped-${specifier.replace('/', '-')}.mjs`;
}

/** Returns the exports of a module. Their calls, and the calls of their methods, are recorded. */
function recordCalls(exports: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(exports).map(([name, value]) => {
      if (typeof value !== 'function') return [name, value];
      if (!/^class\b/.test(Function.prototype.toString.call(value))) return [name, recorded(name, value as never)];
      recordMethods(value, `${name}.`);
      for (let part = value.prototype; part !== Object.prototype; part = Object.getPrototypeOf(part)) {
        if (part !== Error.prototype) recordMethods(part, `${name}#`);
      }
      return [name, value];
    }),
  );
}

function recordMethods(owner: object, prefix: string): void {
  if (patched.has(owner)) return;
  patched.add(owner);
  for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(owner))) {
    if (typeof value !== 'function' || name === 'constructor') continue;
    Object.defineProperty(owner, name, {
      value: recorded(`${prefix}${name}`, value),
      writable: true,
      configurable: true,
    });
  }
}

function recorded(name: string, call: RecordedCall['call']): RecordedCall['call'] {
  return function (this: unknown, ...values) {
    if (inside.getStore()) return call.apply(this, values);
    calls.push({ name, self: this, call, values });
    return inside.run(true, () => call.apply(this, values));
  };
}

/** Returns the name under which a method is documented. A method that several classes share is recorded as of one. */
function nameOf(name: string, self: unknown): string {
  const [, separator, method] = /([.#])(\w+)$/.exec(name) ?? [];
  if (method === undefined) return name;
  const owner = separator === '.' ? (self as { readonly name: string }).name : (self as object).constructor.name;
  return `${owner}.${method}`;
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
