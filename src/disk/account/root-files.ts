import { resolve } from 'node:path';
import { withContent } from '../../with-content.ts';
import { diskFiles } from '../disk-files.ts';
import type { TlsFiles } from '../tls-files.ts';

/**
 * The files of this machine, with the rights of root. Each path is made absolute as text, as `followPath` and the
 * child processes do: `..` removes the component before it. The system would follow a symbolic link in that component,
 * and so would reach another directory than the one whose owners were checked.
 */
export const rootFiles: TlsFiles = {
  read: async (name) => {
    const file = await diskFiles.read(resolve(name));
    return file && withContent({ ...file, path: name }, file.content());
  },
  list: (name) => diskFiles.list(resolve(name)),
  statDirectory: (name) => diskFiles.statDirectory(resolve(name)),
  realPath: (name) => diskFiles.realPath(resolve(name)),
  inspect: (name) => diskFiles.inspect(resolve(name)),
  makeDirectory: (name, options) => diskFiles.makeDirectory(resolve(name), options),
  removeDirectory: (name) => diskFiles.removeDirectory(resolve(name)),
  create: (file) => {
    const like = file.like === undefined ? {} : { like: resolve(file.like) };
    return diskFiles.create(withContent({ ...file, path: resolve(file.path), ...like }, file.content()));
  },
  link: (name, other) => diskFiles.link(resolve(name), resolve(other)),
  rename: (from, to) => diskFiles.rename(resolve(from), resolve(to)),
  replace: ({ target, by, keep }) =>
    diskFiles.replace({ target: resolve(target), by: resolve(by), keep: resolve(keep) }),
  remove: (name) => diskFiles.remove(resolve(name)),
  sync: (name) => diskFiles.sync(resolve(name)),
  append: async (text) =>
    (await diskFiles.append?.(withContent({ path: resolve(text.path) }, text.content()))) ?? false,
};
