/**
 * The options that are on with the value `1` and off with any other value, with their defaults for the methods that
 * accept them (`parse_hba_auth_opt`).
 */
const optionFlags = {
  include_realm: true,
  compat_realm: true,
  upn_username: false,
  pam_use_hostname: false,
  ldaptls: false,
  delegate_ident_mapping: false,
} as const;

/** The name of an option that is on or off. */
export type OptionFlag = keyof typeof optionFlags;

/** Returns whether an option is on or off, and has no other values. */
export function isOptionFlag(name: string): name is OptionFlag {
  return Object.hasOwn(optionFlags, name);
}

/** Returns whether a flag is on with a value, or with its default if there is no value. */
export function isFlagOn(name: OptionFlag, value: string | undefined): boolean {
  return value === undefined ? optionFlags[name] : value === '1';
}
