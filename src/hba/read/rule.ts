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
import type { HbaRecord } from './record.ts';
import { type ByNotation, notationOf, type SharedValues, sharedValues } from './shared-values.ts';

export function ruleOfRecord(record: HbaRecord, { text, comment }: RecordText, context: LineContext): HbaRule {
  const { rules } = context;
  const { type, methodToken } = record;
  const shared = sharedValues(context);
  const databases = namesOfField(record.databases, databaseOfToken, rules, shared.databases);
  const users = namesOfField(record.users, userOfToken, rules, shared.users);
  // If the method is written as in the table of methods, the string of the table is used, because a substring of the
  // file would keep the text of the file in memory.
  const method = methodToken.value === record.method ? record.method : methodToken.value;
  const options = optionsOfRecord(record, shared);
  // Two complete object literals are many times faster than one literal with object spread.
  const rule =
    record.address === undefined
      ? { kind: 'rule', type, databases, users, method, options, text }
      : { kind: 'rule', type, databases, users, address: addressOfRecord(record, shared), method, options, text };
  // Reading the record has already checked that type, method and address fit together.
  return (comment === undefined ? rule : { ...rule, comment }) as HbaRule;
}

const noOptions: readonly HbaOption[] = Object.freeze([]);

function optionsOfRecord({ options }: HbaRecord, shared: SharedValues): readonly HbaOption[] {
  if (options.length === 0) return noOptions;
  const notation = options.length === 1 ? options[0]!.token.value : notationOf(options.map(({ token }) => token));
  const known = shared.options.get(notation);
  if (known !== undefined) return known;
  const list = options.map(({ name, value }) => Object.freeze({ name, value }) as HbaOption);
  return shared.options.keep(notation, list);
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
  if (!token.quoted && token.value.startsWith('+')) return Object.freeze({ memberOf: token.value.slice(1) });
  return nameOfToken(token, rules);
}

function nameOfToken(token: Token, rules: Rules): string | { regex: string } | { file: string } {
  if (namesFile(token)) return Object.freeze({ file: token.value.slice(1) });
  if (!rules.regularExpressions || !token.value.startsWith('/')) return token.value;
  const regex = token.value.slice(1);
  return nameOfRegex(regex) ?? Object.freeze({ regex });
}

function addressOfRecord(record: HbaRecord, shared: SharedValues): HbaAddress {
  const notation = notationOf(record.addressTokens);
  return shared.addresses.get(notation) ?? shared.addresses.keep(notation, newAddress(record));
}

function newAddress({ address, addressTokens }: HbaRecord): HbaAddress {
  if (address?.kind === 'keyword') return { keyword: address.keyword };
  if (address?.kind === 'host-name') return { hostName: address.hostName };
  const { value } = addressTokens[0]!;
  const mask = addressTokens[1];
  if (mask !== undefined) return { ip: value, mask: mask.value };
  const slash = value.indexOf('/');
  return { ip: value.slice(0, slash), prefix: Number(value.slice(slash + 1)) };
}

/** The list for a column that contains only `all`. Most columns do. */
const justAll: NonEmptyList<typeof all> = Object.freeze([all]);

function namesOfField<T extends HbaUser | HbaDatabase>(
  field: Field,
  map: (token: Token, rules: Rules) => T,
  rules: Rules,
  shared: ByNotation<NonEmptyList<T>>,
): NonEmptyList<T> {
  const [first] = field;
  if (field.length === 1 && first.value === 'all' && !first.quoted) return justAll as NonEmptyList<T & typeof all>;
  const notation = notationOf(field);
  const known = shared.get(notation);
  if (known !== undefined) return known;
  // `map` is used because a list that grows by `push` reserves memory for many more elements.
  const list = field.length === 1 ? [map(first, rules)] : field.map((token) => map(token, rules));
  return shared.keep(notation, list as [T, ...T[]]);
}
