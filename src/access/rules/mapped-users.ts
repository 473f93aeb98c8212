import { cutStartupName } from '../../c/names.ts';
import { optionValue } from '../../hba/read/option.ts';
import type { HbaUser } from '../../hba/rule.ts';
import type { AuthMethod } from '../../hba/tables/tables.ts';
import type { IdentFile } from '../../ident/file.ts';
import type { IdentMapping } from '../../ident/mapping.ts';
import { hasGroup } from '../../ident/read/pattern.ts';
import { fileTextOfToken, tokenOfFileText } from '../../text/bytes.ts';
import type { PgMajor } from '../../version.ts';
import { captureOf } from '../regex/capture.ts';
import { regexOf } from '../regex/regex.ts';
import { type AccessRule, mapOf } from './access-rule.ts';
import { type AccessInput, ignoresCase, isNamespaced } from './input.ts';
import { mappingsOf, substitutedName } from './map-key.ts';

/** The users whom the map of a rule lets in. */
export interface MappedUsers {
  /** The users that the map lets in for certain; `undefined` if each user can be let in. */
  readonly names: readonly string[] | undefined;
  /** Returns whether a mapping with `\1` lets in a user for certain. */
  readonly substitutes: (user: string) => boolean;
  /** `true` if the map can let in further users. */
  readonly isOpen: boolean;
  /** Returns whether the map certainly does not let in a user. */
  readonly excludes: (user: string) => boolean;
}

const everyone: MappedUsers = { names: undefined, substitutes: () => true, isOpen: false, excludes: () => false };
const perhapsEveryone: MappedUsers = { ...everyone, isOpen: true };

/**
 * The users whom `clientname=DN` without a map lets in: roles such as "CN=alice,O=Example". The server compares the
 * whole subject of the certificate with the name of the user (`CheckCertAuth`), and each subject has a `=`.
 */
const ofWholeSubject: MappedUsers = {
  names: [],
  substitutes: canBeSubject,
  isOpen: true,
  excludes: (user) => !canBeSubject(user),
};

/** Returns whether a text can be the whole subject of a certificate. */
export function canBeSubject(text: string): boolean {
  return text.includes('=');
}

/** Returns whether the server compares the whole subject of the certificate, and not only its common name. */
export function comparesSubject({ certificate, options }: Pick<AccessRule, 'certificate' | 'options'>): boolean {
  return certificate === 'verify-full' && optionValue(options, 'clientname') === 'DN';
}

type MappedRule = Pick<AccessRule, 'method' | 'options' | 'certificate'>;

/** Returns the users whom the map of a rule lets in. */
export function usersOfMap(rule: MappedRule | undefined, input: AccessInput): MappedUsers {
  const { hba, ident } = input;
  if (rule === undefined) return everyone;
  const map = mapOf(rule);
  if (map === '') return comparesSubject(rule) && !isNamespaced(input) ? ofWholeSubject : everyone;
  if (ident === undefined || isNamespaced(input)) return perhapsEveryone;
  // Thousands of rules can name one map with thousands of mappings.
  const users = keptUsers.get(ident) ?? new Map<string, MappedUsers>();
  keptUsers.set(ident, users);
  const key = `${ignoresCase(rule.method)} ${comparesSubject(rule)} ${hba.version} ${map}`;
  const kept = users.get(key) ?? usersOf(mappingsFor(rule, ident), rule.method, hba.version);
  users.set(key, kept);
  return kept;
}

/** Returns whether a map certainly lets in none of the users of a rule. */
export function letsInNone({ names, isOpen, excludes }: MappedUsers, users: readonly HbaUser[]): boolean {
  if (names === undefined) return false;
  if (names.length === 0 && !isOpen) return true;
  return users.length > 0 && users.every((user) => typeof user === 'string' && excludes(user));
}

/** Returns the mappings of the rule's map that can match. */
function mappingsFor(rule: MappedRule, ident: IdentFile): readonly IdentMapping[] | undefined {
  const mappings = mappingsOf(ident, mapOf(rule));
  if (!comparesSubject(rule)) return mappings;
  return mappings?.filter(({ systemUser }) => typeof systemUser !== 'string' || canBeSubject(systemUser));
}

const keptUsers = new WeakMap<IdentFile, Map<string, MappedUsers>>();

function usersOf(mappings: readonly IdentMapping[] | undefined, method: AuthMethod, version: PgMajor): MappedUsers {
  if (mappings === undefined) return perhapsEveryone;
  const names = new Set<string>();
  const add = (name: string): void => {
    // A client cannot send an empty name, or a name of more than 63 bytes.
    if (name !== '' && cutStartupName(name) === name) names.add(name);
  };
  const substitutions: Substitution[] = [];
  // With krb_caseins_users, upper and lower case of the names do not count.
  let isOpen = mappings.length > 0 && ignoresCase(method);
  for (const [at, { systemUser, pgUser }] of mappings.entries()) {
    if (typeof pgUser === 'string') add(pgUser);
    else if ('keyword' in pgUser) return everyone;
    else if (!('substitute' in pgUser)) isOpen = true;
    else if (typeof systemUser === 'string' || !hasGroup(systemUser.regex)) {
      // Here the server ends the search with an error, so that the mappings below may let in nobody.
      isOpen ||= at + 1 < mappings.length;
      break;
    } else {
      const substitution = { regex: systemUser.regex, substitute: pgUser.substitute };
      const example = regexOf(systemUser.regex)?.example;
      const name = example === undefined ? undefined : roleOf(substitution, example, version);
      if (name !== undefined) add(name);
      substitutions.push(substitution);
      isOpen = true;
    }
  }
  const substitutes = (user: string): boolean => substitutions.some((each) => letsIn(each, user, version));
  return { names: [...names], substitutes, isOpen, excludes: (user) => !isOpen && !names.has(user) };
}

/** A mapping whose role name contains the text that the first parenthesis of the regular expression matches. */
interface Substitution {
  readonly regex: string;
  readonly substitute: string;
}

/** Returns the role as which a mapping lets in a system user, if that is certain. */
function roleOf({ regex, substitute }: Substitution, systemUser: string, version: PgMajor): string | undefined {
  const capture = captureOf(regex, systemUser);
  if (capture?.kind !== 'match' || capture.text === undefined) return undefined;
  return substitutedName(substitute, capture.text, version);
}

/**
 * Returns whether a mapping certainly lets in a user. The function tries one system user: the text that the parenthesis
 * must match, between the texts with which each matched name begins and ends.
 */
function letsIn(mapping: Substitution, user: string, version: PgMajor): boolean {
  const { substitute, regex } = mapping;
  const start = substitute.indexOf('\\1');
  if (!user.startsWith(substitute.slice(0, start))) return false;
  const parsed = regexOf(regex);
  if (parsed === undefined) return false;
  const literal = substitutedName(substitute, '', version).length;
  const count = substitutedName(substitute, 'x', version).length - literal;
  const text = user.slice(start, start + (user.length - literal) / count);
  const systemUser = tokenOfFileText(parsed.prefix + fileTextOfToken(text) + parsed.suffix, 'bytes');
  return roleOf(mapping, systemUser, version) === user;
}
