import type { LineContext, RecordText } from '../../auth-file/read/record-format.ts';
import { nameOfRegex } from '../../auth-file/read/regex-of-name.ts';
import { type Field, namesFile, type Token } from '../../auth-file/scan/token.ts';
import {
  all,
  type HbaAddress,
  type HbaDatabase,
  type HbaOption,
  type HbaRule,
  type HbaUser,
  type NonEmptyList,
} from '../rule.ts';
import { databaseKeywords } from '../tables/keywords.ts';
import type { OptionToken } from './option.ts';
import type { HbaRecord } from './record.ts';

/** Makes the rule of a record. */
export function ruleOfRecord(record: HbaRecord, { text, comment }: RecordText, context: LineContext): HbaRule {
  const { rules } = context;
  const { type, address, methodToken } = record;
  const databases = mapField(record.databases, databaseOfToken, rules);
  const users = mapField(record.users, userOfToken, rules);
  // If the method is written as in the table of methods, the string of the table is used, because a substring of the
  // file would keep the text of the file in memory.
  const method = methodToken.value === record.method ? record.method : methodToken.value;
  const options = record.options.length === 0 ? noOptions : sharedOptions(record.options, context);
  // Two complete object literals are many times faster than one literal with object spread.
  const rule =
    address === undefined
      ? { kind: 'rule', type, databases, users, method, options, text }
      : { kind: 'rule', type, databases, users, address: addressOfRecord(record), method, options, text };
  // Reading the record has already checked that type, method and address fit together.
  return (comment === undefined ? rule : { ...rule, comment }) as HbaRule;
}

const noOptions: readonly HbaOption[] = Object.freeze([]);

/**
 * The different lists of options, by file and by text. Rules with the same options share one list, because most rules
 * of a file have one of few lists.
 */
const optionLists = new WeakMap<LineContext, Map<string, readonly HbaOption[]>>();

function sharedOptions(tokens: readonly OptionToken[], context: LineContext): readonly HbaOption[] {
  let lists = optionLists.get(context);
  if (lists === undefined) {
    lists = new Map();
    optionLists.set(context, lists);
  }
  const key = tokens.length === 1 ? tokens[0]!.token.value : tokens.map(({ token }) => token.value).join('\0');
  let list = lists.get(key);
  if (list === undefined) {
    list = Object.freeze(tokens.map(({ name, value }) => Object.freeze({ name, value }) as HbaOption));
    lists.set(key, list);
  }
  return list;
}

/** One object for each keyword of the database column, which all rules share. */
const databasePatterns = databaseKeywords.map((keyword) => (keyword === 'all' ? all : Object.freeze({ keyword })));

/** The rules of the scanner in a major version, by which the value of a token is read. */
type Rules = LineContext['rules'];

/** Returns the value of a token in the database column. */
export function databaseOfToken(token: Token, rules: Rules): HbaDatabase {
  const pattern = token.quoted ? undefined : databasePatterns.find(({ keyword }) => keyword === token.value);
  return pattern ?? nameOfToken(token, rules);
}

/** Returns the value of a token in the user column. */
export function userOfToken(token: Token, rules: Rules): HbaUser {
  if (!token.quoted && token.value === 'all') return all;
  if (!token.quoted && token.value.startsWith('+')) return { memberOf: token.value.slice(1) };
  return nameOfToken(token, rules);
}

function nameOfToken(token: Token, rules: Rules): string | { regex: string } | { file: string } {
  if (namesFile(token)) return { file: token.value.slice(1) };
  if (!rules.regularExpressions || !token.value.startsWith('/')) return token.value;
  const regex = token.value.slice(1);
  return nameOfRegex(regex) ?? { regex };
}

function addressOfRecord({ address, addressTokens }: HbaRecord): HbaAddress {
  if (address?.kind === 'keyword') return { keyword: address.keyword };
  if (address?.kind === 'host-name') return { hostName: address.hostName };
  const { value } = addressTokens[0]!;
  const mask = addressTokens[1];
  if (mask !== undefined) return { ip: value, mask: mask.value };
  const slash = value.indexOf('/');
  return { ip: value.slice(0, slash), prefix: Number(value.slice(slash + 1)) };
}

/** The list for a column that contains only `all`. Most columns do, so their rules share this list. */
const justAll: NonEmptyList<typeof all> = Object.freeze([all]);

function mapField<T>(field: Field, map: (token: Token, rules: Rules) => T, rules: Rules): NonEmptyList<T> {
  const first = map(field[0], rules);
  if (field.length === 1 && first === all) return justAll as NonEmptyList<typeof first>;
  if (field.length === 1) return [first];
  // `map` is used because a list that grows by `push` reserves memory for many more elements.
  return field.map((token) => map(token, rules)) as [T, ...T[]];
}
