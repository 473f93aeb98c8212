import type { DiagnosticCode } from '../../codes.ts';
import type { PgMajor } from '../../version.ts';
import { settingDefinition } from '../catalogue/catalogue.ts';
import type { ConfSetting, SettingSpans } from '../lines/entry.ts';
import type { LineFix } from './place.ts';

/** A value that the server reads as something else than it looks like. */
export interface Trap {
  readonly code: DiagnosticCode;
  /** What the server reads, and the way out. */
  readonly message: string;
  readonly fix: LineFix;
}

/** The trap in a setting's value, if there is one. */
export function trapOf(entry: ConfSetting, spans: SettingSpans, version: PgMajor): Trap | undefined {
  return backslashes(entry, spans) ?? decimalMode(entry, spans, version);
}

/** Escapes that `DeescapeQuotedString` knows. A backslash before any other character vanishes. */
const knownEscape = /^[bfnrt0-7\\']/;

/** `'C:\pg\new\log'`: each backslash vanishes, or becomes a control character together with the letter behind it. */
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
      'A single backslash is no character of the value: it vanishes, or makes a control character with the next letter. Double each backslash',
    fix: { title: 'double the backslashes', ...span, text: fixed },
  };
}

/** Settings that are permission bits of a file. */
const modes = ['unix_socket_permissions', 'log_file_mode'];

/** `777`: the server reads a number without a leading zero as a decimal number. */
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

/** 0777, 0770, 0700, 0660, 0644, 0640 and 0600. */
const usualInDecimal = [511, 504, 448, 432, 420, 416, 384];
