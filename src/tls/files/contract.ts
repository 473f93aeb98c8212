import { randomUUID } from 'node:crypto';
import { assertText } from '../../arguments.ts';
import { assertTlsFiles, type TlsFiles } from '../../disk/tls-files.ts';
import { codeOf, messageOf } from '../../errors.ts';
import { withContent } from '../../with-content.ts';

/** The {@link TlsFiles} that are checked, with functions that take the names of files in one directory. */
interface Place {
  readonly files: TlsFiles;
  /** Returns the path of the file with this name in the directory. */
  readonly at: (name: string) => string;
  /** Creates a file with this name and text. */
  readonly create: (name: string, text: string) => Promise<unknown>;
  /** Returns the text of a file; `undefined` if the file does not exist. */
  readonly text: (name: string) => Promise<string | undefined>;
  /** Returns the identity of a file; `undefined` if the file does not exist. */
  readonly id: (name: string) => Promise<string | undefined>;
}

/**
 * Checks whether an implementation of {@link TlsFiles} has all the properties on which `applyPlan` and `recoverApply`
 * rely. Use it in the tests of your own implementation; it needs no test runner. It cannot check whether an
 * implementation flushes files to the disk.
 *
 * @param files the implementation of {@link TlsFiles}
 * @param directory an existing directory. The function makes directories with random names in it, and removes them
 * again, if the implementation can remove files. It removes nothing else.
 * @returns a sentence for each property that the implementation lacks; an empty array for a correct implementation
 * @throws PgHostsslError `argument-invalid` for a value of the wrong kind
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { checkTlsFiles, memoryFiles, type TlsFiles } from 'pg-hostssl/tls';
 *
 * const files = memoryFiles({ '/tmp/notes': '' });
 * assert.deepEqual(await checkTlsFiles(files, '/tmp'), []);
 *
 * const careless: TlsFiles = { ...files, link: (path, name) => files.rename(path, name) };
 * const [broken] = await checkTlsFiles(careless, '/tmp');
 * assert.match(broken ?? '', /^link: /);
 * ```
 */
export async function checkTlsFiles(files: TlsFiles, directory: string): Promise<readonly string[]> {
  assertTlsFiles(files, 'the files of checkTlsFiles');
  assertText(directory, 'directory of checkTlsFiles');
  const broken: string[] = [];
  for (const [property, check] of checks) {
    const own = `${directory}/pg-hostssl-contract-${randomUUID()}`;
    try {
      await files.makeDirectory(own, { mode: 0o700 });
      await check(placeIn(own, files)).finally(() => removeAll(own, files));
    } catch (error) {
      broken.push(`${property} (${messageOf(error)})`);
    }
  }
  return broken;
}

