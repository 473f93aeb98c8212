// Instead of: if (!hba.includes('10.1.0.0/16')) hba += 'host all all 10.1.0.0/16 scram-sha-256\n';
import type { PgMajor } from 'pg-hostssl';
import { placeRule } from 'pg-hostssl/access';
import { all, HbaFile } from 'pg-hostssl/hba';

/** Returns the pg_hba.conf with a rule, placed to take effect, that lets a network in by password over TLS. */
export function withNetwork(content: Uint8Array, version: PgMajor, network: string): Uint8Array {
  const rule = { type: 'hostssl', databases: [all], users: [all], address: network, method: 'scram-sha-256' } as const;
  const { file, outcome, diagnostics } = placeRule(HbaFile.parse(content, { version, file: 'pg_hba.conf' }), rule);
  if (outcome === 'impossible') throw new Error('Rules in front match every connection of this network');
  if (outcome === 'file-refused') throw new Error(diagnostics[0]?.message);
  return file.toBytes();
}
