import type { NewFile, TlsFiles } from '../../../src/tls/index.ts';
import { withContent } from '../../../src/with-content.ts';

/** A file operation that changes files, or one step of such an operation. */
export interface MutatingCall {
  /** The position among all changing calls, counted from 0. */
  readonly index: number;
  /** The name of the call or step, such as "create", "create: empty" or "link". */
  readonly name: string;
  /** The path that the call changes. */
  readonly path: string;
}

/**
 * What happens to a call: it is made (`go`), it never returns (`stop`), or it fails with an error code before or after
 * the change was made.
 */
export type Fate = 'go' | 'stop' | { readonly code: string; readonly made: boolean };

/**
 * Returns file operations that can be stopped: the promise of a stopped call never settles, and no later call is made,
 * as if the process was killed. `onStop` is called after the stopped call. Creating a file has three steps, and
 * replacing a file has two.
 */
export function stoppableFiles(
  inner: TlsFiles,
  decide: (call: MutatingCall) => Fate,
  onStop: () => void = () => undefined,
): TlsFiles {
  let index = 0;
  let isStopped = false;
  const step = async <T>(name: string, path: string, make: () => Promise<T>): Promise<T> => {
    if (isStopped) return await forEver();
    const fate = decide({ index: index++, name, path });
    if (fate === 'go') return await make();
    if (fate === 'stop') {
      isStopped = true;
      onStop();
      return await forEver();
    }
    if (fate.made) await make();
    throw Object.assign(new Error(`${fate.code}: injected`), { code: fate.code });
  };
  const part = async (file: NewFile, content: Uint8Array): Promise<void> => {
    await inner.create(withContent({ ...factsOf(file) }, content));
  };
  const nothing = async (): Promise<void> => undefined;
  return {
    ...inner,
    makeDirectory: (path, options) => step('makeDirectory', path, () => inner.makeDirectory(path, options)),
    removeDirectory: (path) => step('removeDirectory', path, () => inner.removeDirectory(path)),
    create: async (file) => {
      await step('create', file.path, nothing);
      // A process that is killed within `create` leaves an empty file or a part of the content.
      for (const content of [new Uint8Array(), file.content().subarray(0, file.content().length / 2)]) {
        const name = content.length === 0 ? 'create: empty' : 'create: half';
        if (isStopped) return await forEver();
        const fate = decide({ index: index++, name, path: file.path });
        if (fate === 'go') continue;
        if (fate === 'stop') {
          isStopped = true;
          await part(file, content);
          onStop();
          return await forEver();
        }
        throw Object.assign(new Error(`${fate.code}: injected`), { code: fate.code });
      }
      return await step('create: done', file.path, () => inner.create(file));
    },
    link: (path, name) => step('link', path, () => inner.link(path, name)),
    rename: (from, to) => step('rename', to, () => inner.rename(from, to)),
    replace: async ({ target, by, keep }) => {
      await step('replace: link', target, () => inner.link(target, keep));
      await step('replace: rename', target, () => inner.rename(by, target));
    },
    remove: (path) => step('remove', path, () => inner.remove(path)),
    sync: (directory) => step('sync', directory, () => inner.sync(directory)),
    append: (text) => step('append', text.path, async () => (await inner.append?.(text)) ?? false),
  };
}

const readingCalls = ['read', 'list', 'statDirectory', 'realPath', 'inspect'] as const;

/**
 * Returns file operations of which one reading call fails; the calls are counted from 0. `count` returns the number of
 * reading calls so far.
 */
export function failingReads(
  inner: TlsFiles,
  failing: number,
  code: string,
): { readonly files: TlsFiles; readonly count: () => number } {
  let index = 0;
  const port: Record<string, unknown> = { ...inner };
  for (const name of readingCalls) {
    port[name] = async (path: string): Promise<unknown> => {
      if (index++ === failing) throw Object.assign(new Error(`${code}: injected`), { code });
      return await inner[name](path);
    };
  }
  return { files: port as unknown as TlsFiles, count: () => index };
}

function factsOf({ path, mode, owner, like, isTemporary }: NewFile): Omit<NewFile, 'content'> {
  return {
    ...{ path, mode },
    ...(owner && { owner }),
    ...(like !== undefined && { like }),
    ...(isTemporary && { isTemporary }),
  };
}

function forEver(): Promise<never> {
  return new Promise(() => undefined);
}
