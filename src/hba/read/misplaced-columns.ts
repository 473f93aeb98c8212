import type { Field, Token } from '../../auth-file/scan/token.ts';
import { parseIpAddress } from '../../net/ip.ts';
import type { PgMajor } from '../../version.ts';
import { isAddressKeyword } from '../tables/keywords.ts';
import { type AuthMethod, authMethodsOf, type ConnectionType } from '../tables/tables.ts';

/**
 * Returns the end of a message about a line with too few columns. If the last word is a method, the text names the
 * columns that are missing in front of it; otherwise, the text is empty.
 */
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

/**
 * Explains a wrong word in the method column by a missing or superfluous column in front of it; returns `undefined` if
 * there is no such explanation.
 */
export function displacedColumn(
  type: ConnectionType,
  token: Token,
  [address]: readonly Token[],
  methods: ReadonlyMap<string, AuthMethod>,
): string | undefined {
  if (type === 'local') {
    const isAddress = parseIpAddress(token.value.split('/', 1)[0]!) !== undefined;
    return isAddress || isAddressKeyword(token.value)
      ? `A local line takes no address. Remove "${token.value}", or write host for connections over TCP`
      : undefined;
  }
  return address !== undefined && methods.has(address.value)
    ? `"${address.value}" is in the column of the address, because the address is missing in front of it`
    : undefined;
}
