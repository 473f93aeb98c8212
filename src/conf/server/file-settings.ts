import { pgAsciiToLower } from '../../c/ascii.ts';
import { type PgMajor, type PgMajorSpan, spanIncludes } from '../../version.ts';
import { type SettingContext, settingDefinition } from '../catalogue/catalogue.ts';
import { amountOf } from '../check/decided-by-state.ts';
import { judgeSetting } from '../check/judge-setting.ts';
import { ConfFile } from '../file.ts';
import { collectSources, overriddenItems, type SourceItem } from '../lines/sources.ts';
import { readValue, startPaths } from '../values/value.ts';

/** A row of the view pg_file_settings. */
export interface FileSettingsRow {
  /** The file of the line; null where its path is not known. */
  readonly sourcefile: string | null;
  /** 1-based line number in it. */
  readonly sourceline: number;
  /** 1-based number of the row, in the order of processing. */
  readonly seqno: number;
  /** The name as it is spelt in the file; null for what is no setting. */
  readonly name: string | null;
  /** The value without quotes and escapes; null for what is no setting. */
  readonly setting: string | null;
  /** Whether the value would be applied; an overridden line is not. */
  readonly applied: boolean;
  /** What is wrong with it, in the server's words. */
  readonly error: string | null;
}

/** A server's configuration files; text has no path, a {@link ConfFile} has that of its options. */
export interface ConfFiles {
  /** The postgresql.conf. */
  readonly main: string | Uint8Array | ConfFile;
  /** The postgresql.auto.conf, where there is one. */
  readonly auto?: string | Uint8Array | ConfFile;
}

/** A running server's settings by their names in lower case, as its view pg_settings shows them in `setting`. */
export type RunningSettings = Readonly<Record<string, string | null>>;

/**
 * The rows that a server's view pg_file_settings shows for these files (`ProcessConfigFileInternal` at the level of
 * `show_all_file_settings`). The view reads a file only up to its first syntax error, and applies nothing after an error
 * or an unknown name.
 *
 * @param running what the server runs with: a setting that needs a restart is an error where it differs. Without it, no
 * setting is taken to differ. Rows without a file, for such settings that are in no file any more, are left out.
 */
export function confFileSettings(
  files: ConfFiles,
  version: PgMajor,
  running: RunningSettings = {},
): readonly FileSettingsRow[] {
  const items = [...collect(files.main, version)];
  if (files.auto !== undefined && items.every(isSetting)) items.push(...collect(files.auto, version));
  const overridden = overriddenItems(items, (name) => {
    return settingDefinition(name, version) !== undefined || running[pgAsciiToLower(name)] !== undefined;
  });
  const isUnknown = (item: SourceItem): boolean =>
    item.kind === 'setting' &&
    !item.entry.name.includes('.') &&
    settingDefinition(item.entry.name, version) === undefined;
  const isRead = items.every(isSetting);
  const isLoaded = isRead && !items.some(isUnknown);
  return items.map((item, i) => {
    const place = { sourcefile: item.file.path ?? null, sourceline: item.line, seqno: i + 1 };
    if (item.kind !== 'setting') {
      const { path = place.sourcefile, line = errorLine(item) } =
        item.kind === 'include-problem' ? (item.at ?? {}) : {};
      const error = errorText(item);
      return { ...place, sourcefile: path, sourceline: line, name: null, setting: null, applied: false, error };
    }
    const { name, value } = item.entry;
    const row = { ...place, name, setting: value };
    if (isRead && isUnknown(item)) return { ...row, applied: false, error: 'unrecognized configuration parameter' };
    if (!isLoaded || overridden.has(item)) return { ...row, applied: false, error: null };
    const applied = isApplied(name, value, version, running);
    return { ...row, applied, error: applied ? null : 'setting could not be applied' };
  });
}

function collect(source: string | Uint8Array | ConfFile, version: PgMajor): readonly SourceItem[] {
  const file = source instanceof ConfFile ? source : ConfFile.parse(source, { version });
  return collectSources(
    { path: file.options.file, entries: file.entries },
    { ...file.options, version, stopAtSyntaxError: true },
  );
}

function isSetting(item: SourceItem): boolean {
  return item.kind === 'setting';
}

/** A setting that the file's end cuts off is reported one line too early. */
function errorLine(item: SourceItem): number {
  const isCutOff = item.kind === 'syntax-error' && item.isCutOff;
  return isCutOff ? item.line - 1 : item.line;
}

function errorText(item: SourceItem): string {
  if (item.kind === 'include-problem') return item.error;
  return item.kind === 'syntax-error'
    ? 'syntax error'
    : `could not open file "${(item.entry as { path?: string }).path}"`;
}

/** Contexts whose values the view does not look at in a running session of these majors. */
const unlooked: PgMajorSpan & { readonly contexts: readonly SettingContext[] } = {
  until: 11,
  contexts: ['backend', 'superuser-backend'],
};

function isApplied(name: string, text: string, version: PgMajor, running: RunningSettings): boolean {
  const definition = settingDefinition(name, version);
  if (definition === undefined) return true;
  const { context } = definition;
  if (spanIncludes(unlooked, version) && unlooked.contexts.includes(context)) return true;
  const judgement = judgeSetting(name, text, version);
  if (judgement.kind === 'refused' && judgement.when === 'load') return false;
  const present = running[pgAsciiToLower(definition.name)];
  if (context !== 'postmaster' || present === undefined || present === null) return true;
  if (startPaths.includes(definition.name) || definition.type === 'list') return text === present;
  const [given, now] = [readValue(definition, text, version), readValue(definition, present, version)];
  // -1 has the server choose the number, as it did at its start.
  if (definition.name === 'wal_buffers' && given.ok && amountOf(given.value) === -1) return true;
  return !given.ok || !now.ok || JSON.stringify(given.value) === JSON.stringify(now.value);
}
