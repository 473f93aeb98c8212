// Instead of: sed -i 's/.*ssl = .*/ssl = on/', or replacing /^#?\s*ssl\s*=.*$/m: both may change a comment while another
// line still wins.
import type { PgMajor } from 'pg-hostssl';
import { ConfFile } from 'pg-hostssl/conf';

/** Returns the postgresql.conf with TLS on. The active line changes, or the commented default becomes active. */
export function withTls(content: Uint8Array, version: PgMajor): Uint8Array {
  return ConfFile.parse(content, { version, file: 'postgresql.conf' })
    .set('ssl', true)
    .set('ssl_ca_file', 'root.crt', { after: 'ssl' })
    .toBytes();
}
