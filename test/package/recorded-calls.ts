import { AsyncLocalStorage } from 'node:async_hooks';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';
import { specifierOf, subpaths } from './manifest.ts';
import { programFolder } from './programs.ts';
import type { PublicExport } from './public-exports.ts';

/** A call in the example of an export. */
export interface RecordedCall {
  /** `parseName`, `HbaFile.parse` or `HbaFile#insert`. */
  readonly name: string;
  readonly self: unknown;
  readonly call: (...values: unknown[]) => unknown;
  readonly values: readonly unknown[];
  /** The returned value, which may be a promise; missing if the call threw an error. */
  result?: unknown;
}

const calls: RecordedCall[] = [];
const inside = new AsyncLocalStorage<true>();
const patched = new Set<unknown>();

/**
 * Runs the examples of the exports, and records their calls of functions and of methods of the package. The working
 * directory becomes the folder of the examples.
 *
 * @param prefix the beginning of the folder's name
 */
export async function recordExamples(
  prefix: string,
  exports: readonly PublicExport[],
): Promise<readonly RecordedCall[]> {
  const folder = programFolder(prefix);
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
  return calls;
}

/** Calls a function, and records none of the calls that it makes. */
export function withoutRecording<T>(call: () => T): T {
  return inside.run(true, call);
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
    const record: RecordedCall = { name, self: this, call, values };
    calls.push(record);
    record.result = inside.run(true, () => call.apply(this, values));
    if (record.result instanceof Promise) return record.result.then(recordedResult);
    return recordedResult(record.result);
  };
}

/** Returns the result of a call. If its class is not exported, the calls of its methods are recorded, too. */
function recordedResult<T>(result: T): T {
  const prototype = Object.getPrototypeOf(Object(result));
  const source = Function.prototype.toString.call(prototype?.constructor ?? Object);
  if (source.startsWith('class')) recordMethods(prototype, `${prototype.constructor.name}#`);
  return result;
}

/** Returns the name under which a method is documented. A method that several classes share is recorded as of one. */
export function documentedName(name: string, self: unknown): string {
  const [, separator, method] = /([.#])(\w+)$/.exec(name) ?? [];
  if (method === undefined) return name;
  const owner = separator === '.' ? (self as { readonly name: string }).name : (self as object).constructor.name;
  return `${owner}.${method}`;
}
