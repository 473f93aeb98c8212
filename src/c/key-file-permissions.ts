/**
 * The permission bits of a new file with a private key. libpq and the server refuse a key that group or others can read
 * (`check_ssl_key_file_permissions` in be-secure-common.c, `initialize_SSL` in fe-secure-openssl.c).
 */
export const keyFileMode = 0o600;

/** The permission bits of a new file that everybody may read: certificates, CRLs and configuration. */
export const publicFileMode = 0o644;

/**
 * The permission bits that the server and libpq do not allow on a file with a private key, on every system except
 * Windows (`check_ssl_key_file_permissions`, `initialize_SSL`). `own` applies if the account that reads the key owns
 * the file. `root` applies if root owns the file and another account reads the key.
 */
export const forbiddenKeyFileBits = { own: 0o077, root: 0o037 } as const;
