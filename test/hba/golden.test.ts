import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { DiagnosticCode } from '../../src/codes.ts';
import { HbaFile } from '../../src/hba/index.ts';
import { IdentFile } from '../../src/ident/index.ts';
import { decodeText, encodeText } from '../../src/text/bytes.ts';
import { type Diagnostic, type Fix, renderDiagnostic } from '../../src/text/diagnostic.ts';
import { judgingMajors, readSample } from '../server/index.ts';
import { assertGolden, type Fixture, fileOfDiagnostic, fixturesOf, kinds, parseFixture } from './fixtures.ts';
import { withFix } from './with-fix.ts';

const fixtures = kinds.flatMap(fixturesOf);

for (const fixture of fixtures) {
  test(`${fixture.name}: the diagnostics equal the golden file`, () => {
    const texts = parseFixture(fixture).diagnostics.map((diagnostic) =>
      renderDiagnostic(diagnostic, () => fileOfDiagnostic(fixture, diagnostic).text),
    );
    assertGolden(fixture, 'diagnostics.txt', texts.map((text) => `${text}\n`).join('\n'));
  });

  for (const diagnostic of parseFixture(fixture).diagnostics) {
    const { code, fix, range } = diagnostic;
    if (fix === undefined) continue;
    test(`${fixture.name}: "${fix.title}" fixes ${code} in line ${range.start.line} and breaks nothing`, () => {
      const mended = parseFixture(fixedFixture(fixture, diagnostic, fix)).diagnostics;
      const all = parseFixture(fixture).diagnostics;
      assert.equal(count(mended, diagnostic), count(all, diagnostic) - 1);
      // The number of errors must not grow, but a fixed line can still have another error after the fixed column.
      assert.ok(errors(mended) <= errors(all));
    });
  }
}

for (const major of judgingMajors) {
  test(`PostgreSQL ${major}: the files that initdb writes have no diagnostic`, () => {
    const sample = new TextDecoder().decode(readSample(major, 'pg_hba.conf.sample'));
    const stock = sample
      .replaceAll(/@remove-line-for-nolocal@|@authcomment@/g, '')
      .replaceAll(/@authmethod(?:local|host)@/g, 'trust');
    const file = HbaFile.parse(stock, { version: major });
    assert.equal(file.rules.length, 6);
    assert.deepEqual(file.diagnostics, []);
    assert.deepEqual(IdentFile.parse(readSample(major, 'pg_ident.conf.sample'), { version: major }).diagnostics, []);
  });
}

test('every code of the authentication files occurs in a fixture', () => {
  const seen = new Set(fixtures.flatMap((fixture) => parseFixture(fixture).diagnostics.map(({ code }) => code)));
  assert.deepEqual(
    codesOfAuthFiles().filter((code) => !seen.has(code)),
    [],
  );
});

/** Returns the codes of the section of src/codes.ts for the diagnostics of authentication files. */
function codesOfAuthFiles(): DiagnosticCode[] {
  const table = readFileSync('src/codes.ts', 'utf8').split('const diagnosticTable = {')[1]!;
  const section = /\/\/ diagnostics of pg_hba\.conf, pg_ident\.conf and pg_hosts\.conf\n([\s\S]*?)\n(?: {2}\/\/|\})/;
  const block = section.exec(table)![1]!;
  return [...block.matchAll(/^ {2}'?([a-z0-9-]+)'?:/gm)].map(([, code]) => code as DiagnosticCode);
}

function count(diagnostics: readonly Diagnostic[], { code, message }: Diagnostic): number {
  return diagnostics.filter((other) => other.code === code && other.message === message).length;
}

function errors(diagnostics: readonly Diagnostic[]): number {
  return diagnostics.filter(({ severity }) => severity === 'error').length;
}

/** Returns the fixture with a fix applied to its file. */
function fixedFixture(fixture: Fixture, diagnostic: Diagnostic, fix: Fix): Fixture {
  const { path, text: old } = fileOfDiagnostic(fixture, diagnostic);
  const { encoding } = decodeText(fixture.tree[path]!);
  const fixed = withFix(old, fix);
  return { ...fixture, tree: { ...fixture.tree, [path]: encodeText(fixed, encoding) } };
}
