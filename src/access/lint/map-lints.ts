import { mapOf } from '../rules/access-rule.ts';
import { readMappings } from '../rules/read-mappings.ts';
import type { Finding } from './finding.ts';
import { type LintContext, lineOf } from './lint-context.ts';

/** Returns the findings about the maps that the rules name. */
export function lintMaps({ input, list }: Pick<LintContext, 'input' | 'list'>): Finding[] {
  const { ident } = input;
  if (ident === undefined) return [];
  const records = readMappings(ident);
  const mappings = records.flatMap((each) => {
    if (each.kind !== 'record') return [];
    const { entry: mapping, file, line, text } = each;
    return [{ mapping, at: { place: ident.placeOf({ file, line, text }), comment: mapping.comment } }];
  });
  const isWhole = records.length === mappings.length;
  const defined = new Set(mappings.map(({ mapping }) => mapping.map));
  const findings: Finding[] = [];
  const used = new Set<string>();
  for (const rule of list.rules) {
    const map = mapOf(rule);
    if (map === '') continue;
    used.add(map);
    if (defined.has(map) || !isWhole) continue;
    const message = `pg_ident.conf has no map "${map}", so the rule admits nobody. Define the map, or correct its name`;
    findings.push({ code: 'access-map-undefined', severity: 'warning', message, at: lineOf(rule, input) });
  }
  // A file of rules that was not read can name any map.
  if (list.rules.some(({ rule }) => rule === undefined)) return findings;
  for (const { mapping, at } of mappings) {
    if (used.has(mapping.map)) continue;
    // Each unused map is reported once.
    used.add(mapping.map);
    const message = `No rule names the map "${mapping.map}", so its lines have no effect. Remove the lines, or name the map in a rule`;
    findings.push({ code: 'access-map-unused', severity: 'info', message, at });
  }
  return findings;
}
