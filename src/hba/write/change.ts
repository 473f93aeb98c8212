import type { AuthLine } from '../../auth-file/read/line.ts';
import type { Field } from '../../auth-file/scan/token.ts';
import { mergeList } from '../../auth-file/write/merge-list.ts';
import { toFileText } from '../../text/bytes.ts';
import type { TextChange } from '../../text/span.ts';
import type { HbaRecord } from '../read/record.ts';
import { databaseOfToken, userOfToken } from '../read/rule.ts';
import type { HbaAddress, HbaDatabase, HbaOption, HbaRule, HbaUser, NonEmptyList } from '../rule.ts';
import type { AuthMethod, ConnectionType } from '../tables/tables.ts';
import { serializeAddress, serializeDatabase, serializeOptions, serializeUser } from './serialize.ts';

/** New values for some columns of a rule, or for its comment. A column without a new value keeps its bytes. */
export interface HbaRuleChange {
  /**
   * The connection type. A change to `local` removes the address; a change from `local` to another type also needs an
   * address.
   */
  readonly type?: ConnectionType | undefined;
  /** The databases. Unchanged elements keep their text. */
  readonly databases?: NonEmptyList<HbaDatabase> | undefined;
  /** The users. Unchanged elements keep their text. */
  readonly users?: NonEmptyList<HbaUser> | undefined;
  /** The address of the client. */
  readonly address?: HbaAddress | string | undefined;
  /** The authentication method. */
  readonly method?: AuthMethod | undefined;
  /** All options. Unchanged options keep their text. */
  readonly options?: readonly HbaOption[] | undefined;
  /** The text after the `#`; `null` removes the comment. */
  readonly comment?: string | null | undefined;
}

/** Returns the text changes of a rule's line that give some columns new values. */
export function changesOfRule(line: AuthLine<HbaRecord, HbaRule>, change: HbaRuleChange): TextChange[] {
  const record = line.read().record!;
  const { typeToken, methodToken } = record;
  const inFile = (written: string): string => toFileText(written, line.context.encoding);
  return [
    ...(change.type === undefined || change.type === record.type
      ? []
      : [{ ...placeOf([typeToken]), text: inFile(change.type) }]),
    ...changesOfNames(line, record, change),
    ...changesOfAddress(line, record, change),
    ...(change.method === undefined ? [] : [{ ...placeOf([methodToken]), text: inFile(change.method) }]),
    ...(change.options === undefined ? [] : [changeOfOptions(line, record, change.options)]),
  ];
}

function changesOfNames(
  { text, context }: AuthLine<HbaRecord, HbaRule>,
  { databases, users }: HbaRecord,
  change: HbaRuleChange,
): TextChange[] {
  const { rules, version, encoding } = context;
  const changes: TextChange[] = [];
  if (change.databases !== undefined) {
    const old = databases.map((token) => ({ token, value: databaseOfToken(token, rules) }));
    const serialize = (database: HbaDatabase): string => toFileText(serializeDatabase(database, version), encoding);
    changes.push({ ...placeOf(databases), text: mergeList(text, old, change.databases, serialize, ',') });
  }
  if (change.users !== undefined) {
    const old = users.map((token) => ({ token, value: userOfToken(token, rules) }));
    const serialize = (user: HbaUser): string => toFileText(serializeUser(user, version), encoding);
    changes.push({ ...placeOf(users), text: mergeList(text, old, change.users, serialize, ',') });
  }
  return changes;
}

function changesOfAddress(
  { text, context }: AuthLine<HbaRecord, HbaRule>,
  { type: oldType, addressTokens, methodToken }: HbaRecord,
  { type = oldType, address }: HbaRuleChange,
): TextChange[] {
  const [first, ...others] = addressTokens;
  const old = first && placeOf([first, ...others]);
  if (address !== undefined) {
    const written = toFileText(serializeAddress(address), context.encoding);
    const { start } = methodToken;
    return [old === undefined ? { start, end: start, text: `${written} ` } : { ...old, text: written }];
  }
  if (type !== 'local' || old === undefined) return [];
  // The address is replaced by blanks, so that the position of the method stays.
  return [{ ...old, text: text.slice(old.start, old.end).replace(/[^\\\r\n]/g, ' ') }];
}

function changeOfOptions(
  { text, context }: AuthLine<HbaRecord, HbaRule>,
  { options, methodToken }: HbaRecord,
  wanted: readonly HbaOption[],
): TextChange {
  const old = options.map(({ name, value, token }) => ({ token, value: { name, value } }));
  const elements = wanted.map(({ name, value }) => ({ name, value }));
  const serialize = (option: HbaOption): string => toFileText(serializeOptions([option]), context.encoding);
  const merged = mergeList(text, old, elements, serialize, ' ');
  const start = methodToken.end;
  const lead = old[0] === undefined ? ' ' : text.slice(start, old[0].token.start);
  return { start, end: old.at(-1)?.token.end ?? start, text: merged === '' ? '' : lead + merged };
}

/** Returns the place of the tokens of a column in the line's text. */
function placeOf(tokens: Field): Pick<TextChange, 'start' | 'end'> {
  return { start: tokens[0].start, end: tokens.at(-1)!.end };
}
