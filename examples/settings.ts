// Instead of: sed -i 's/.*ssl = .*/ssl = on/', and of replacing /^#?\s*ssl\s*=.*$/m, which may change a comment while
// another line still wins.
import type { PgMajor } from 'pg-hostssl';
import { ConfFile } from 'pg-hostssl/conf';

/** The postgresql.conf with TLS on: the line that counts changes, or the commented default becomes the line. */
export function withTls(content: Uint8Array, version: PgMajor): Uint8Array {
  return ConfFile.parse(content, { version, file: 'postgresql.conf' })
    .set('ssl', true)
    .set('ssl_ca_file', 'root.crt', { after: 'ssl' })
    .toBytes();
}
