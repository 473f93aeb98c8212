import assert from 'node:assert/strict';
import { fileState, type NewFile, type TlsFiles } from '../../src/tls/index.ts';

/**
 * What every port promises, as a function that a port's own tests can run.
 *
 * @param files the port
 * @param folder an empty directory in it
 */
export async function checkFilesContract(files: TlsFiles, folder: string): Promise<void> {
  const at = (name: string): string => `${folder}/${name}`;
  const file = (name: string, text: string): NewFile => ({ ...fileAt(at(name), text), mode: 0o600 });
  const text = async (name: string): Promise<string | undefined> => {
    const found = await files.read(at(name));
    return found && new TextDecoder().decode(found.content());
  };
  const id = async (name: string): Promise<string | undefined> => (await files.inspect(at(name)))?.id;

  assert.equal(await files.read(at('none')), undefined);
  assert.equal(await files.inspect(at('none')), undefined);
  assert.equal(await files.statDirectory(at('none')), undefined);
  await assert.rejects(files.list(at('none')), { code: 'ENOENT' });
  await assert.rejects(files.remove(at('none')), { code: 'ENOENT' });
  await assert.rejects(files.create(file('none/file', '')), { code: 'ENOENT' });

  await files.create(file('a', 'first'));
  assert.equal(await text('a'), 'first');
  assert.equal((await files.inspect(at('a')))?.kind, 'file');
  await assert.rejects(files.create(file('a', 'second')), { code: 'EEXIST' });
  assert.equal(await text('a'), 'first');

  await files.link(at('a'), at('b'));
  assert.equal(await id('b'), await id('a'));
  await assert.rejects(files.link(at('a'), at('b')), { code: 'EEXIST' });
  await files.rename(at('a'), at('b'));
  // As rename(2) does with two names of one file.
  assert.deepEqual([await text('a'), await text('b')], ['first', 'first']);
  await files.remove(at('b'));

  await files.create(file('new', 'second'));
  const former = await id('a');
  await files.replace({ target: at('a'), by: at('new'), keep: at('old') });
  assert.deepEqual([await text('a'), await text('old'), await text('new')], ['second', 'first', undefined]);
  assert.equal(await id('old'), former);
  await files.create(file('new', 'third'));
  await assert.rejects(files.replace({ target: at('a'), by: at('new'), keep: at('old') }), { code: 'EEXIST' });
  assert.deepEqual([await text('a'), await text('new')], ['second', 'third']);
  await files.rename(at('new'), at('a'));
  assert.equal(await text('a'), 'third');

  await files.makeDirectory(at('d'), { mode: 0o700 });
  assert.equal((await files.inspect(at('d')))?.kind, 'directory');
  assert.notEqual(await files.statDirectory(at('d')), undefined);
  await assert.rejects(files.makeDirectory(at('d'), { mode: 0o700 }), { code: 'EEXIST' });
  await files.create(file('d/e', ''));
  await assert.rejects(files.removeDirectory(at('d')), { code: 'ENOTEMPTY' });
  await files.remove(at('d/e'));
  await files.removeDirectory(at('d'));
  await files.sync(folder);
  assert.deepEqual([...(await files.list(folder))].sort(), ['a', 'old']);
  assert.equal(await files.realPath(at('a')), at('a'));
  assert.equal(await files.realPath(at('none')), at('none'));
}

function fileAt(path: string, text: string): Omit<NewFile, 'mode'> {
  const file = fileState(path, text);
  return { path, content: () => file.content() };
}
