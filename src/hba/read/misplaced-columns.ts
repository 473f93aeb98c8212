import type { Field, Token } from '../../auth-file/scan/token.ts';
import { parseIpAddress } from '../../net/ip.ts';
import type { PgMajor } from '../../version.ts';
import { addressKeywords } from '../tables/keywords.ts';
import { type AuthMethod, authMethodsOf, type ConnectionType } from '../tables/tables.ts';

/** The end of a message about a line that is too short: which columns are missing in front of the method that ends it. */
export function missingColumns(fields: readonly Field[], version: PgMajor): string {
  const type = fields[0]?.[0];
  const last = fields.at(-1)?.[0];
  if (type === undefined || last === undefined || fields.length < 2) return '';
  if (!authMethodsOf(version).has(last.value)) return '';
  const columns = ['database', 'user', ...(type.value === 'local' ? [] : ['address'])];
  const missing = columns.slice(fields.length - 2);
  if (missing.length === 0) return '';
  const isOne = missing.length === 1 || type.value === 'local';
  const what = type.value === 'local' ? 'the database or the user' : `the ${missing.join(' and the ')}`;
  return `: "${last.value}" is a method, and ${what} ${isOne ? 'is' : 'are'} missing in front of it`;
}

/** Why a word is in the column of the method, if a column in front of it is missing or too many. */
export function displacedColumn(
  type: ConnectionType,
  token: Token,
  [address]: readonly Token[],
  methods: ReadonlyMap<string, AuthMethod>,
): string | undefined {
  if (type === 'local') {
    const isAddress = parseIpAddress(token.value.split('/', 1)[0]!) !== undefined;
    const isKeyword = addressKeywords.some((word) => word === token.value);
    return isAddress || isKeyword
      ? `A local line takes no address. Remove "${token.value}", or write host for connections over TCP`
      : undefined;
  }
  return address !== undefined && methods.has(address.value)
    ? `"${address.value}" is in the column of the address, because the address is missing in front of it`
    : undefined;
}
