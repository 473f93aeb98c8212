import { nodeFiles } from '../node-files.ts';
import { nodeReader } from '../node-reader.ts';
import { readPostmasterPid } from '../postmaster-pid.ts';
import { readProcessStat } from '../process-stat.ts';
import { startByPs } from '../start-by-ps.ts';
import { hangUp } from './postmaster.ts';
import { serveFiles } from './served-files.ts';

/** The environment variable that marks the child process. Its value is a nonce, the user id and the group id. */
export const childMarker = 'PG_HOSTSSL_FILES_CHILD';

/**
 * The source code of the child process that works with the rights of another account. The code is passed as a text, so
 * that it also runs from a bundle, and if the other account may not read this file. Its first statements give up the
 * rights of root permanently: they keep one group and set all user ids. After that, the kernel allows the account to
 * send signals to the process, but not to trace the process or to read its memory.
 */
export function childProgram(): string {
  return `
const [nonce, uid, gid] = process.env.${childMarker}.split(' ');
process.setgroups([]);
process.setgid(Number(gid));
process.setuid(Number(uid));
process.umask(0o077);
const __name = (value) => value;
const nodeReader = ${nodeReader};
const nodeFiles = ${nodeFiles};
const readPid = ${readPostmasterPid};
const readProcessStat = ${readProcessStat};
const startByPs = ${startByPs};
const hangUp = ${hangUp};
const serveFiles = ${serveFiles};
(async () => {
  const names = ['fs', 'path', 'child_process'];
  const [fs, path, childProcess] = (await Promise.all(names.map((name) => import('node:' + name)))).map((m) => m.default);
  const withContent = (facts, content) => ({ ...facts, content: () => content });
  const modules = { fs, path, childProcess, isUnix: true, withContent };
  const files = nodeFiles(modules, nodeReader(modules));
  const send = (line) => process.stdout.write(line + '\\n');
  const take = serveFiles({ ...files, hangUp: (directory) => hangUp({ ...modules, readPid, readProcessStat, startByPs }, directory) }, send);
  send(JSON.stringify({ nonce, uid: process.getuid(), euid: process.geteuid(), gid: process.getgid(), groups: process.getgroups() }));
  process.stdin.setEncoding('utf8');
  process.stdin.on('data', take);
  process.stdin.on('end', () => process.exit());
})();
`;
}
