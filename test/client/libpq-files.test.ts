import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { libpqParameters, libpqServiceEntry, PgPassFile, pgPassLine, ServiceFile } from '../../src/client/index.ts';
import { endsSoon } from '../ends-soon.ts';
import { runs, seed } from '../property.ts';
import { temporaryFolder } from '../server/temporary.ts';
import { names } from './generate.ts';
import { libpqFolder } from './libpq-judge.ts';
import { bundleWith } from './pem.ts';

const pieces = [
  '[app]\n',
  '[b]\n',
  ' [app] x\n',
  '[app]\r\n',
  '# c\n',
  '  # d\n',
  '\n',
  'host=h1\n',
  'host=h2\n',
  'user=u  \n',
  'dbname==x\n',
  ' port=7\n',
  'options=a#b\n',
  '#[app]\n',
];
const files = fc.array(fc.constantFrom(...pieces), { maxLength: 10 }).map((list) => list.join(''));
/** Generates fields of a password file, many of which are equal or similar to those of the targets. */
const passwordField = fc.constantFrom(
  '*',
  'h',
  '\\h',
  '\\*',
  'a\\:b',
  'a:b',
  'u',
  '5432',
  'x\\\\y',
  '',
  ' u',
  '#',
  '\\',
);
const nearField = fc.constantFrom('*', '*', '*', 'u', '\\*', 'a\\:b', 'x\\\\y', '\\u', ' u', 'h');
const passwordFiles = fc
  .array(
    fc.oneof(
      { weight: 2, arbitrary: fc.array(passwordField, { minLength: 4, maxLength: 6 }).map((list) => list.join(':')) },
      {
        weight: 8,
        arbitrary: fc
          .tuple(fc.constantFrom('h', '*', '\\\\h'), fc.constantFrom('5432', '*'), nearField, nearField, passwordField)
          .map((list) => list.join(':')),
      },
      { weight: 1, arbitrary: fc.constantFrom('', '# c', '#*:*:*:*:c', 'h:5432') },
    ),
    { minLength: 4, maxLength: 8 },
  )
  .chain((lines) => fc.constantFrom('\n', '\r\n').map((end) => lines.map((line) => line + end).join('')))
  .chain((text) => fc.constantFrom(text, text.replace(/\r?\n$/, '')));
