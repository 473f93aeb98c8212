import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import type { Owner } from '../file-state.ts';

/**
 * The id of the group `nogroup`, which owns no files. A process gets this group if the system does not know its
 * account, as for an account that exists only in a container.
 */
const nogroup = 65534;

/**
 * The user id of an account, with its primary group from /etc/passwd, or else from the name services that the system
 * asks for accounts, such as LDAP. The group of a directory that the account owns is not used, because root may have
 * given the directory a group to which the account does not belong.
 *
 * @param passwd the path of the passwd file
 */
export async function accountOf(uid: number, passwd = '/etc/passwd'): Promise<Owner> {
  const gid = groupIn(await readFile(passwd, 'utf8').catch(() => ''), uid) ?? groupIn(await askNameServices(uid), uid);
  return { uid, gid: gid !== undefined && Number.isSafeInteger(gid) && gid > 0 ? gid : nogroup };
}

/** The group in the line of an account; `undefined` if there is no such line. */
function groupIn(lines: string, uid: number): number | undefined {
  const fields = lines
    .split('\n')
    .map((line) => line.split(':'))
    .find(([, , id]) => id === String(uid));
  return fields === undefined ? undefined : Number(fields[3]);
}

/**
 * The answer of `getent`, in the form of /etc/passwd; an empty text if the system does not know the account, or has no
 * `getent`.
 */
function askNameServices(uid: number): Promise<string> {
  return new Promise((resolve) => {
    execFile('/usr/bin/getent', ['passwd', String(uid)], { env: {}, timeout: 5000 }, (error, output) =>
      resolve(error === null ? output : ''),
    );
  });
}
