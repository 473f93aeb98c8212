import type { SourceItem } from './sources.ts';

/**
 * The settings that a later line of the very same spelling overrides, which the server drops without looking at their
 * values (`ProcessConfigFileInternal`). Other spellings of the name are applied one after the other, and so are names
 * that the server does not know.
 */
export function overriddenItems(
  items: readonly SourceItem[],
  isKnown: (name: string) => boolean,
): ReadonlySet<SourceItem> {
  const overridden = new Set<SourceItem>();
  const last = new Map<string, SourceItem>();
  for (const item of items) {
    if (item.kind !== 'setting' || !isKnown(item.entry.name)) continue;
    const before = last.get(item.entry.name);
    if (before !== undefined) overridden.add(before);
    last.set(item.entry.name, item);
  }
  return overridden;
}
