import type { Diagnostic } from '../../text/diagnostic.ts';
import type { PgMajor } from '../../version.ts';
import { settingKey } from '../catalogue/names.ts';
import { settingSpans } from '../lines/entry.ts';
import type { SettingItem } from '../lines/sources.ts';
import { diagnosticAt, relatedAt } from './diagnostic-at.ts';

/**
 * Returns diagnostics about lines that have no effect because a later line sets the same setting. A line without effect
 * can mislead readers. In included files and in blocks that tools append, however, repeating a setting is the usual way
 * to override it, so the severity is only `info`.
 */
export function repeatedSettings(items: readonly SettingItem[], version: PgMajor): readonly Diagnostic[] {
  const last = new Map<string, SettingItem>();
  for (const item of items) last.set(settingKey(item.entry.name, version), item);
  return items.flatMap((item) => {
    const winner = last.get(settingKey(item.entry.name, version))!;
    if (winner === item || isSameLine(winner, item)) return [];
    const where =
      winner.file === item.file
        ? `line ${winner.line}`
        : `line ${winner.line} of ${winner.file.path ?? 'a later file'}`;
    const message = `This line has no effect, because ${where} sets ${item.entry.name} again. Remove one of the lines`;
    const related = [relatedAt(winner, settingSpans(winner.entry).name, 'This line is in effect')];
    const span = settingSpans(item.entry).name;
    return [diagnosticAt(item, span, 'setting-repeated', 'info', message, { related })];
  });
}

/** Returns whether two items are one line of a file that is included twice. */
function isSameLine(one: SettingItem, other: SettingItem): boolean {
  return one.line === other.line && one.file.path !== undefined && one.file.path === other.file.path;
}
