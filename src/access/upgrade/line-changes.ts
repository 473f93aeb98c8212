import type { ExpandedRecord } from '../../auth-file/expanded-records.ts';
import { regexOfName } from '../../auth-file/read/regex-of-name.ts';
import { serializeRegex } from '../../auth-file/write/quote.ts';
import { trimSpaces } from '../../c/ascii.ts';
import { PgHostsslError } from '../../errors.ts';
import { findSecrets } from '../../find-secrets.ts';
import { type HbaEntry, HbaFile } from '../../hba/file.ts';
import type { HbaDatabase, HbaRule, HbaRuleInput, HbaUser, NonEmptyList } from '../../hba/rule.ts';
import { secretOptions } from '../../hba/tables/secret-names.ts';
import type { IdentFile } from '../../ident/file.ts';
import type { IdentMapping, IdentPgUser } from '../../ident/mapping.ts';
import { encodeText } from '../../text/bytes.ts';
import { withoutControls } from '../../text/control-characters.ts';
import type { Diagnostic, DiagnosticPlace, Fix } from '../../text/diagnostic.ts';
import { lineNumbers } from '../../text/lines.ts';
import { maskSpans } from '../../text/mask.ts';
import { rangeAt } from '../../text/position.ts';
import { trimEndOf } from '../../text/trim-end.ts';
import { spanIncludes } from '../../version.ts';
import { replacesEach, replacesTwice } from '../rules/map-key.ts';

const keepNames = 'keep the names';

/**
 * Returns a changed rule. The rule is changed in a file of its own if possible, because each edit of a file copies the
 * list of the file's lines.
 */
export function changedRule(file: HbaFile, rule: HbaRule, change: Partial<HbaRuleInput>): HbaEntry {
  const { context, options } = file.expandable();
  const alone = HbaFile.parse(encodeText(rule.text, context.encoding), { ...options, version: file.version });
  const [only, ...others] = alone.entries;
  if (only?.kind === 'rule' && only.text === rule.text && others.length === 0)
    return alone.replace(only, change).entries[0]!;
  return file.replace(rule, change).entries[file.entries.indexOf(rule)]!;
}

/** Returns a diagnostic for each line of pg_hba.conf whose names the new major version reads differently. */
export function hbaLineChanges(before: HbaFile, after: HbaFile): Diagnostic[] {
  return byLine(before.entries, after.entries).flatMap(([old, now, line]): Diagnostic[] => {
    if (old.kind !== 'rule' || now.kind !== 'rule') return [];
    const isSame = same(old.databases, now.databases) && same(old.users, now.users);
    if (isSame) return [];
    const change = {
      databases: old.databases as NonEmptyList<HbaDatabase>,
      users: old.users as NonEmptyList<HbaUser>,
    };
    const fix = fixOf(now, line, keepNames, () => changedRule(after, now, change));
    const message = `PostgreSQL ${after.version} ${nameChange(old, now)}`;
    const { file } = after.expandable().options;
    return [changedMeaning(after.placeOf({ file, line, text: now.text }), message, fix)];
  });
}

/** Returns the words about names that a rule's line has in the older version but not in the new one. */
function nameChange(old: HbaRule, now: HbaRule): string {
  const [names, elements] = [namesOf(old), namesOf(now)];
  const index = names.findIndex((name, i) => !same(name, elements[i]));
  const [name, element] = [names[index], elements[index]];
  if (typeof name !== 'string' || typeof element !== 'object' || !('regex' in element))
    return 'reads other databases or users in this line. Write the names that you mean';
  return `reads the name "${name}" as a regular expression. Write ${serializeRegex(regexOfName(name))} to keep the name`;
}

function namesOf({ databases, users }: HbaRule): readonly (HbaDatabase | HbaUser)[] {
  return [...databases, ...users];
}

/**
 * Returns a diagnostic for each mapping of the file and of its included files whose names the new major version reads
 * differently.
 *
 * @param after the file as the new version reads it, with the fixes of {@link joinedMappings}
 */
export function identLineChanges(before: IdentFile, after: IdentFile): Diagnostic[] {
  const eachNow = spanIncludes(replacesEach, after.version) && !spanIncludes(replacesEach, before.version);
  const old = mappingsByPlace(before);
  return [...mappingsByPlace(after)].flatMap(([place, { entry: now, own, line, file, text }]): Diagnostic[] => {
    const was = old.get(place)?.entry;
    if (was === undefined) return [];
    if (eachNow && replacesTwice(now.pgUser)) {
      const message = `PostgreSQL ${after.version} replaces each \\1, not only the first \\1. Write one \\1 only`;
      return [changedMeaning(after.placeOf({ file, line, text }), message, undefined)];
    }
    if (same(was.pgUser, now.pgUser)) return [];
    // A fix changes only the main file, not an included file or an `@file`.
    const fix =
      own !== now
        ? undefined
        : fixOf(
            now,
            line,
            keepNames,
            () => after.replace(now, { pgUser: was.pgUser }).entries[after.entries.indexOf(now)]!,
          );
    const message = `PostgreSQL ${after.version} ${userChange(was.pgUser, now.pgUser)}`;
    return [changedMeaning(after.placeOf({ file, line, text }), message, fix)];
  });
}

