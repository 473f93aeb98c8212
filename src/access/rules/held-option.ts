import { optionValue } from '../../hba/read/option.ts';
import type { HbaOption } from '../../hba/rule.ts';

/** The defaults of the options that are on with the value `1` and off with any other value. */
const flags = {
  include_realm: true,
  compat_realm: true,
  upn_username: false,
  pam_use_hostname: false,
  ldaptls: false,
  delegate_ident_mapping: false,
} as const;

/**
 * For each option, the values that have the same effect as a missing option. With an empty `pamservice`, for example,
 * the server uses its default service.
 */
const defaults: Readonly<Record<string, readonly string[]>> = {
  clientname: ['CN'],
  krb_realm: [''],
  map: [''],
  pamservice: ['', 'postgresql'],
};

/** Returns whether a flag such as `include_realm` is on in a rule (`parse_hba_auth_opt`). */
export function hasFlag(options: readonly HbaOption[], name: keyof typeof flags): boolean {
  const value = optionValue(options, name);
  return value === undefined ? flags[name] : value === '1';
}

/**
 * Returns the value of an option in a normalized form; `undefined` if the value has the same effect as a missing
 * option.
 */
export function heldValue(name: string, value: string): string | undefined {
  if (!Object.hasOwn(flags, name)) return defaults[name]?.includes(value) === true ? undefined : value;
  const isOn = value === '1';
  return isOn === flags[name as keyof typeof flags] ? undefined : isOn ? '1' : '0';
}
