import { commentText } from '../../auth-file/write/quote.ts';
import { applyChanges, commentChange, mergeList, type TextChange } from '../../auth-file/write/text-change.ts';
import { toFileText } from '../../text/bytes.ts';
import type { HbaLine } from '../line.ts';
import type { HbaRecord } from '../read/record.ts';
import {
  databaseOfToken,
  type HbaAddress,
  type HbaDatabase,
  type HbaOption,
  type HbaUser,
  type NonEmptyList,
  userOfToken,
} from '../rule.ts';
import type { AuthMethod, ConnectionType } from '../tables/tables.ts';
import { spellAddress, spellDatabase, spellOptions, spellUser } from './serialize.ts';

/** New values for some columns of a rule, or for the text of a comment; what is not named keeps its bytes. */
export interface HbaRuleChange {
  /** The connection type. From or to `local`, the address goes or must be given. */
  readonly type?: ConnectionType;
  /** The databases: elements that were there keep their spelling. */
  readonly databases?: NonEmptyList<HbaDatabase>;
  /** The users: elements that were there keep their spelling. */
  readonly users?: NonEmptyList<HbaUser>;
  /** The address. */
  readonly address?: HbaAddress | string;
  /** The authentication method. */
  readonly method?: AuthMethod;
  /** All options: those that were there keep their spelling. */
  readonly options?: readonly HbaOption[];
  /** The text behind the `#`; null takes the comment away. */
  readonly comment?: string | null;
}

/** The text of a rule's line with other values in some columns. */
export function changedRuleText(line: HbaLine, record: HbaRecord, change: HbaRuleChange): string {
  const { how } = line;
  const changes: TextChange[] = [];
  const inFile = (text: string): string => toFileText(text, how.encoding);
  const put = (start: number, end: number, text: string): void => {
    changes.push({ start, end, text });
  };
  const { type: oldType, databases, users, addressTokens, methodToken, options } = record;
  const type = change.type ?? oldType;
  if (type !== oldType) {
    const [token] = line.scan().fields[0]!;
    put(token.start, token.end, type);
  }
  if (change.databases !== undefined) {
    const old = databases.map((token) => ({ token, value: databaseOfToken(token, how.rules) }));
    const spell = (database: HbaDatabase): string => inFile(spellDatabase(database, how.version));
    put(databases[0].start, databases.at(-1)!.end, mergeList(line.text, old, change.databases, spell, ','));
  }
  if (change.users !== undefined) {
    const old = users.map((token) => ({ token, value: userOfToken(token, how.rules) }));
    const spell = (user: HbaUser): string => inFile(spellUser(user, how.version));
    put(users[0].start, users.at(-1)!.end, mergeList(line.text, old, change.users, spell, ','));
  }
  const [address] = addressTokens;
  const addressEnd = addressTokens.at(-1)?.end ?? 0;
  if (change.address !== undefined) {
    const text = inFile(spellAddress(change.address));
    if (address === undefined) put(methodToken.start, methodToken.start, `${text} `);
    else put(address.start, addressEnd, text);
  } else if (type === 'local' && address !== undefined) {
    // Blanks in its place keep the method in its column.
    put(address.start, addressEnd, line.text.slice(address.start, addressEnd).replace(/[^\\\r\n]/g, ' '));
  }
  if (change.method !== undefined) put(methodToken.start, methodToken.end, change.method);
  if (change.options !== undefined) {
    const old = options.map(({ name, value, token }) => ({ token, value: { name, value } }));
    const elements = change.options.map(({ name, value }) => ({ name, value }));
    const merged = mergeList(line.text, old, elements, (option) => inFile(spellOptions([option])), ' ');
    const lead = old[0] === undefined ? ' ' : line.text.slice(methodToken.end, old[0].token.start);
    put(methodToken.end, old.at(-1)?.token.end ?? methodToken.end, merged === '' ? '' : lead + merged);
  }
  if (change.comment !== undefined) {
    const edit = commentChange(line, change.comment === null ? null : inFile(commentText(change.comment)));
    if (edit !== undefined) changes.push(edit);
  }
  return applyChanges(line.text, changes);
}
