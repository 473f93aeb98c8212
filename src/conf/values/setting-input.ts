import type {
  BoolSettingName,
  DurationSettingName,
  ListSettingName,
  MemorySettingName,
  NumberSettingName,
  SettingWords,
  StringSettingName,
} from '../catalogue/setting-types.ts';
import type { ConfValue } from '../lines/quote.ts';
import type { Quantity, SettingValue } from './value.ts';

/** The settings of PostgreSQL itself that can be set, in any major. */
export type SettingName =
  | BoolSettingName
  | MemorySettingName
  | DurationSettingName
  | NumberSettingName
  | StringSettingName
  | ListSettingName
  | keyof SettingWords;

/** The name of an extension's setting: the extension's own name, a dot, the setting's name. */
export type CustomSettingName = `${string}.${string}`;

/** An amount of memory or storage as the file has it: `4GB`. Bytes (`B`) are known since 11. */
export type MemoryText = `${number}${'B' | 'kB' | 'MB' | 'GB' | 'TB'}`;

/** A time as the file has it: `30s`. Microseconds (`us`) are known since 12. */
export type DurationText = `${number}${'us' | 'ms' | 's' | 'min' | 'h' | 'd'}`;

/** The words for on and off. */
export type BoolWord = 'on' | 'off' | 'true' | 'false' | 'yes' | 'no' | '1' | '0';

/** What a setting can be set to, by its name. A number without a unit is in the setting's own unit. */
export type SettingInput<N extends string> = N extends CustomSettingName
  ? ConfValue
  :
      | (N extends BoolSettingName ? boolean | BoolWord : never)
      | (N extends MemorySettingName ? number | `${number}` | MemoryText : never)
      | (N extends DurationSettingName ? number | `${number}` | DurationText : never)
      | (N extends NumberSettingName ? number | `${number}` : never)
      | (N extends StringSettingName ? string : never)
      | (N extends ListSettingName ? string | readonly string[] : never)
      | (N extends keyof SettingWords ? SettingWords[N] | ('on' extends SettingWords[N] ? boolean : never) : never);

/** What a setting's value is read as, by its name. */
export type SettingOutput<N extends string> = N extends SettingName
  ?
      | (N extends BoolSettingName ? boolean : never)
      | (N extends MemorySettingName | DurationSettingName ? Quantity : never)
      | (N extends NumberSettingName ? number : never)
      | (N extends StringSettingName ? string : never)
      | (N extends ListSettingName ? readonly string[] | string : never)
      | (N extends keyof SettingWords ? SettingWords[N] : never)
  : N extends CustomSettingName
    ? string
    : SettingValue;

/** Several settings with their values. */
export type SettingInputs = {
  readonly [N in SettingName | CustomSettingName]?: SettingInput<N>;
};