/** The properties of a correct implementation, each with a function that throws if an implementation lacks it. */
const checks: readonly (readonly [property: string, check: (place: Place) => Promise<void>])[] = [
  [
    'read, inspect, statDirectory: give undefined for a path where there is nothing',
    async ({ files, at }) => {
      equal(await files.read(at('none')), undefined);
      equal(await files.inspect(at('none')), undefined);
      equal(await files.statDirectory(at('none')), undefined);
    },
  ],
  [
    'list, remove, removeDirectory, rename, link: reject with ENOENT for a path where there is nothing',
    async ({ files, at }) => {
      await rejects(files.list(at('none')), 'ENOENT');
      await rejects(files.remove(at('none')), 'ENOENT');
      await rejects(files.removeDirectory(at('none')), 'ENOENT');
      await rejects(files.rename(at('none'), at('other')), 'ENOENT');
      await rejects(files.link(at('none'), at('other')), 'ENOENT');
    },
  ],
  [
    'create: makes a file with its content and mode, readable and listed',
    async ({ files, at, create, text }) => {
      await create('a', 'first');
      equal(await text('a'), 'first');
      const facts = await files.inspect(at('a'));
      equal(facts?.kind, 'file');
      // On a system without file modes, `inspect` returns no mode.
      equal(facts?.mode ?? 0o600, 0o600);
      equal((await files.list(at(''))).join(), 'a');
    },
  ],
  [
    'create: rejects with EEXIST for a path where there is a file, which stays as it is',
    async ({ create, text }) => {
      await create('a', 'first');
      await rejects(create('a', 'second'), 'EEXIST');
      equal(await text('a'), 'first');
    },
  ],
  [
    'create: rejects with ENOENT in a directory that is not there',
    async ({ create }) => {
      await rejects(create('none/a', ''), 'ENOENT');
    },
  ],
  [
    'read: gives the bytes of a file, whatever bytes they are',
    async ({ files, at }) => {
      await files.create(withContent({ path: at('a'), mode: 0o600 }, everyByte));
      equal(comparison((await files.read(at('a')))?.content()), same);
    },
  ],
  [
    'read: gives a copy of the bytes, so that the file stays if a caller changes the copy',
    async ({ files, at }) => {
      await files.create(withContent({ path: at('a'), mode: 0o600 }, everyByte.slice()));
      (await files.read(at('a')))?.content().fill(0);
      equal(comparison((await files.read(at('a')))?.content()), same);
    },
  ],
  [
    'read: rejects with EISDIR for a directory',
    async ({ files, at }) => {
      await files.makeDirectory(at('d'), { mode: 0o700 });
      await rejects(files.read(at('d')), 'EISDIR');
    },
  ],
  [
    'statDirectory: rejects with ENOTDIR for a file',
    async ({ files, at, create }) => {
      await create('a', '');
      await rejects(files.statDirectory(at('a')), 'ENOTDIR');
    },
  ],
  [
    'link: gives a file a further name with the same id, and both names stay',
    async ({ files, at, create, text, id }) => {
      await create('a', 'first');
      await files.link(at('a'), at('b'));
      equal(await id('b'), await id('a'));
      equal(`${await text('a')} ${await text('b')}`, 'first first');
      await files.remove(at('a'));
      equal(await text('b'), 'first');
    },
  ],
  [
    'link: rejects with EEXIST for a name that is taken, which stays as it is',
    async ({ files, at, create, text }) => {
      await create('a', 'first');
      await create('b', 'second');
      await rejects(files.link(at('a'), at('b')), 'EEXIST');
      equal(await text('b'), 'second');
    },
  ],
  [
    'rename: replaces the file at the other path',
    async ({ files, at, create, text, id }) => {
      await create('a', 'first');
      await create('b', 'second');
      const former = await id('a');
      await files.rename(at('a'), at('b'));
      equal(`${await text('a')} ${await text('b')}`, 'undefined first');
      equal(await id('b'), former);
    },
  ],
  [
    'replace: keeps the target under the further name, and puts the other file in its place',
    async ({ files, at, create, text, id }) => {
      await create('target', 'old');
      await create('new', 'new');
      const former = await id('target');
      await files.replace({ target: at('target'), by: at('new'), keep: at('kept') });
      equal(`${await text('target')} ${await text('new')} ${await text('kept')}`, 'new undefined old');
      equal(await id('kept'), former);
    },
  ],
  [
    'replace: rejects with EEXIST if the further name is taken, and changes nothing',
    async ({ files, at, create, text }) => {
      for (const name of ['target', 'new', 'kept']) await create(name, name);
      await rejects(files.replace({ target: at('target'), by: at('new'), keep: at('kept') }), 'EEXIST');
      equal(`${await text('target')} ${await text('new')} ${await text('kept')}`, 'target new kept');
    },
  ],
  [
    'makeDirectory: makes a directory, and rejects with EEXIST if there is one',
    async ({ files, at }) => {
      await files.makeDirectory(at('d'), { mode: 0o700 });
      equal((await files.inspect(at('d')))?.kind, 'directory');
      equal((await files.statDirectory(at('d'))) === undefined, false);
      await rejects(files.makeDirectory(at('d'), { mode: 0o700 }), 'EEXIST');
    },
  ],
  [
    'removeDirectory: removes an empty directory, and rejects with ENOTEMPTY for another one',
    async ({ files, at, create }) => {
      await files.makeDirectory(at('d'), { mode: 0o700 });
      await create('d/a', '');
      await rejects(files.removeDirectory(at('d')), 'ENOTEMPTY');
      await files.remove(at('d/a'));
      await files.removeDirectory(at('d'));
      equal(await files.inspect(at('d')), undefined);
    },
  ],
  [
    'realPath: gives one path for a file, also before there is one, and again for the path that it has given',
    async ({ files, at, create }) => {
      const before = await files.realPath(at('a'));
      await create('a', '');
      equal(await files.realPath(at('a')), before);
      equal(await files.realPath(before), before);
    },
  ],
  [
    'realPath: gives one path for a file, also before its directory exists',
    async ({ files, at }) => {
      const before = await files.realPath(at('new/a'));
      await files.makeDirectory(at('new'), { mode: 0o700 });
      equal(await files.realPath(at('new/a')), before);
      await files.removeDirectory(at('new'));
    },
  ],
  [
    'append: adds to a file that ends with a line end, and to no other, if the port has the method',
    async ({ files, at, create, text }) => {
      if (files.append === undefined) return;
      await create('a', 'first\n');
      await create('b', 'first');
      await create('c', '');
      const added = await Promise.all(
        ['a', 'b', 'c', 'd'].map((name) =>
          files.append?.(withContent({ path: at(name) }, new TextEncoder().encode('second\n'))),
        ),
      );
      equal(added.join(), 'true,false,false,false');
      equal(
        `${await text('a')}${await text('b')}${await text('c')}${await text('d')}`,
        'first\nsecond\nfirstundefined',
      );
    },
  ],
  [
    'sync: accepts a directory',
    async ({ files, at }) => {
      await files.sync(at(''));
    },
  ],
];

