import type { HbaOption } from '../../hba/index.ts';
import { optionValue } from './access-rule.ts';

/** Options that are true for the value `1` and false for any other, with their values in rules without them. */
const flags = {
  include_realm: true,
  compat_realm: true,
  upn_username: false,
  pam_use_hostname: false,
  ldaptls: false,
  delegate_ident_mapping: false,
} as const;

/** What rules without these options do. With an empty `pamservice` the server asks for its default service. */
const defaults: Readonly<Record<string, readonly string[]>> = {
  clientname: ['CN'],
  krb_realm: [''],
  map: [''],
  pamservice: ['', 'postgresql'],
};

/** Whether a rule has a flag, such as `include_realm` (`parse_hba_auth_opt`). */
export function hasFlag(options: readonly HbaOption[], name: keyof typeof flags): boolean {
  const value = optionValue(options, name);
  return value === undefined ? flags[name] : value === '1';
}

/** The value of an option as the server holds it; `undefined` for what rules without the option do. */
export function heldValue(name: string, value: string): string | undefined {
  if (!Object.hasOwn(flags, name)) return defaults[name]?.includes(value) === true ? undefined : value;
  const isOn = value === '1';
  return isOn === flags[name as keyof typeof flags] ? undefined : isOn ? '1' : '0';
}
