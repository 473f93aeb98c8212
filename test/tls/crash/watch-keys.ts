/**
 * Receives a report of a check. `look`: the folders were checked. `key`: a file contains a private key. `readable`:
 * group or others have rights to such a file.
 */
export type KeyReport = (kind: 'look' | 'key' | 'readable', text: string) => void;

/** The modules whose calls are watched. */
export interface WatchedModules {
  readonly fs: typeof import('node:fs');
  readonly childProcess: typeof import('node:child_process');
}

/**
 * Replaces the functions of Node's modules that change files by functions that also check all files below some folders,
 * before and after every call. A file is reported if it contains a private key and its mode gives rights to group or
 * others.
 *
 * The function uses no variables from outside, because its source text is sent to a child process.
 */
export function watchKeys({ fs, childProcess }: WatchedModules, folders: readonly string[], report: KeyReport): void {
  const { lstatSync, readdirSync, readFileSync } = fs;
  let isLooking = false;
  type Call = (...parameters: unknown[]) => unknown;

  const changing = ['chmod', 'chown', 'copyFile', 'link', 'mkdir', 'rename', 'rm', 'rmdir', 'symlink', 'truncate'];
  const names = [...changing, 'unlink', 'writeFile'];
  watch(
    fs,
    [...names, 'open', 'write', 'fchmod', 'fchown', 'close'].map((name) => `${name}Sync`),
  );
  watch(fs.promises, names);
  const { open } = fs.promises;
  const watchedOpen = async (...parameters: unknown[]): Promise<object> => {
    look('before open');
    const handle = await (open as unknown as (...given: unknown[]) => Promise<object>)(...parameters);
    look('after open');
    watch(handle, ['chmod', 'chown', 'write', 'writeFile', 'sync', 'close']);
    return handle;
  };
  Object.assign(fs.promises, { open: watchedOpen });
  const { execFile } = childProcess;
  const watchedProgram = (...parameters: unknown[]): unknown => {
    const done = parameters.pop() as Call;
    look('before execFile');
    return (execFile as unknown as Call)(...parameters, (...results: unknown[]) => {
      look('after execFile');
      done(...results);
    });
  };
  Object.assign(childProcess, { execFile: watchedProgram });

  function watch(holder: object, methods: readonly string[]): void {
    for (const name of methods) {
      const call = (holder as Record<string, Call>)[name]!;
      const watched = (...parameters: unknown[]): unknown => {
        look(`before ${name}`);
        const result = call.apply(holder, parameters);
        if (!(result instanceof Promise)) {
          look(`after ${name}`);
          return result;
        }
        return result.finally(() => look(`after ${name}`));
      };
      Object.assign(holder, { [name]: watched });
    }
  }

  function look(when: string): void {
    // Calls that the check itself makes are not checked.
    if (isLooking) return;
    isLooking = true;
    try {
      report('look', when);
      for (const folder of folders) lookBelow(folder, when);
    } finally {
      isLooking = false;
    }
  }

  function lookBelow(folder: string, when: string): void {
    for (const entry of unlessGone(() => readdirSync(folder, { withFileTypes: true })) ?? []) {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory()) lookBelow(path, when);
      if (!entry.isFile()) continue;
      const content = unlessGone(() => readFileSync(path, 'latin1'));
      const mode = unlessGone(() => lstatSync(path).mode);
      if (content === undefined || mode === undefined || !content.includes('PRIVATE KEY')) continue;
      report('key', path);
      if ((mode & 0o077) !== 0) report('readable', `${when}: ${path} has the mode ${(mode & 0o777).toString(8)}`);
    }
  }

  function unlessGone<T>(use: () => T): T | undefined {
    try {
      return use();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }
}
