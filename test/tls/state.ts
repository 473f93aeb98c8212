import { fileState, type Owner, type ServerState, type TargetFile } from '../../src/tls/index.ts';
import type { PgMajor } from '../../src/version.ts';

/** A pg_hba.conf like that of initdb. */
export const stockHba = `# "local" is for Unix domain socket connections only
local   all             all                                     trust
# IPv4 local connections:
host    all             all             127.0.0.1/32            trust
# IPv6 local connections:
host    all             all             ::1/128                 trust
# Allow replication connections from localhost, by a user with the
# replication privilege.
local   replication     all                                     trust
host    replication     all             127.0.0.1/32            trust
`;

/** A postgresql.conf with some of the lines that initdb's has. */
export const stockConf = `#listen_addresses = 'localhost'\t\t# what IP address(es) to listen on;
# - SSL -

#ssl = off
#ssl_ca_file = ''
#ssl_cert_file = 'server.crt'
#ssl_key_file = 'server.key'
`;

/** The parts of a made-up server. */
export interface StateParts {
  readonly version?: PgMajor;
  readonly hba?: string;
  readonly conf?: string;
  readonly autoConf?: string;
  readonly certificate?: string;
  readonly privateKey?: string;
  readonly ca?: string;
  readonly owner?: Owner;
}

/** A server that is nowhere: whatever touches a disk would fail on its paths. */
export function serverState(parts: StateParts = {}): ServerState {
  const { version = 18, hba = stockHba, conf = stockConf, autoConf, owner } = parts;
  return {
    version,
    dataDirectory: '/nowhere/data',
    ...(owner && { owner }),
    conf: fileState('/nowhere/data/postgresql.conf', conf),
    ...(autoConf && { autoConf: fileState('/nowhere/data/postgresql.auto.conf', autoConf) }),
    hba: fileState('/nowhere/data/pg_hba.conf', hba),
    certificate: slot('/nowhere/data/server.crt', parts.certificate, 0o644, owner),
    privateKey: slot('/nowhere/data/server.key', parts.privateKey, 0o600, owner),
    ca: slot('/nowhere/data/root.crt', parts.ca, 0o644, owner),
  };
}

/** A file, or the lack of one. */
export function slot(path: string, text: string | undefined, mode = 0o600, owner?: Owner): TargetFile {
  return text === undefined ? { path } : fileState(path, text, { mode, ...(owner && { owner }) });
}

/** A text as UTF-8. */
export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** UTF-8 as a text. */
export function textOf(content: Uint8Array | undefined): string | undefined {
  return content === undefined ? undefined : new TextDecoder().decode(content);
}