/** Returns the words about a database user that the new version reads differently. */
function userChange(was: IdentPgUser, now: IdentPgUser): string {
  if (typeof was !== 'string' || typeof now === 'string')
    return 'reads another database user in this line. Write the database user that you mean';
  const remedy = 'regex' in now ? `Write ${serializeRegex(regexOfName(was))}` : 'Put the name in double quotes';
  return `no longer reads the database user "${was}" as a plain name. ${remedy} to keep the name`;
}

/**
 * Returns a diagnostic for each mapping that ends in a backslash, because the new major version joins the mapping with
 * the next line.
 */
export function joinedMappings(before: IdentFile, after: IdentFile): Diagnostic[] {
  const [old, now] = [before, after].map(mappingsByPlace) as [PlacedMappings, PlacedMappings];
  return [...old].flatMap(([place, { entry, line, file }]): Diagnostic[] => {
    const read = now.get(place)?.entry;
    const fix = blankAfterBackslash(entry.text, line);
    // If the backslash ends a comment, another diagnostic reports it.
    if (fix === undefined || entry.comment !== undefined || read?.text === entry.text) return [];
    const next = placeOf(file, line + 1);
    const losesNext = old.has(next) && !now.has(next);
    if (!losesNext && (read === undefined || same(read.pgUser, entry.pgUser))) return [];
    const message = `PostgreSQL ${after.version} joins this line, which ends in a backslash, with the next line. End the line with a blank`;
    return [changedMeaning(before.placeOf({ file, line, text: entry.text }), message, fix)];
  });
}

/**
 * Returns a fix that puts a blank after the backslash at the end of a line; `undefined` for a line without such a
 * backslash.
 *
 * @param line the 1-based number of the text's first line
 */
export function blankAfterBackslash(text: string, line: number): Fix | undefined {
  const end = /\\\r*\n$/.exec(text);
  if (end === null) return undefined;
  return { title: 'end the line with a blank', range: rangeAt(text, end.index + 1, end.index + 1, line), text: ' ' };
}

type PlacedMapping = ExpandedRecord<IdentMapping> & { readonly kind: 'record' };
type PlacedMappings = ReadonlyMap<string, PlacedMapping>;

/** Returns the mappings by file and physical line. */
function mappingsByPlace(file: IdentFile): PlacedMappings {
  const records = file.expandedRecords().filter((each): each is PlacedMapping => each.kind === 'record');
  return new Map(records.map((each) => [placeOf(each.file, each.line), each]));
}

function placeOf(file: string | undefined, line: number): string {
  return `${file ?? ''}:${line}`;
}

/**
 * Pairs the entries of two parsed files that begin at the same physical line. Returns each pair with its line number.
 */
function byLine<E extends { readonly text: string }>(before: readonly E[], after: readonly E[]): [E, E, number][] {
  const numbers = lineNumbers(after);
  const oldAt = new Map(lineNumbers(before).map((line, index) => [line, before[index]!]));
  return after.flatMap((now, index): [E, E, number][] => {
    const line = numbers[index]!;
    const old = oldAt.get(line);
    return old === undefined ? [] : [[old, now, line]];
  });
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/**
 * Returns a fix that replaces the text of an entry by the text of the changed entry. The fix replaces as few characters
 * as possible, so that other fixes of the line do not overlap it. Returns `undefined` if the entry cannot be changed in
 * this way, or if the text of the fix would contain a secret, because a diagnostic can be stored or sent.
 */
export function fixOf(
  entry: HbaRule | IdentMapping,
  line: number,
  title: string,
  change: () => { readonly text: string },
): Fix | undefined {
  // Since major version 14, a line with a NUL byte continues on the next line, so this line cannot be rewritten alone.
  if (entry.text.includes('\0')) return undefined;
  try {
    const [old, text] = [entry.text, change().text].map(withoutLineEnd) as [string, string];
    const shorter = Math.min(old.length, text.length);
    let [start, end] = [0, 0];
    while (start < shorter && old[start] === text[start]) start += 1;
    while (end < shorter - start && old.at(-1 - end) === text.at(-1 - end)) end += 1;
    const written = text.slice(start, text.length - end);
    const shown = maskSpans(text, findSecrets(text, secretOptions));
    if (written !== shown.slice(start, text.length - end)) return undefined;
    const range = rangeAt(old, start, old.length - end, line);
    return { title: `${title}: write ${trimSpaces(shown)}`, range, text: written };
  } catch (error) {
    if (error instanceof PgHostsslError) return undefined;
    throw error;
  }
}

function withoutLineEnd(text: string): string {
  return text.endsWith('\n') ? trimEndOf(text.slice(0, -1), '\r') : text;
}

/** Makes the diagnostic of a line that the new major version reads differently. */
function changedMeaning(place: DiagnosticPlace, message: string, fix: Fix | undefined): Diagnostic {
  return {
    code: 'upgrade-meaning',
    severity: 'warning',
    message: withoutControls(message),
    ...place,
    ...(fix === undefined ? {} : { fix }),
  };
}
