import { optionValue } from '../rules/access-rule.ts';
import { readMappings } from '../rules/read-mappings.ts';
import type { Finding } from './finding.ts';
import { type LintContext, lineOf } from './lint-context.ts';

/** Returns the findings about the maps that the rules name. */
export function lintMaps({ input, list }: Pick<LintContext, 'input' | 'list'>): Finding[] {
  const { ident } = input;
  if (ident === undefined) return [];
  const mappings = readMappings(ident).flatMap((each) => {
    if (each.kind !== 'record') return [];
    const { entry: mapping, file, line, text } = each;
    return [{ mapping, at: { file, line, text, comment: mapping.comment } }];
  });
  const isWhole = readMappings(ident).every(({ kind }) => kind === 'record');
  const defined = new Set(mappings.map(({ mapping }) => mapping.map));
  const findings: Finding[] = [];
  const used = new Set<string>();
  for (const rule of list.rules) {
    const map = optionValue(rule.options, 'map') ?? '';
    if (map === '') continue;
    used.add(map);
    if (defined.has(map) || !isWhole) continue;
    const message = `pg_ident.conf has no map "${map}", so the rule admits nobody: define the map, or correct its name`;
    findings.push({ code: 'access-map-undefined', severity: 'warning', message, at: lineOf(rule) });
  }
  const reported = new Set<string>();
  for (const { mapping, at } of mappings) {
    if (!used.has(mapping.map) && !reported.has(mapping.map) && list.rules.every(({ rule }) => rule !== undefined)) {
      reported.add(mapping.map);
      findings.push({
        code: 'access-map-unused',
        severity: 'info',
        message: `No rule names the map "${mapping.map}"`,
        at,
      });
    }
  }
  return findings;
}
