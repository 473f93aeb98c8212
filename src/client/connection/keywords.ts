import { pgAsciiToLower } from '../../c/ascii.ts';

/**
 * The names of libpq's connection parameters up to 19 (`PQconninfoOptions`), and the old name `requiressl`, which libpq
 * still accepts. libpq up to 18 does not know `oauth_ca_file` and `servicefile`.
 */
const keywords: ReadonlySet<string> = new Set(
  (
    'application_name channel_binding client_encoding connect_timeout dbname fallback_application_name ' +
    'gssdelegation gssencmode gsslib host hostaddr keepalives keepalives_count keepalives_idle ' +
    'keepalives_interval krbsrvname load_balance_hosts max_protocol_version min_protocol_version oauth_ca_file ' +
    'oauth_client_id oauth_client_secret oauth_issuer oauth_scope options passfile password port replication ' +
    'require_auth requirepeer requiressl scram_client_key scram_server_key service servicefile ' +
    'ssl_max_protocol_version ssl_min_protocol_version sslcert sslcertmode sslcompression sslcrl sslcrldir sslkey ' +
    'sslkeylogfile sslmode sslnegotiation sslpassword sslrootcert sslsni target_session_attrs tcp_user_timeout ' +
    'user'
  ).split(' '),
);

/** Parameters that libpq does not know, and that drivers and object mappers for Node.js read from a URL. */
const namesOfNode: ReadonlySet<string> = new Set(
  'uselibpqcompat ssl schema connection_limit pool_timeout pgbouncer sslaccept sslidentity'.split(' '),
);

/** Names that other drivers use for libpq's parameters, with libpq's names. */
const otherNames: ReadonlyMap<string, string> = new Map([
  ['database', 'dbname'],
  ['username', 'user'],
  ['hostname', 'host'],
]);

/** Whether libpq knows a parameter. The case of the letters must match. */
export function isKeyword(name: string): boolean {
  return keywords.has(name);
}

/** A sentence of advice about a parameter name that libpq does not know; `undefined` if no known name is similar. */
export function nearestKeyword(name: string): string | undefined {
  if (namesOfNode.has(name)) return `Only drivers for Node.js know ${name}: leave it out.`;
  const [distance, nearest] = [...keywords]
    .map((keyword) => [editDistance(pgAsciiToLower(name), keyword), keyword] as const)
    .reduce((best, next) => (next[0] < best[0] ? next : best));
  const other = otherNames.get(pgAsciiToLower(name)) ?? (distance <= Math.ceil(name.length / 4) ? nearest : undefined);
  return other === undefined ? undefined : `The nearest parameter is ${other}.`;
}

/**
 * The number of edits that turn one text into the other: a letter changed, added or removed, or two neighbours swapped
 * (optimal string alignment).
 */
function editDistance(from: string, to: string): number {
  // The first 60 characters are enough, because a longer text is never similar to a parameter name.
  const left = from.slice(0, 60);
  let before: readonly number[] = [];
  let row: readonly number[] = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= left.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= to.length; j += 1) {
      const substituted = row[j - 1]! + (left[i - 1] === to[j - 1] ? 0 : 1);
      const areSwapped = i > 1 && j > 1 && left[i - 1] === to[j - 2] && left[i - 2] === to[j - 1];
      const swapped = areSwapped ? before[j - 2]! + 1 : substituted;
      next.push(Math.min(substituted, swapped, row[j]! + 1, next[j - 1]! + 1));
    }
    [before, row] = [row, next];
  }
  return row[to.length]!;
}
