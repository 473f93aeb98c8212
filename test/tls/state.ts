import {
  type ClientState,
  fileState,
  type Owner,
  type ServerState,
  type TargetFile,
  type TlsPlan,
} from '../../src/tls/index.ts';
import type { PgMajor } from '../../src/version.ts';
import { withContent } from '../../src/with-content.ts';

/** A pg_hba.conf like the one that initdb makes. */
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

/** A postgresql.conf with some of the lines that initdb writes. */
export const stockConf = `#listen_addresses = 'localhost'\t\t# what IP address(es) to listen on;
# - SSL -

#ssl = off
#ssl_ca_file = ''
#ssl_cert_file = 'server.crt'
#ssl_key_file = 'server.key'
`;

/** The files of a data directory with stock configuration files, by name. */
export const stockFiles: Readonly<Record<string, string>> = {
  PG_VERSION: '18\n',
  'postgresql.conf': stockConf,
  'pg_hba.conf': stockHba,
};

/** The contents of the files of a server that exists only in a test. */
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

/**
 * Returns the state of a server that does not exist. Its paths do not exist either, so any access to a disk would fail.
 */
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

/** Returns a file with this text, or a missing file if the text is `undefined`. */
export function slot(path: string, text: string | undefined, mode = 0o600, owner?: Owner): TargetFile {
  return text === undefined ? { path } : fileState(path, text, { mode, ...(owner && { owner }) });
}

/** Encodes a text as UTF-8. */
export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Decodes UTF-8 to a text. */
export function textOf(content: Uint8Array | undefined): string | undefined {
  return content === undefined ? undefined : new TextDecoder().decode(content);
}

/** Returns the state of a client's directory that does not exist on the disk. */
export function clientState(parts: { certificate?: string; privateKey?: string } = {}): ClientState {
  const directory = '/home/w/.postgresql';
  return {
    directory,
    exists: parts.certificate !== undefined,
    certificate: slot(`${directory}/postgresql.crt`, parts.certificate),
    privateKey: slot(`${directory}/postgresql.key`, parts.privateKey),
    ca: { path: `${directory}/root.crt` },
  };
}

/** Returns the states of server and client as they are after a plan was applied. */
export function applied(
  server: ServerState,
  client: ClientState,
  plan: TlsPlan,
): { server: ServerState; client: ClientState } {
  const after = <T extends { readonly path: string }>(file: T): T => {
    const write = plan.writes.find(({ path }) => path === file.path);
    return write === undefined ? file : (withContent({ ...file, ...write }, write.content()) as unknown as T);
  };
  const named = (extension: string): TargetFile | undefined => {
    const write = plan.writes.find(({ path }) => path.startsWith('/nowhere/data/server-') && path.endsWith(extension));
    return write === undefined ? undefined : withContent({ path: write.path, mode: write.mode! }, write.content());
  };
  return {
    server: {
      ...server,
      conf: after(server.conf),
      hba: after(server.hba),
      certificate: named('.crt') ?? after(server.certificate),
      privateKey: named('.key') ?? after(server.privateKey),
      ca: after(server.ca),
      crl: after(server.crl ?? { path: '/nowhere/data/root.crl' }),
    },
    client: {
      ...client,
      exists: true,
      certificate: after(client.certificate),
      privateKey: after(client.privateKey),
      ca: after(client.ca),
    },
  };
}

/** Returns the text that a plan writes to the file of this name. */
export function written(plan: TlsPlan, name: string): string | undefined {
  return textOf(plan.writes.find(({ path }) => path.endsWith(`/${name}`))?.content());
}

/** Returns the names of the files that a plan writes. */
export function names(plan: TlsPlan): string[] {
  return plan.writes.map(({ path }) => path.slice(path.lastIndexOf('/') + 1));
}
