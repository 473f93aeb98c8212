import { codeOf } from '../../errors.ts';

const noLinks = 'The files need a file system with hard links';
const processLost =
  'The process with the rights of the account, or the connection to the files, was ended or stopped. Try again';
const hints: Readonly<Record<string, string>> = {
  ECONNRESET: processLost,
  ETIMEDOUT: processLost,
  ENOENT: 'The parent directory must exist: make it first',
  // The process that works for root has only the rights of the owner of the directory.
  EPERM: `An account can replace only files of its own, in one of its groups: give the file to the account that owns the directory (chown). Nobody can replace an immutable file (chattr -i). ${noLinks}`,
  EROFS:
    'The directory is on a read-only file system, as a mounted ConfigMap or Secret of Kubernetes is: mount it writable, or write the new files into the object that is mounted',
  ENOTDIR: 'Remove the file that is in the place of a directory',
  EBUSY: 'A file that is itself a mount point cannot be replaced: mount its directory',
  ENOTSUP: noLinks,
  EOPNOTSUPP: noLinks,
  ENOSYS: noLinks,
  EMLINK: noLinks,
};

/** Advice for a person about a system error of writing a file, without a dot at the end. */
export function writingHint(cause: unknown): string {
  return hints[codeOf(cause)] ?? 'Make sure that its directory exists and is writable, and that the disk is not full';
}
