/**
 * Permission bits of a new file with a private key: libpq and the server refuse a key that group or others can read
 * (`check_ssl_key_file_permissions` in be-secure-common.c, `initialize_SSL` in fe-secure-openssl.c).
 */
export const keyFileMode = 0o600;

/** Permission bits of a new file that everybody may read: certificates, CRLs and configuration. */
export const publicFileMode = 0o644;
