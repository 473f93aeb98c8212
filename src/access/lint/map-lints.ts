import type { IdentMapping } from '../../ident/index.ts';
import { type PgMajorSpan, spanIncludes } from '../../version.ts';
import { regexOf } from '../regex/regex.ts';
import { optionValue } from '../rules/access-rule.ts';
import { readMappings } from '../rules/read-mappings.ts';
import type { Finding, LintedLine } from './finding.ts';
import { type LintContext, lineOf } from './lint-context.ts';

/** The majors that take all words of the third column for names. */
const onlyNames: PgMajorSpan = { until: 15 };

/** What is to be said about the maps that the rules name, and about the lines of pg_ident.conf. */
export function lintMaps({ input, list }: LintContext): Finding[] {
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
    const message = `pg_ident.conf has no map "${map}", so that the rule admits nobody: define the map, or correct its name`;
    findings.push({ code: 'access-map-undefined', severity: 'warning', message, at: lineOf(rule) });
  }
  const told = new Set<string>();
  for (const { mapping, at } of mappings) {
    if (!used.has(mapping.map) && !told.has(mapping.map) && list.rules.every(({ rule }) => rule !== undefined)) {
      told.add(mapping.map);
      findings.push({
        code: 'access-map-unused',
        severity: 'info',
        message: `No rule names the map "${mapping.map}"`,
        at,
      });
    }
    findings.push(...lintMapping(mapping, at, spanIncludes(onlyNames, ident.version)));
  }
  return findings;
}

function lintMapping({ systemUser, pgUser }: IdentMapping, at: LintedLine, isOnlyName: boolean): Finding[] {
  const findings: Finding[] = [];
  const add = (code: Finding['code'], message: string): void => {
    findings.push({ code, severity: 'warning', message, at });
  };
  if (typeof systemUser === 'object') {
    const { regex } = systemUser;
    if (regex.endsWith('/'))
      add('ident-regex-slash', `The slash at the end of "/${regex}" is a part of the expression: remove it`);
    const longer = longerMatch(regex);
    if (longer !== undefined) {
      add(
        'ident-regex-unanchored',
        `"/${regex}" also matches ${JSON.stringify(longer)}: write ^ in front and $ behind it`,
      );
    }
    if (
      typeof pgUser === 'object' &&
      'substitute' in pgUser &&
      !/\((?!\?)/.test(regex.replace(/\\.|\[[^\]]*\]/gs, ''))
    ) {
      add(
        'ident-substitute-without-group',
        `"${pgUser.substitute}" asks for a parenthesis that "/${regex}" does not have`,
      );
    }
  }
  if (isOnlyName && typeof pgUser === 'string' && (pgUser === 'all' || /^[+/]./.test(pgUser))) {
    add(
      'ident-name-as-pattern',
      `"${pgUser}" is the name of a role here; only PostgreSQL 16 and newer take it for more`,
    );
  }
  return findings;
}

/** A name that a regular expression matches although it does not hold the whole of it; `undefined` if there is none. */
function longerMatch(pattern: string): string | undefined {
  const regex = regexOf(pattern);
  if (regex?.example === undefined || regex.isEverything) return undefined;
  // An end that matches anything is meant to.
  const isOpenAt = (end: RegExp): boolean => !end.test(pattern);
  const name = `${isOpenAt(/^\^|^\.[*+]/) ? 'x' : ''}${regex.example}${isOpenAt(/\$$|\.[*+]\)?$/) ? 'x' : ''}`;
  return name !== regex.example && regex.test(name) ? name : undefined;
}
