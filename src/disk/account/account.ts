import { readFile } from 'node:fs/promises';
import type { Owner } from '../file-state.ts';

/**
 * The id of the group `nogroup`, which owns no files. A process gets this group if /etc/passwd does not list its
 * account.
 */
const nogroup = 65534;

/**
 * The user id of an account, with its primary group from /etc/passwd. The group of a directory that the account owns is
 * not used, because root may have given the directory a group to which the account does not belong.
 */
export async function accountOf(uid: number): Promise<Owner> {
  const lines = (await readFile('/etc/passwd', 'utf8').catch(() => '')).split('\n').map((line) => line.split(':'));
  const gid = Number(lines.find((fields) => fields[2] === String(uid))?.[3] ?? nogroup);
  return { uid, gid: Number.isSafeInteger(gid) && gid > 0 ? gid : nogroup };
}