const passwordTargets = fc.record({
  host: fc.constant('h'),
  port: fc.constantFrom(5432, 5433),
  user: fc.constantFrom('u', '*', 'a:b', 'x\\y', ' u'),
  database: fc.constantFrom('u', '*', 'a:b', 'h', '#'),
});
const quoted = (text: string): string => text.replace(/['\\]/g, '\\$&');

test('a password file prints unchanged, and an edit changes only the password of its target', () => {
  fc.assert(
    fc.property(
      fc.oneof(passwordFiles, fc.string({ unit: 'binary' })),
      passwordTargets,
      passwordTargets,
      (text, one, other) => {
        const file = PgPassFile.parse(text);
        assert.equal(file.toString(), text);
        const changed = file.set(one, "p:'\\w");
        assert.equal(changed.password(one), "p:'\\w");
        assert.equal(changed.set(one, "p:'\\w"), changed);
        // The line of the target changes in its place.
        assert.equal(changed.set(one, 'next').toString(), file.set(one, 'next').toString());
        const isSame = JSON.stringify(one) === JSON.stringify(other);
        if (!isSame) assert.equal(changed.password(other), file.password(other));
        const without = changed.remove(one);
        if (!isSame) assert.equal(without.password(other), file.password(other));
        assert.equal(without.remove(one), without);
        // At most one line was changed or removed: the line of the target.
        const lines = changed.toString().split('\n');
        assert.ok(text.split('\n').filter((line) => !lines.includes(line) && !lines.includes(`${line}\r`)).length <= 1);
      },
    ),
    { numRuns: runs(300), seed },
  );
});

test('printing a password file shows no password', () => {
  const file = PgPassFile.parse('h:5432:d:u:secret\n');
  const shown = inspect(file, { showHidden: true, getters: true }) + JSON.stringify(file);
  assert.ok(!shown.includes('secret'));
  assert.throws(() => file.set({ host: 'h', user: 'u' }, ''), { code: 'argument-invalid' });
  assert.throws(() => file.set({ host: 'h', user: 'a\nb' }, 'p'), { code: 'connection-not-expressible' });
  assert.throws(() => PgPassFile.parse(undefined as never), { code: 'argument-invalid' });
});

const bundle = bundleWith({ target: { host: 'db.example.com', user: "zoë o'b", database: 'my \\ db' } });

test('a service file prints unchanged, and an edit changes only its service', () => {
  fc.assert(
    fc.property(fc.oneof(files, fc.string({ unit: 'binary' })), fc.constantFrom('app', 'b', 'new'), (text, name) => {
      const file = ServiceFile.parse(text);
      assert.equal(file.toString(), text);
      const changed = file.set(name, bundle, { directory: '/d' });
      assert.deepEqual(changed.parameters(name), libpqParameters(bundle, { directory: '/d' }));
      assert.deepEqual(changed.set(name, bundle, { directory: '/d' }).toString(), changed.toString());
      for (const other of file.services) {
        if (other !== name) assert.deepEqual(changed.parameters(other), file.parameters(other));
      }
      assert.ok(changed.services.includes(name));
      if (!file.services.includes(name)) {
        assert.ok(changed.toString().startsWith(text));
        assert.ok(!changed.remove(name).services.includes(name));
        assert.equal(file.remove(name), file);
      }
    }),
    { numRuns: runs(300), seed },
  );
});

test('comments after a service stay, and so do the line ends of the file', () => {
  const file = ServiceFile.parse('[a]\r\nhost=x\r\n\r\n# of b\r\n[b]\r\nhost=y');
  const entry = libpqServiceEntry('a', bundle).replaceAll('\n', '\r\n');
  assert.equal(file.set('a', bundle).toString(), `${entry}\r\n# of b\r\n[b]\r\nhost=y`);
  assert.equal(file.remove('a').toString(), '\r\n# of b\r\n[b]\r\nhost=y');
  assert.equal(file.set('c', bundle).services.length, 3);
});

const program = `
import ctypes, json, sys
class Option(ctypes.Structure):
    _fields_ = [(name, ctypes.c_char_p) for name in ('keyword', 'envvar', 'compiled', 'val', 'label', 'dispchar')] + [('size', ctypes.c_int)]
libpq = ctypes.CDLL(sys.argv[1])
libpq.PQconnectStart.restype = ctypes.c_void_p
libpq.PQconnectStart.argtypes = [ctypes.c_char_p]
libpq.PQconninfo.restype = ctypes.POINTER(Option)
libpq.PQconninfo.argtypes = libpq.PQpass.argtypes = libpq.PQerrorMessage.argtypes = libpq.PQfinish.argtypes = [ctypes.c_void_p]
libpq.PQpass.restype = libpq.PQerrorMessage.restype = ctypes.c_char_p
for connection in json.load(sys.stdin):
    c = libpq.PQconnectStart(connection.encode())
    options, values, i = libpq.PQconninfo(c), {}, 0
    while options and options[i].keyword:
        if options[i].val is not None: values[options[i].keyword.decode()] = options[i].val.decode('utf8', 'replace')
        i += 1
    print(json.dumps([values, (libpq.PQpass(c) or b'').decode(), libpq.PQerrorMessage(c).decode()]))
    libpq.PQfinish(c)
`;
const withoutPython = existsSync('/usr/bin/python3') ? false : 'python3, which loads libpq, is not installed';

// libpq up to 11, which kept blanks at the end of a line, is not compared.
for (const major of [13, 18]) {
  const library = join(libpqFolder(major), 'libpq.so.5');
  const skip = withoutPython || (existsSync(library) ? false : `npm has no libpq ${major} for this platform`);
  describe(`libpq ${major}`, { skip }, () => {
    const folder = temporaryFolder();
    type Answer = readonly [values: Readonly<Record<string, string>>, password: string, error: string];
    const ask = (connections: readonly string[], env: NodeJS.ProcessEnv): readonly Answer[] =>
      execFileSync('/usr/bin/python3', ['-c', program, library], {
        input: JSON.stringify(connections),
        env: { HOME: folder, ...env },
        encoding: 'utf8',
      })
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));

    test('libpq reads the same service as ServiceFile', (t) => {
      const counts = { read: 0, missing: 0 };
      for (const [index, text] of fc.sample(files, { numRuns: runs(30), seed }).entries()) {
        for (const file of [ServiceFile.parse(text), ServiceFile.parse(text).set('app', bundle, { directory: '/d' })]) {
          const path = join(folder, `service-${index}`);
          writeFileSync(path, file.toString());
          const [[values, , error]] = ask(['service=app hostaddr=127.0.0.1 connect_timeout=2'], {
            PGSERVICEFILE: path,
          }) as [Answer];
          const parameters = file.parameters('app');
          if (parameters === undefined) {
            // If the file has a line outside of a service, libpq reports a syntax error before it looks for the
            // service.
            assert.match(error, /definition of service "app" not found|syntax error in service file/);
            counts.missing += 1;
          } else {
            for (const [name, value] of Object.entries(parameters)) assert.equal(values[name], value, file.toString());
            counts.read += 1;
          }
        }
      }
      t.diagnostic(`seed ${seed}: ${JSON.stringify(counts)}`);
      assert.ok(counts.read > 20);
    });

    test('libpq uses the same password as PgPassFile, before and after an edit', (t) => {
      const path = join(folder, 'pgpass-edited');
      const counts = { found: 0, none: 0, edited: 0 };
      for (const [text, target, password] of fc.sample(fc.tuple(passwordFiles, passwordTargets, names), {
        numRuns: runs(60),
        seed,
      })) {
        let file = PgPassFile.parse(text);
        for (const isEdited of [false, true]) {
          if (isEdited) {
            if (/[\r\n]/.test(password)) continue;
            file = file.set(target, password);
            assert.equal(file.password(target), password);
            counts.edited += 1;
          }
          writeFileSync(path, file.toString(), { mode: 0o600 });
          const connection = `host=${target.host} hostaddr=127.0.0.1 port=${target.port} user='${quoted(target.user)}' dbname='${quoted(target.database)}' passfile=${path}`;
          const [[, found]] = ask([connection], {}) as [Answer];
          assert.equal(found, file.password(target) ?? '', JSON.stringify([file.toString(), target]));
          counts[found === '' ? 'none' : 'found'] += 1;
        }
      }
      t.diagnostic(`seed ${seed}: ${JSON.stringify(counts)}`);
      assert.ok(counts.found > 1.2 * counts.edited && counts.none > 5);
    });

    test('libpq finds the password that pgPassLine writes', () => {
      const path = join(folder, 'pgpass');
      const some = fc.sample(fc.tuple(names, names, names, fc.constantFrom('db.example.com', '::1', '10.0.0.1')), {
        numRuns: runs(40),
        seed,
      });
      let asked = 0;
      for (const [user, database, password, host] of some) {
        let line: string;
        try {
          line = pgPassLine({ host, user, database, port: 5433 }, password);
        } catch (error) {
          assert.equal((error as { code?: string }).code, 'connection-not-expressible');
          continue;
        }
        writeFileSync(path, `*:1:*:*:other\n${line}*:*:*:*:none\n`, { mode: 0o600 });
        const connection = `host=${host} hostaddr=127.0.0.1 port=5433 user='${quoted(user)}' dbname='${quoted(database)}' passfile=${path}`;
        const [[, found]] = ask([connection], {}) as [Answer];
        assert.equal(found, password, line);
        asked += 1;
      }
      assert.ok(asked > 15);
    });
  });
}

test('a password file rejects values that it cannot contain', () => {
  const target = { host: 'h', user: 'u', database: 'd' };
  for (const each of [{ ...target, database: 'a\nb' }]) {
    assert.throws(() => pgPassLine(each, 'p'), { code: 'connection-not-expressible' });
  }
  for (const password of ['a\nb', 'a\0b', '\ud800']) {
    assert.throws(() => pgPassLine(target, password), { code: 'connection-not-expressible' });
  }
  for (const name of ['a\0b', '\ud800', 'a]']) {
    assert.throws(() => libpqServiceEntry(name, bundle), { code: 'connection-not-expressible' });
  }
  assert.throws(() => pgPassLine(target, ''), { code: 'argument-invalid' });
  assert.throws(() => ServiceFile.parse(undefined as never), { code: 'argument-invalid' });
});

test('a line of a password file with many carriage returns is read in linear time', () =>
  endsSoon(() => {
    const file = PgPassFile.parse(`${'\r'.repeat(200_000)}x\nh:5432:d:u:p${'\r'.repeat(200_000)}\n`);
    assert.equal(file.password({ host: 'h', user: 'u', database: 'd' }), 'p');
  }));
