import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfFile } from '../../src/conf/index.ts';
import { HbaFile } from '../../src/hba/index.ts';
import { IdentFile } from '../../src/ident/index.ts';
import { type Diagnostic, renderDiagnostic } from '../../src/text/diagnostic.ts';

test('a message is one line, with control characters and line separators as escapes', () => {
  const cases: readonly (readonly [Diagnostic | undefined, string])[] = [
    [HbaFile.parse('"a\rb" all all trust\n').diagnostics[0], '"a\\rb"'],
    [HbaFile.parse('local all all trust\u001b[2J\n').diagnostics[0], '"trust\\u001b[2J"'],
    [HbaFile.parse('local all all trust\u0085\n').diagnostics[0], '"trust\\u0085"'],
    [HbaFile.parse('local all all trust\u2028\n').diagnostics[0], '"trust\\u2028"'],
    // Before 14, the server reads two lines; the secret is masked in the text of both lines.
    [HbaFile.parse('ldapbindpasswd=a\\\nb"c x\n', { version: 13 }).diagnostics[0], '"ldapbindpasswd=*'],
    [IdentFile.parse('m a "b\rc\u000b"\n').diagnostics[0], '"b\\rc\\u000b"'],
    [ConfFile.parse("log_timezone = 'a\rb'\n").diagnostics[0], "'a\\rb'"],
  ];
  for (const [diagnostic, shown] of cases) {
    assert.ok(diagnostic?.message.includes(shown), `${shown}: ${diagnostic?.message}`);
    assert.doesNotMatch(diagnostic?.message ?? '', /[\0-\x1f\x7f-\x9f\u2028\u2029]/);
  }
});

test('a rendered diagnostic shows no control character of the file, and its carets stay in their columns', () => {
  const text = 'local all \u001b[2J\u009b2J\tall bogus\u001b[1A\n';
  for (const file of ['pg_hba.conf', 'a\u001b[2J\nb']) {
    const [diagnostic] = HbaFile.parse(text, { file }).diagnostics;
    const lines = renderDiagnostic(diagnostic!, text).split('\n');
    for (const line of lines) assert.doesNotMatch(line, /[\0-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029]/);
    assert.match(lines[1]!, /^1 \| local all \ufffd\[2J\ufffd2J\tall bogus\ufffd\[1A$/);
    assert.match(lines[2]!, /^ {2}\| {18}\t\^{3}$/);
    assert.equal(lines.length, diagnostic?.fix === undefined ? 3 : 4);
  }
});
