import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSettingName, scanLine } from '../../src/conf/lines/scan.ts';
import { endsSoon } from '../ends-soon.ts';

function reading(line: string): string {
  const scanned = scanLine(line);
  switch (scanned.kind) {
    case 'setting':
      return `${line.slice(scanned.name.start, scanned.name.end)}=${line.slice(scanned.value.start, scanned.value.end)}`;
    case 'invalid':
      return scanned.atEnd ? 'error at end' : `error at ${line.slice(scanned.near.start, scanned.near.end)}`;
    default:
      return scanned.kind;
  }
}

test('reads a line as guc-file.l does', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['', 'blank'],
    [' \t\r\n', 'blank'],
    ['  # x', 'comment'],
    ['ssl = on', 'ssl=on'],
    ['ssl on\r\n', 'ssl=on'],
    ['ssl=on#x', 'ssl=on'],
    ["ssl'on'", "ssl='on'"],
    ['x+1', 'x=+1'],
    ['a.b = 1', 'a.b=1'],
    ['a.b.c = 1', 'error at a.b.c'],
    ['f = server.crt', 'error at server.crt'],
    ['f = root.ca.crt', 'f=root.ca.crt'],
    ['f = certs/server.crt', 'f=certs/server.crt'],
    ['f = TLSv1.2', 'f=TLSv1.2'],
    ['f = abc.', 'f=abc.'],
    ['f = en_US.UTF-8', 'f=en_US.UTF-8'],
    ['f = a.1b', 'f=a.1b'],
    ['f = ./x', 'error at /'],
    ['f = /etc/x', 'error at /'],
    ['f = a,b', 'error at ,'],
    ['f = "x"', 'error at "'],
    ['f = 5MB', 'f=5MB'],
    ['f = 5 MB', 'error at MB'],
    ['f = 1.5MB', 'error at MB'],
    ['f = 1e5', 'error at 5'],
    ['f = 1.0e-5', 'f=1.0e-5'],
    ['f = 1.0e', 'error at e'],
    ['f = .5', 'f=.5'],
    ['f = .', 'f=.'],
    ['f = -.e5', 'f=-.e5'],
    ['f = 5.', 'f=5.'],
    ['f = +1', 'f=+1'],
    ['f = - 1', 'error at -'],
    ['f = 0x1F', 'f=0x1F'],
    ['f = 0x100kB', 'f=0x100kB'],
    ['f = 0X1F', 'error at 1F'],
    ['f = 0xg1', 'error at 1'],
    ['f = 1_000', 'error at _000'],
    ["f = 'it''s'", "f='it''s'"],
    ["f = 'a' 'b'", "error at 'b'"],
    ["f = 'a''", "error at '"],
    ["f = 'a\\''", "f='a\\''"],
    ["f = 'a\\", "error at '"],
    ["f = 'a\\\n", "error at '"],
    ["f = 'a # b'", "f='a # b'"],
    ['f = = 1', 'error at ='],
    ['f', 'error at end'],
    ['f =', 'error at end'],
    ['f = # x', 'error at end'],
    ['5 = x', 'error at 5'],
    ['\ufeffssl = on', '\ufeffssl=on'],
    ['\ufeff# x', 'error at end'],
    ['f\u00a0= x', 'f\u00a0=x'],
    ['f = \0', 'error at \0'],
    ["f = 'a\0b'", "f='a\0b'"],
    ['f = x\f', 'error at \f'],
  ];
  for (const [line, expected] of cases) assert.equal(reading(line), expected, JSON.stringify(line));
});

test('a name is one identifier, or two with a dot between them', () => {
  for (const name of ['ssl', 'a.b', '_x', 'ä.ö', 'A1']) assert.ok(isSettingName(name), name);
  for (const name of ['', ' ssl', 'ssl ', 'a.b.c', 'a.', '.b', '1a', 'a.1', 'a-b', 'a\nb', 'a=', "'a'", 'a$b']) {
    assert.ok(!isSettingName(name), name);
  }
});

test('the time is linear in the length of the line', async () => {
  for (const piece of ["'", "''", '\\', 'a', 'a.', '1', '0x', '#', ' ', "'a''", '-', '.']) {
    // A quadratic scanner would take hours.
    await endsSoon(() => scanLine(`x = ${piece.repeat(500_000)}`));
    await endsSoon(() => scanLine(`x = '${piece.repeat(500_000)}`));
  }
});
