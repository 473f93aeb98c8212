/**
 * The permission bits of a new file with a private key. libpq and the server refuse a key that group or others can read
 * (`check_ssl_key_file_permissions` in be-secure-common.c, `initialize_SSL` in fe-secure-openssl.c).
 */
export const keyFileMode = 0o600;

/** The permission bits of a new file that everybody may read: certificates, CRLs and configuration. */
export const publicFileMode = 0o644;

/** The mode of a private key file, and the user id of its owner. */
export interface KeyFile {
  readonly mode: number;
  /** `undefined` if the owner is not known. The file then counts as a file of the account that reads it. */
  readonly uid: number | undefined;
}

/** The forbidden bits of a file of the account that reads it, and of a file of root that another account reads. */
const forbidden = { own: 0o077, root: 0o037 } as const;

/**
 * The reason why a server, on every system but Windows, refuses a private key file; `undefined` if it accepts the file.
 * The rule says nothing about whether the account can read the file.
 *
 * @param account the user id of the server's account
 * @see `check_ssl_key_file_permissions` in be-secure-common.c
 */
export function checkSslKeyFilePermissions({ mode, uid }: KeyFile, account: number): 'owner' | 'mode' | undefined {
  const owner = uid ?? account;
  if (owner !== account && owner !== 0) return 'owner';
  return (mode & forbidden[owner === account ? 'own' : 'root']) === 0 ? undefined : 'mode';
}

/**
 * The reason why libpq, on every system but Windows, refuses a private key file; `undefined` if it accepts the file.
 * libpq does not compare the owner with its own account.
 *
 * @see `initialize_SSL` in fe-secure-openssl.c
 */
export function checkClientKeyFile({ mode, uid }: KeyFile): 'mode' | undefined {
  return (mode & forbidden[uid === 0 ? 'root' : 'own']) === 0 ? undefined : 'mode';
}
