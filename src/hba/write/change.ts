import type { AuthLine } from '../../auth-file/read/line.ts';
import { mergeList } from '../../auth-file/write/text-change.ts';
import { toFileText } from '../../text/bytes.ts';
import type { TextChange } from '../../text/pieces.ts';
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
  readonly type?: ConnectionType;
  /** The databases. Unchanged elements keep their text. */
  readonly databases?: NonEmptyList<HbaDatabase>;
  /** The users. Unchanged elements keep their text. */
  readonly users?: NonEmptyList<HbaUser>;
  /** The address of the client. */
  readonly address?: HbaAddress | string;
  /** The authentication method. */
  readonly method?: AuthMethod;
  /** All options. Unchanged options keep their text. */
  readonly options?: readonly HbaOption[];
  /** The text after the `#`; `null` removes the comment. */
  readonly comment?: string | null;
}

/** Returns the text changes of a rule's line that give some columns new values. */
export function changesOfRule(line: AuthLine<HbaRecord, HbaRule>, change: HbaRuleChange): TextChange[] {
  const scanned = line.scan();
  const { text, context } = line;
  const { databases, users, addressTokens, methodToken, options, type: oldType } = line.read(scanned).record!;
  const { rules, version } = context;
  const changes: TextChange[] = [];
  const inFile = (written: string): string => toFileText(written, context.encoding);
  const put = (start: number, end: number, written: string): void => {
    changes.push({ start, end, text: written });
  };
  const type = change.type ?? oldType;
  if (type !== oldType) {
    const [token] = scanned.fields[0]!;
    put(token.start, token.end, inFile(type));
  }
  if (change.databases !== undefined) {
    const old = databases.map((token) => ({ token, value: databaseOfToken(token, rules) }));
    const serialize = (database: HbaDatabase): string => inFile(serializeDatabase(database, version));
    put(databases[0].start, databases.at(-1)!.end, mergeList(text, old, change.databases, serialize, ','));
  }
  if (change.users !== undefined) {
    const old = users.map((token) => ({ token, value: userOfToken(token, rules) }));
    const serialize = (user: HbaUser): string => inFile(serializeUser(user, version));
    put(users[0].start, users.at(-1)!.end, mergeList(text, old, change.users, serialize, ','));
  }
  const [address] = addressTokens;
  const addressEnd = addressTokens.at(-1)?.end ?? 0;
  if (change.address !== undefined) {
    const written = inFile(serializeAddress(change.address));
    if (address === undefined) put(methodToken.start, methodToken.start, `${written} `);
    else put(address.start, addressEnd, written);
  } else if (type === 'local' && address !== undefined) {
    // The address is replaced by blanks, so that the position of the method stays.
    put(address.start, addressEnd, text.slice(address.start, addressEnd).replace(/[^\\\r\n]/g, ' '));
  }
  if (change.method !== undefined) put(methodToken.start, methodToken.end, inFile(change.method));
  if (change.options !== undefined) {
    const old = options.map(({ name, value, token }) => ({ token, value: { name, value } }));
    const elements = change.options.map(({ name, value }) => ({ name, value }));
    const merged = mergeList(text, old, elements, (option) => inFile(serializeOptions([option])), ' ');
    const lead = old[0] === undefined ? ' ' : text.slice(methodToken.end, old[0].token.start);
    put(methodToken.end, old.at(-1)?.token.end ?? methodToken.end, merged === '' ? '' : lead + merged);
  }
  return changes;
}
