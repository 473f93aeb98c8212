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
import type { Quantity } from './units.ts';
import type { SettingValue } from './value.ts';

/** The settings of PostgreSQL itself that a file can set, in any major version. */
export type SettingName =
  | BoolSettingName
  | MemorySettingName
  | DurationSettingName
  | NumberSettingName
  | StringSettingName
  | ListSettingName
  | keyof SettingWords;

/** The name of an extension's setting: the name of the extension, a dot, the name of the setting. */
export type CustomSettingName = `${string}.${string}`;

/** An amount of memory or storage in the notation of the file: `4GB`. Bytes (`B`) exist since 11. */
export type MemoryText = `${number}${'B' | 'kB' | 'MB' | 'GB' | 'TB'}`;

/** A time in the notation of the file: `30s`. Microseconds (`us`) exist since 12. */
export type DurationText = `${number}${'us' | 'ms' | 's' | 'min' | 'h' | 'd'}`;

/** The words that a server reads as on or off. */
export type BoolWord = 'on' | 'off' | 'true' | 'false' | 'yes' | 'no' | '1' | '0';

/** The values to which a setting can be set, by its name. A number without a unit is in the setting's own unit. */
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

/** The type of a setting's value, by its name. */
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

/** The settings to set, each with its new value. */
export type SettingInputs = {
  readonly [N in SettingName | CustomSettingName]?: SettingInput<N>;
};
