import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HbaFile } from '../../src/hba/index.ts';
import { withAsciiLetters } from '../../src/text/letters.ts';

test('exactly the letters and digits outside ASCII become an a', () => {
  for (let code = 0; code <= 0x10ffff; code++) {
    const character = String.fromCodePoint(code);
    const isReplaced = code > 0x7f && /[\p{L}\p{N}]/u.test(character);
    assert.equal(withAsciiLetters(character), isReplaced ? 'a' : character, `U+${code.toString(16)}`);
  }
  assert.equal(withAsciiLetters('zoë-\u{1d4b6}4'), 'zoa-a4');
});

test('a name in letters of any language needs no quotes, and other characters do', () => {
  const write = (user: string) =>
    HbaFile.parse('')
      .insert({ type: 'local', databases: ['app'], users: [user], method: 'peer' }, 'end')
      .toString();
  for (const user of ['zoë', 'Ω1', '\u0661x']) assert.match(write(user), new RegExp(`app +${user} `));
  for (const user of ['a–b', 'a\u00a0b']) assert.match(write(user), new RegExp(`app +"${user}" `));
});
