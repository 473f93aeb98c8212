import { optionValue } from '../../hba/read/option.ts';
import type { HbaOption } from '../../hba/rule.ts';
import { isFlagOn, isOptionFlag, type OptionFlag } from '../../hba/tables/option-flags.ts';

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

/** Returns whether a flag such as `include_realm` is on in a rule. */
export function hasFlag(options: readonly HbaOption[], name: OptionFlag): boolean {
  return isFlagOn(name, optionValue(options, name));
}

/**
 * Returns the value of an option in a normalized form; `undefined` if the value has the same effect as a missing
 * option.
 */
export function heldValue(name: string, value: string): string | undefined {
  if (!isOptionFlag(name)) return defaults[name]?.includes(value) === true ? undefined : value;
  const isOn = isFlagOn(name, value);
  return isOn === isFlagOn(name, undefined) ? undefined : isOn ? '1' : '0';
}
