import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { ConfFile, settingDefinition } from '../../src/conf/index.ts';
import { decodeText } from '../../src/text/bytes.ts';
import { type Diagnostic, renderDiagnostic } from '../../src/text/diagnostic.ts';
import { defaultPgMajor, type PgMajor } from '../../src/version.ts';
import { assertGolden } from '../hba/fixtures.ts';
import { type Files, readersOf } from '../hba/tree.ts';
import { withServer } from '../server/index.ts';
import { foretold, isSame, judgingMajors, loadConf } from './postgres.ts';
import { makeServerCertificate, startProblem } from './start.ts';

interface Options {
  /** The major version for which the diagnostics of the golden file are computed. */
  readonly version?: PgMajor;
  /** The major versions whose servers load the fixture; all by default. */
  readonly majors?: readonly PgMajor[];
  /** The files that the fixture includes, by their paths. */
  readonly files?: Readonly<Record<string, string>>;
  /**
   * `start` if the servers must be started with the fixture, because they find its errors only then; by default,
   * running servers load the fixture.
   */
  readonly judge?: 'load' | 'start';
}

interface Fixture extends Options {
  readonly name: string;
  readonly tree: Files;
}

const fixtures = readdirSync('fixtures/conf').map(readFixture);

function readFixture(folder: string): Fixture {
  const path = `fixtures/conf/${folder}`;
  const options: Options = existsSync(`${path}/options.json`)
    ? JSON.parse(readFileSync(`${path}/options.json`, 'utf8'))
    : {};
  const tree = { ...options.files, 'postgresql.conf': Uint8Array.from(readFileSync(`${path}/in.conf`)) };
  return { name: `conf/${folder}`, tree, ...options };
}

function parse({ tree }: Fixture, version: PgMajor): ConfFile {
  const file = '/data/postgresql.conf';
  return ConfFile.parse(tree['postgresql.conf']!, { version, file, ...readersOf(tree, '/data') });
}

function errors(file: ConfFile): string[] {
  // The library only warns about a setting name that it does not know, whereas the servers of the tests refuse this
  // name.
  const isRefused = ({ code, severity, message }: Diagnostic): boolean =>
    severity === 'error' || (code === 'setting-unknown' && message.includes('does not start'));
  return file.diagnostics.filter(isRefused).map(({ code }) => code);
}

for (const fixture of fixtures) {
  const { name, tree, judge = 'load', version = defaultPgMajor, majors = judgingMajors } = fixture;

  test(`${name}: the diagnostics equal the golden file`, () => {
    const texts = parse(fixture, version).diagnostics.map((diagnostic) => {
      const { text } = decodeText(tree[diagnostic.file!.slice('/data/'.length)]!);
      return `${renderDiagnostic(diagnostic, () => text)}\n`;
    });
    assertGolden(fixture, 'diagnostics.txt', texts.join('\n'));
  });

  if (judge === 'start') continue;
  const asked = judgingMajors.filter((major) => majors.includes(major));
  test(`${name}: every server accepts or refuses it, and shows its values, as predicted`, {
    skip: asked.length === 0 && 'no server of these majors',
  }, () => {
    for (const major of asked) {
      const file = parse(fixture, major);
      const { accepted, messages } = loadConf(major, tree);
      if (file.diagnostics.some(({ code }) => code === 'setting-unchecked')) continue;
      assert.equal(errors(file).length === 0, accepted, `${major}: ${messages.join('; ')}`);
      if (!accepted) continue;
      for (const { name } of file.settings.filter(({ name }) => settingDefinition(name, major)?.hidden === false)) {
        const ours = foretold(name, file.get(name)!, major);
        const shown = loadConf(major, tree, name).value;
        assert.ok(isSame(ours, shown), `${major}: ${name} is ${JSON.stringify(ours)}, server ${JSON.stringify(shown)}`);
      }
    }
  });
}

for (const major of judgingMajors) {
  test(`judges the fixtures that need a start as ${major} does`, () =>
    withServer({ major, start: false }, async (server) => {
      server.writeFiles(await makeServerCertificate());
      for (const fixture of fixtures.filter(({ judge }) => judge === 'start')) {
        const file = parse(fixture, major);
        const problem = await startProblem(server, file);
        if (errors(file).length === 0 && file.diagnostics.length > 0) continue;
        assert.equal(errors(file).length > 0, problem !== undefined, `${fixture.name}: ${problem}`);
      }
    }));
}

test('every code of postgresql.conf occurs in a fixture', () => {
  const table = readFileSync('src/codes.ts', 'utf8').split('const diagnosticTable = {')[1]!;
  const block = /\/\/ diagnostics of postgresql\.conf\n([\s\S]*?)\n {2}\/\//.exec(table)![1]!;
  const codes = [...block.matchAll(/^ {2}'?([a-z0-9-]+)'?:/gm)].map(([, code]) => code!);
  assert.ok(codes.includes('conf-syntax'));
  const seen = new Set(
    fixtures.flatMap((f) => parse(f, f.version ?? defaultPgMajor).diagnostics.map(({ code }) => code)),
  );
  assert.deepEqual(
    codes.filter((code) => !seen.has(code as never)),
    [],
  );
});
