import { readFile } from 'node:fs/promises';
import type { Owner } from '../../disk/file-state.ts';

/** The group of an account that the system does not know: one that owns nothing. */
const nogroup = 65534;

/**
 * An account with its own group, from /etc/passwd. The group of a directory is not taken for it: root may have given the
 * directory a group that the account is not in.
 */
export async function accountOf(uid: number): Promise<Owner> {
  const lines = (await readFile('/etc/passwd', 'utf8').catch(() => '')).split('\n').map((line) => line.split(':'));
  const gid = Number(lines.find((fields) => fields[2] === String(uid))?.[3] ?? nogroup);
  return { uid, gid: Number.isSafeInteger(gid) && gid > 0 ? gid : nogroup };
}
