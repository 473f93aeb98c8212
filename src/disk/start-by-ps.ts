/**
 * The start time of a process as `ps` prints it, in UTC: `Thu Nov 26 16:58:21 2026`. The result is `undefined` if the
 * process does not run.
 *
 * The function uses no variables from outside, because its source text is sent to a child process of another account.
 */
export function startByPs(childProcess: typeof import('node:child_process'), pid: number): Promise<string | undefined> {
  const options = { cwd: '/', env: { LC_ALL: 'C', TZ: 'UTC' }, timeout: 5_000 };
  return new Promise((resolve) => {
    childProcess.execFile('/bin/ps', ['-o', 'lstart=', '-p', String(pid)], options, (error, output) => {
      const text = output.replace(/^[ \n]+|[ \n]+$/g, '');
      resolve(error === null && text !== '' ? text : undefined);
    });
  });
}
