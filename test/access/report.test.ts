import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { lintAccess, toGithubAnnotations, toSarif } from '../../src/access/index.ts';
import { type DiagnosticCode, diagnosticCodes } from '../../src/codes.ts';
import { HbaFile } from '../../src/hba/index.ts';
import type { Diagnostic } from '../../src/text/diagnostic.ts';
import { runs, seed } from '../property.ts';

const line = 'host app all 10.0.0.0/8 trust\n';

test('a URL parser gets the path back from the URI of a SARIF result, for any characters in the path', () => {
  const segment = fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => !/^\.+$|\//.test(text));
  const paths = fc
    .tuple(fc.constantFrom('', '/'), fc.array(segment, { minLength: 1 }))
    .map((p) => p[0] + p[1].join('/'));
  const check = (path: string): void => {
    const log = toSarif(lintAccess(HbaFile.parse(line, { file: path })));
    const { runs: found } = JSON.parse(JSON.stringify(log));
    const { uri } = found[0].results[0].locations[0].physicalLocation.artifactLocation;
    const { pathname } = new URL(uri, 'file:///');
    assert.equal(decodeURIComponent(pathname), path.startsWith('/') ? path : `/${path}`);
  };
  fc.assert(fc.property(paths, check), { numRuns: runs(200), seed });
  const uriOf = (path: string): string => JSON.stringify(toSarif(lintAccess(HbaFile.parse(line, { file: path }))));
  assert.match(uriOf('//etc/x'), /"uri":"\/etc\/x"/);
  assert.match(uriOf('a\ud800'), /"uri":"a%EF%BF%BD"/);
});

test('a diagnostic that two functions return is reported once, and stays suppressed', () => {
  const allowed = 'host app all 10.0.0.1/8 md5 # pg-hostssl: allow address-host-bits\n';
  const hba = HbaFile.parse(`${allowed}host app all 172.16.0.1/12 trust\n`, { file: '/pg/pg_hba.conf' });
  const linted = lintAccess(hba);
  const codes = linted.map(({ code }) => code);
  assert.ok(linted.length > hba.diagnostics.length && hba.diagnostics.length > 1, String(codes));
  for (const given of [
    [...hba.diagnostics, ...linted],
    [...linted, ...hba.diagnostics],
  ]) {
    assert.deepEqual(new Set(toGithubAnnotations(given)), new Set(toGithubAnnotations(linted)));
    assert.equal(toGithubAnnotations(given).length, toGithubAnnotations(linted).length);
    const results = (each: readonly Diagnostic[]) => JSON.parse(JSON.stringify(toSarif(each))).runs[0].results;
    assert.equal(results(given).length, linted.length);
    assert.equal(results(given).filter(({ suppressions }: { suppressions?: unknown }) => suppressions).length, 1);
  }
});

test('a rule of a SARIF log has the first sentence of its code as the short description', () => {
  const log = JSON.parse(JSON.stringify(toSarif(lintAccess(HbaFile.parse(line)))));
  const [{ id, shortDescription, fullDescription }] = log.runs[0].tool.driver.rules;
  assert.equal(fullDescription.text, diagnosticCodes[id as DiagnosticCode]);
  assert.match(shortDescription.text, /^[^.]+\.$/);
  assert.ok(fullDescription.text.startsWith(`${shortDescription.text} `));
});

test('an annotation is one line that a workflow reads back, for any message and path', () => {
  const [diagnostic] = lintAccess(HbaFile.parse(line)) as [Diagnostic];
  const check = (message: string, file: string): void => {
    const [annotation] = toGithubAnnotations([{ ...diagnostic, message, file }]) as [string];
    // The GitHub runner splits a workflow command at the first "::", then at commas and equals signs. Then it replaces
    // the escapes, `%25` last.
    const [, properties, data] = /^::warning (.*?)::(.*)$/s.exec(annotation)!;
    assert.doesNotMatch(annotation, /[\r\n]/);
    const unescaped = (text: string): string =>
      text
        .replaceAll('%0D', '\r')
        .replaceAll('%0A', '\n')
        .replaceAll('%3A', ':')
        .replaceAll('%2C', ',')
        .replaceAll('%25', '%');
    assert.equal(unescaped(data!), message);
    const byName = new Map(properties!.split(',').map((each) => each.split(/=(.*)/s) as [string, string]));
    assert.equal(unescaped(byName.get('file')!), file);
  };
  const texts = fc.string({ unit: fc.constantFrom('%', ':', ',', '=', '\r', '\n', 'a', ' ', '%0A', '%3A', 'é') });
  fc.assert(fc.property(texts, texts.filter(Boolean), check), { numRuns: runs(300), seed });
});

test('rejects an argument that is not a list of diagnostics', () => {
  const [diagnostic] = lintAccess(HbaFile.parse(line)) as [Diagnostic];
  for (const report of [toSarif, toGithubAnnotations]) {
    for (const wrong of [null, 5, 'x', [null], [5], ['x'], [[]], [{}], [{ ...diagnostic, range: undefined }]]) {
      assert.throws(
        () => report(wrong as unknown as readonly Diagnostic[]),
        { code: 'argument-invalid' },
        JSON.stringify(wrong),
      );
    }
    assert.throws(() => report([{ ...diagnostic, severity: 'fatal' as 'error' }]), { code: 'argument-invalid' });
    assert.throws(() => report([], { file: 5 as unknown as string }), { code: 'argument-invalid' });
  }
});
