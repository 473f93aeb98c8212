import type { DiagnosticCode } from '../../codes.ts';
import type { LineFix } from '../../text/span.ts';
import type { PgMajor } from '../../version.ts';
import { settingDefinition } from '../catalogue/catalogue.ts';
import type { ConfSetting, SettingSpans } from '../lines/entry.ts';
import { quotedIfNeeded } from '../lines/scan.ts';
import { octalNumber } from './number-advice.ts';

/** A value that the server reads differently from what its author probably meant. */
export interface Trap {
  readonly code: DiagnosticCode;
  /** The message: the value that the server reads, and how to correct the line. */
  readonly message: string;
  readonly fix: LineFix;
}

/**
 * Returns the first trap in a setting's value: a part that the server reads differently from what the author probably
 * meant; `undefined` if there is none.
 */
export function trapOf(entry: ConfSetting, spans: SettingSpans, version: PgMajor): Trap | undefined {
  return backslashes(entry, spans) ?? decimalMode(entry, spans, version) ?? octal(entry, spans, version);
}

/**
 * The characters that form an escape with a backslash before them (`DeescapeQuotedString`). Before any other character,
 * the server drops the backslash.
 */
const knownEscape = /^[bfnrt0-7\\']/;

/**
 * Finds single backslashes, as in `'C:\pg\new\log'`. The server drops each backslash, or reads it and the next letter
 * as a control character.
 */
function backslashes({ text }: ConfSetting, { value: span, quoted }: SettingSpans): Trap | undefined {
  if (!quoted) return undefined;
  const token = text.slice(span.start, span.end);
  const isWindowsPath = /'[A-Za-z]:\\(?!\\)/.test(token);
  const vanishes = [...token.matchAll(/\\(.)/gs)].some(([, next]) => !knownEscape.test(next!));
  if (!isWindowsPath && !vanishes) return undefined;
  const fixed = token.replace(/\\(.)/gs, (pair, next: string) => {
    const stays = next === '\\' || next === "'" || (!isWindowsPath && knownEscape.test(next));
    return stays ? pair : `\\${pair}`;
  });
  return {
    code: 'setting-backslash',
    message:
      'The server drops a single backslash, or reads it and the next letter as a control character. Double each backslash',
    fix: { title: 'double the backslashes', ...span, text: fixed },
  };
}

/** Settings whose values are the permission bits of a file. */
const modes = ['unix_socket_permissions', 'log_file_mode'];

/**
 * Finds permission bits such as `777`, which the server reads as a decimal number because the leading zero is missing.
 */
function decimalMode({ name, value }: ConfSetting, { value: span }: SettingSpans, version: PgMajor): Trap | undefined {
  if (!modes.includes(settingDefinition(name, version)?.name ?? '')) return undefined;
  if (!/^[4-7][0-7]{2}$/.test(value) || usualInDecimal.includes(Number(value))) return undefined;
  const text = `0${value}`;
  const octal = Number(value).toString(8).padStart(4, '0');
  return {
    code: 'setting-mode-decimal',
    message: `The server reads ${value} as a decimal number, which is the mode ${octal}. Write ${text}`,
    fix: { title: `write ${text}`, ...span, text },
  };
}

/**
 * The permission bits 0777, 0770, 0700, 0660, 0644, 0640 and 0600 as decimal numbers. A file can contain these numbers
 * on purpose.
 */
const usualInDecimal = [511, 504, 448, 432, 420, 416, 384];

/** Finds numbers with a leading zero, such as `max_connections = 0200`. The server reads them in base 8. */
function octal({ name, value }: ConfSetting, { value: span }: SettingSpans, version: PgMajor): Trap | undefined {
  const definition = settingDefinition(name, version);
  if (definition === undefined || modes.includes(definition.name)) return undefined;
  const found = octalNumber(definition, value);
  if (found === undefined) return undefined;
  const { digits, plain, read } = found;
  const text = value.replace(digits, plain);
  const why = /[89]/.test(digits)
    ? 'The leading zero makes it a number in base 8'
    : `The server reads ${digits} in base 8, because of its leading zero: it is ${read}`;
  return {
    code: 'setting-octal',
    message: `${why}. Write ${plain} for the decimal number`,
    fix: { title: `write ${plain}`, ...span, text: quotedIfNeeded(text) },
  };
}
