import { appendAll } from '../../append-all.ts';
import type { LineDiagnostic } from '../../auth-file/read/line-diagnostic.ts';
import type { LineContext } from '../../auth-file/read/record-format.ts';
import type { Token } from '../../auth-file/scan/token.ts';
import { namedJoiningBlank } from '../../text/look-alikes.ts';
import type { PgMajor } from '../../version.ts';
import type { HbaRecord } from '../read/record.ts';
import type { HbaOption, HbaRule } from '../rule.ts';
import { isOffByMistake, offByMistakeMessage } from '../tables/client-cert.ts';
import { databaseKeywords, userKeywords } from '../tables/keywords.ts';
import { isOrdinaryAddress, lintAddress } from './lint-address.ts';
import { areOrdinaryNames, lintName, ordinaryDatabase, ordinaryUser } from './lint-name.ts';

/** Adds warnings about a rule that the server loads, but certainly not as the rule's author meant. */
export function lintRecord(record: HbaRecord, context: LineContext, diagnostics: LineDiagnostic[]): void {
  for (const token of record.databases) diagnostics.push(...lintName(token, databaseKeywords, context));
  for (const token of record.users) diagnostics.push(...lintName(token, userKeywords, context));
  diagnostics.push(...lintAddress(record));
  for (const { name, value, token } of record.options) {
    if (name === 'clientcert') diagnostics.push(...lintClientCert(value, token, context.version));
    diagnostics.push(...lintJoinedOptions(name, token));
  }
  appendAll(diagnostics, lintRepeated(record));
}

/**
 * Returns whether {@link lintRecord} certainly has no warning about a rule. The check uses the entry, which exists
 * already, because reading the record again would take more time.
 */
export function isOrdinaryRule(rule: HbaRule, { version }: LineContext): boolean {
  return (
    areOrdinaryNames(rule.databases, ordinaryDatabase) &&
    areOrdinaryNames(rule.users, ordinaryUser) &&
    (rule.type === 'local' || isOrdinaryAddress(rule.address)) &&
    (rule.options.length === 0 || areOrdinaryOptions(rule.options, version))
  );
}

function areOrdinaryOptions(options: readonly HbaOption[], version: PgMajor): boolean {
  return (
    options.every(({ name, value }) => name !== 'clientcert' || !isOffByMistake(value, version)) &&
    options.every(({ value }) => /^[ -~]*$/.test(value)) &&
    (options.length === 1 || new Set(options.map(({ name }) => name)).size === options.length)
  );
}

/** Finds repeated options. The server uses the last value. */
function lintRepeated({ options }: HbaRecord): readonly LineDiagnostic[] {
  const last = new Map(options.map(({ name }, index) => [name, index]));
  return options.flatMap(({ name, token }, index): LineDiagnostic[] => {
    if (last.get(name) === index) return [];
    const message = `The option ${name} is given again, and the last value counts. Remove one of the two`;
    return [
      { code: 'hba-option-repeated', severity: 'warning', message, span: { start: token.start, end: token.end } },
    ];
  });
}

function lintClientCert(value: string, token: Token, version: PgMajor): readonly LineDiagnostic[] {
  if (!isOffByMistake(value, version)) return [];
  const { start, end } = token;
  const message = offByMistakeMessage(value, version);
  const fix = { title: 'write clientcert=1', start, end, text: 'clientcert=1' };
  return [{ code: 'hba-clientcert-off', severity: 'warning', message, span: token, fix }];
}

/**
 * Finds a character that looks like a blank, such as a no-break space, but does not separate an option from the next
 * option. The message does not show the value of the option, because the value may be secret. There is no warning about
 * a value in quotes, because its author probably meant the character.
 */
function lintJoinedOptions(name: string, { value, quoted, start, end }: Token): readonly LineDiagnostic[] {
  const isQuoted = quoted || end - start !== value.length;
  const next = isQuoted ? null : /([^ -~])[a-z]+=/.exec(value);
  const named = next === null ? undefined : namedJoiningBlank(next[1]!);
  if (named === undefined) return [];
  const message = `The value of ${name} holds ${named}, which does not separate options. Write a blank, or put the option in double quotes`;
  return [{ code: 'look-alike', severity: 'warning', message, span: { start, end } }];
}