function placeIn(directory: string, files: TlsFiles): Place {
  const at = (name: string): string => (name === '' ? directory : `${directory}/${name}`);
  return {
    files,
    at,
    create: (name, text) => {
      return files.create(withContent({ path: at(name), mode: 0o600 }, new TextEncoder().encode(text)));
    },
    text: async (name) => {
      const file = await files.read(at(name));
      return file && new TextDecoder().decode(file.content());
    },
    id: async (name) => (await files.inspect(at(name)))?.id,
  };
}

const everyByte: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) => byte);

/** Compares bytes with {@link everyByte}, and returns a text for an error message. */
function comparison(bytes: Uint8Array | undefined): string {
  if (bytes?.length !== everyByte.length) return `${bytes?.length ?? 0} bytes`;
  const different = bytes.filter((byte, i) => byte !== everyByte[i]).length;
  return different === 0 ? same : `${different} changed bytes`;
}

const same = 'the bytes that were written';

function equal(actual: unknown, expected: unknown): void {
  if (actual !== expected) throw new Error(`${String(actual)} instead of ${String(expected)}`);
}

async function rejects(call: Promise<unknown>, code: string): Promise<void> {
  let found: unknown = 'no error';
  try {
    await call;
  } catch (error) {
    found = codeOf(error) || messageOf(error);
  }
  equal(found, code);
}

/**
 * Removes all files that a check has created. Errors are ignored, because another check reports an implementation
 * that cannot remove files.
 */
async function removeAll(path: string, files: TlsFiles): Promise<void> {
  try {
    for (const name of await files.list(path)) {
      const entry = `${path}/${name}`;
      if ((await files.inspect(entry))?.kind === 'directory') await removeAll(entry, files);
      else await files.remove(entry);
    }
    await files.removeDirectory(path);
  } catch {}
}
