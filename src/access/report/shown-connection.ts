import type { Transport } from '../rules/transport.ts';
import type { Witness } from '../space/witness.ts';

/** For each transport, the words that describe the transport in a sentence. */
export const transportWords: Readonly<Record<Transport, string>> = {
  local: 'over the Unix socket',
  plain: 'without encryption',
  ssl: 'over TLS',
  gss: 'with GSS encryption',
};

/** Describes an example connection in words: `User "alice" to database "app" from 10.0.0.1 without encryption`. */
export function shownConnection(witness: Witness | undefined): string {
  if (witness === undefined) return 'Some connection (no example was found)';
  const { connection, supposing = [] } = witness;
  const { transport, address, database, user, replication } = connection;
  const to =
    replication === 'physical' ? 'for physical replication' : `to database ${JSON.stringify(database ?? user)}`;
  const from = address === undefined ? '' : ` from ${address}`;
  const supposed = supposing.map((each) => {
    if ('member' in each) return `${each.member[0]} is a member of ${each.member[1]}`;
    return 'hostName' in each ? `the client's host name is ${each.hostName}` : `an interface has ${each.interface}`;
  });
  const suffix = supposed.length === 0 ? '' : ` (assuming ${supposed.join(', ')})`;
  return `User ${JSON.stringify(user)} ${to}${from} ${transportWords[transport]}${suffix}`;
}
