// Instead of: sed -i 's/trust/scram-sha-256/' pg_hba.conf, which also changes comments and names that contain the word.
import type { PgMajor } from 'pg-hostssl';
import { HbaFile } from 'pg-hostssl/hba';

/** Returns the pg_hba.conf with scram-sha-256 in place of trust in each rule for TCP. */
export function withoutTrust(content: Uint8Array, version: PgMajor): Uint8Array {
  let file = HbaFile.parse(content, { version, file: 'pg_hba.conf' });
  for (const rule of file.rules) {
    if (rule.method === 'trust' && rule.type !== 'local') file = file.replace(rule, { method: 'scram-sha-256' });
  }
  return file.toBytes();
}
