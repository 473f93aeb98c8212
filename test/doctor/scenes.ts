import { execFileSync, spawnSync } from 'node:child_process';
import { createPrivateKey } from 'node:crypto';
import { chmodSync, chownSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createConnection, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { asciiBytes } from '../../src/asn1/bytes.ts';
import { der, derSequence } from '../../src/asn1/der.ts';
import * as client from '../../src/client/index.ts';
import type { CauseCode } from '../../src/doctor/index.ts';
import { extension } from '../../src/pki/certificate/extensions.ts';
import { extendedKeyUsage } from '../../src/pki/certificate/key-usage.ts';
import { CertificateAuthority, createPkcs12, PrivateKey } from '../../src/pki/index.ts';
import { forge } from '../pki/forge.ts';
import type { ServerFiles } from '../server/index.ts';
import { serverAccount, temporaryFolder } from '../server/index.ts';
import type { LineClientName } from './line-client.ts';

/** The files and settings of a server in which a fault occurs, as differences from `goodState` (a working server). */
export interface ServerState {
  readonly files?: ServerFiles;
  readonly conf?: string;
  /** The user id of the account that owns the private key, if root runs the tests. */
  readonly keyOwner?: number;
}

/** The address of the test server, and functions that connect to it with each client program. */
export interface Stage {
  readonly port: number;
  /** The directory of the Unix socket. */
  readonly socketDirectory: string;
  /** Connects with `pg`, and returns the error. */
  readonly pg: (config: object) => Promise<unknown>;
  /** Connects with postgres.js, and returns the error. */
  readonly postgresJs: (...parameters: readonly unknown[]) => Promise<unknown>;
  /** Connects with another client program by a connection string, and returns the text of the error. */
  readonly by: (name: LineClientName, connection: string) => Promise<string>;
  /** Connects while the server shuts down, and starts the server again. */
  readonly whileShuttingDown: (connect: () => Promise<unknown>) => Promise<unknown>;
  /** Starts the server with settings with which it does not start, and returns the error. */
  readonly failToStart: (settings: Readonly<Record<string, string>>) => Promise<unknown>;
}

/** A fault that a test provokes on a real server, and the cause that `explain` must find. */
export interface Scene {
  /** The cause that `explain` must name first. */
  readonly cause: CauseCode;
  readonly server?: ServerState;
  /** The first major version of a server that can have the fault. */
  readonly since?: number;
  /** True if only the log of the server shows the cause. */
  readonly needsLog?: boolean;
  /** True if `explain` gets only the server's log and no error of a client. */
  readonly logAlone?: boolean;
  /** True if only the files of the server show the cause. */
  readonly needsConfiguration?: boolean;
  /**
   * The client programs that get an error, with functions that connect. If not given, the fault shows when the server
   * reloads.
   */
  readonly clients?: Readonly<Record<string, (stage: Stage) => Promise<unknown>>>;
}

const root: CertificateAuthority = await CertificateAuthority.create({ subject: 'CN=Root' });
const stranger = await CertificateAuthority.create({ subject: 'CN=Stranger' });
const middle = await root.issueIntermediateAuthority({ subject: 'CN=Middle' });
const server = await root.issueServerCertificate({ hosts: ['localhost', '127.0.0.1'] });
const alice = await root.issueClientCertificate({ user: 'alice' });
const bob = await root.issueClientCertificate({ user: 'bob' });
const day = 86_400_000;
const early = { notBefore: new Date(Date.now() + 9 * day), notAfter: new Date(Date.now() + 10 * day) };

/**
 * The time of a CA whose clock is 40 days late: its certificates have expired already, although the CA itself is still
 * valid.
 */
const past = new Date(Date.now() - 40 * day);
const longRoot = await CertificateAuthority.create({
  subject: 'CN=Long',
  provider: { now: () => past },
});
const short = { days: 1 };
const expiredServer = await longRoot.issueServerCertificate({ hosts: ['localhost', '127.0.0.1'], validity: short });
const expiredAlice = await longRoot.issueClientCertificate({ user: 'alice', validity: short });
const earlyServer = await root.issueServerCertificate({ hosts: ['127.0.0.1'], validity: early });
const earlyAlice = await root.issueClientCertificate({ user: 'alice', validity: early });
const clientKey = await PrivateKey.generate();
const asClient: Pair = {
  chain: await forge({
    subject: 'CN=localhost',
    issuer: 'CN=Root',
    key: clientKey,
    issuerKey: root.privateKey,
    extensions: [
      extendedKeyUsage(['clientAuth']),
      extension('2.5.29.17', derSequence(der(0x87, Uint8Array.of(127, 0, 0, 1)), der(0x82, asciiBytes('localhost')))),
    ],
  }),
  privateKey: clientKey,
};
const aliceAsServer = await root.issueServerCertificate({ hosts: ['alice'], subject: 'CN=alice' });
const strangeAlice = await stranger.issueClientCertificate({ user: 'alice' });
const middleAlice = await middle.issueClientCertificate({ user: 'alice' });
const p521Server = await root.issueServerCertificate({ hosts: ['127.0.0.1'], keyAlgorithm: 'ecdsa-p521' });
const nobody = await root.issueClientCertificate({ user: 'nobody' });
const encryptedKey = await keyWithoutLuckyPadding();
const weak = weakPair();
const edwards = await CertificateAuthority.create({ subject: 'CN=Ed25519', keyAlgorithm: 'ed25519' });
const edwardsServer = await edwards.issueServerCertificate({ hosts: ['127.0.0.1'], keyAlgorithm: 'ecdsa-p256' });

const good: ServerFiles = {
  'server.key': server.privateKey.toPem(),
  'server.crt': server.chain,
  'root.crt': root.certificate + longRoot.certificate,
  'pg_hba.conf': 'local all all trust\nhostssl all all 127.0.0.1/32 cert\n',
  'pg_ident.conf': '',
  'postgresql.auto.conf': '',
};

/** The files and settings of a working server. Each test of a fault starts from them. */
export const goodState: Required<Pick<ServerState, 'files' | 'conf'>> = {
  files: good,
  conf: "ssl = on\nssl_ca_file = 'root.crt'\n",
};

type Pair = { readonly chain: string; readonly privateKey: { toPem(): string } | string };

const pem = ({ privateKey }: Pair): string => (typeof privateKey === 'string' ? privateKey : privateKey.toPem());

/** The parts of a bundle that differ from those of a client that can log in. */
interface Parts extends Partial<Omit<client.ClientBundleParts, 'target'>> {
  readonly target?: Partial<client.ConnectionTargetParts>;
}

function bundleOf(port: number, pair: Pair = alice, { target, ...parts }: Parts = {}): client.ClientBundle {
  const ca = root.certificate + longRoot.certificate;
  return client.clientBundle({
    ...{ ca, certificate: pair.chain, privateKey: pem(pair), ...parts },
    target: { host: '127.0.0.1', port, user: 'alice', database: 'postgres', ...target },
  });
}

/** Writes the files of a client into a new folder, lets `spoil` change them, and returns the folder. */
function filesOf(bundle: client.ConnectionBundle, spoil: (folder: string) => void = () => undefined): string {
  const folder = temporaryFolder();
  const files = [...client.libpqFiles(bundle, folder)];
  for (const file of files) writeFileSync(file.path, file.content(), { mode: file.mode });
  spoil(folder);
  return folder;
}

const byPg = (pair?: Pair, parts?: Parts) => (stage: Stage) =>
  stage.pg(client.pgConfig(bundleOf(stage.port, pair, parts)));
const byLibpq =
  (name: LineClientName, pair?: Pair, parts?: Parts, spoil?: (folder: string) => void) => (stage: Stage) => {
    const bundle = bundleOf(stage.port, pair, parts);
    return stage.by(name, client.libpqKeyValue(bundle, { directory: filesOf(bundle, spoil) }));
  };
/**
 * Logs in with a password (SCRAM). In the test that uses it, the server certificate comes from a CA with an Ed25519
 * key.
 */
const byScram = (name: LineClientName) => (stage: Stage) => {
  const target = { host: '127.0.0.1', port: stage.port, user: 'carol', database: 'postgres' };
  const bundle = client.clientBundle({ target, ca: edwards.certificate });
  return stage.by(name, `${client.libpqKeyValue(bundle, { directory: filesOf(bundle) })} password='open sesame'`);
};
/** Connects with libpq 18 and a further connection parameter. */
const demanding = (parameter: string) => (stage: Stage) => {
  const bundle = bundleOf(stage.port);
  return stage.by('libpq 18', `${client.libpqKeyValue(bundle, { directory: filesOf(bundle) })} ${parameter}`);
};
const byJdbc = (pair?: Pair, parts?: Parts) => (stage: Stage) => {
  const bundle = bundleOf(stage.port, pair, parts);
  const folder = filesOf(bundle);
  for (const file of client.jdbcFiles(bundle, folder)) writeFileSync(file.path, file.content(), { mode: file.mode });
  return stage.by('pgjdbc', client.jdbcUrl(bundle, { directory: folder }));
};
const byPostgresJs = (port?: number) => (stage: Stage) =>
  stage.postgresJs(client.postgresJsOptions(bundleOf(port ?? stage.port)));
const byBun = (port?: number) => (stage: Stage) =>
  stage.by('bun', JSON.stringify(client.bunSqlOptions(bundleOf(port ?? stage.port))));
/** Returns the functions that connect with each of the usual client programs, with the same certificate. */
const all = (pair?: Pair, parts?: Parts) => ({
  pg: byPg(pair, parts),
  'libpq 10': byLibpq('libpq 10', pair, parts),
  'libpq 18': byLibpq('libpq 18', pair, parts),
});
const byPgx = (pair?: Pair, parts?: Parts) => (stage: Stage) => {
  const bundle = bundleOf(stage.port, pair, parts);
  return stage.by('go', `pgx ${client.libpqKeyValue(bundle, { directory: filesOf(bundle) })}`);
};
const drivers = (parts?: Parts) => ({
  pg: byPg(undefined, parts),
  go: byLibpq('go', undefined, parts),
  'go, pgx': byPgx(undefined, parts),
  pgjdbc: byJdbc(undefined, parts),
});

/** The ports of programs that accept a connection, and then do not answer, or close or reset the connection. */
const silent = await listening(() => undefined);
const closing = await listening((socket) => socket.once('data', () => socket.end()));
const resetting = await listening((socket) => socket.once('data', () => socket.resetAndDestroy()));
/** The port of a web server, which answers each request that it does not understand. */
const web = await listening((socket) => socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')));

/** Starts a program that accepts connections, and returns its port. The program ends with this process. */
async function listening(accept: (socket: Socket) => unknown): Promise<number> {
  const program = createServer((socket) => {
    socket.on('error', () => undefined).unref();
    accept(socket);
  });
  await new Promise<void>((resolve) => program.listen(0, '127.0.0.1', resolve));
  program.unref();
  return (program.address() as AddressInfo).port;
}

function withFiles(files: ServerFiles): ServerState {
  return { files };
}
const hba = (rules: string): ServerState => withFiles({ 'pg_hba.conf': `local all all trust\n${rules}` });
const serverPair = (pair: Pair): ServerState => withFiles({ 'server.crt': pair.chain, 'server.key': pem(pair) });
const url = (port: number, query: string): string => `postgresql://alice@127.0.0.1:${port}/postgres?${query}`;
const serverOnly = (port: number, user = 'alice') =>
  client.clientBundle({ target: { host: '127.0.0.1', port, user, database: 'postgres' }, ca: root.certificate });

const inDatabase = (database: string): Parts => ({ target: { database } });

/** Connects with `pg` and a CRL with which the client checks the server certificate. */
const byPgWithCrl = (crl: string) => (stage: Stage) => {
  const config = client.pgConfig(bundleOf(stage.port));
  return stage.pg({ ...config, ssl: { ...config.ssl, crl } });
};
/** Connects with libpq and a file of CRLs with which the client checks the server certificate. */
const byLibpqWithCrl = (name: LineClientName, crl: string) => (stage: Stage) => {
  const directory = filesOf(bundleOf(stage.port), (folder) => writeFileSync(join(folder, 'root.crl'), crl));
  return stage.by(name, `${client.libpqKeyValue(bundleOf(stage.port), { directory })} sslcrl=${directory}/root.crl`);
};
const revokedServer = (await root.issueCrl({ revoked: [{ serialNumber: server.serialNumber }] })).crl;
const earlyCrl = await root.issueCrl({ validity: early });
const longServer = await longRoot.issueServerCertificate({
  hosts: ['127.0.0.1'],
  validity: { notAfter: new Date(Date.now() + day) },
});

const crlOfRoot = await root.issueCrl();
const crlOfLong = await longRoot.issueCrl();
const revoked = await root.issueCrl({ revoked: [{ serialNumber: alice.serialNumber }] });
const withCrl = (crl: string): ServerState => ({
  files: { 'root.crl': crl },
  conf: "ssl = on\nssl_ca_file = 'root.crt'\nssl_crl_file = 'root.crl'\n",
});

/** The faults that the tests provoke: at least one for each cause. */
export const scenes: readonly Scene[] = [
  {
    cause: 'key-mismatch',
    clients: {
      ...all({ ...alice, privateKey: bob.privateKey }),
      go: byLibpq('go', { ...alice, privateKey: bob.privateKey }),
      'go, pgx': byPgx({ ...alice, privateKey: bob.privateKey }),
    },
  },
  {
    cause: 'passphrase-wrong',
    clients: {
      pg: byPg({ ...alice, privateKey: encryptedKey }, { passphrase: 'wrong' }),
      'pg without one': (stage) =>
        stage.pg({
          ...client.pgConfig(bundleOf(stage.port)),
          ssl: { ca: root.certificate, cert: alice.chain, key: encryptedKey },
        }),
      'libpq 18': byLibpq('libpq 18', { ...alice, privateKey: encryptedKey }, { passphrase: 'wrong' }),
    },
  },
  {
    cause: 'key-file-mode',
    clients: Object.fromEntries(
      (['libpq 10', 'libpq 18', 'go'] as const).map((name) => [
        name,
        byLibpq(name, undefined, {}, (folder) => execFileSync('chmod', ['644', join(folder, 'postgresql.key')])),
      ]),
    ),
  },
  {
    cause: 'root-file-missing',
    clients: Object.fromEntries(
      (['libpq 10', 'libpq 18'] as const).map((name) => [
        name,
        byLibpq(name, undefined, {}, (folder) => execFileSync('rm', [join(folder, 'root.crt')])),
      ]),
    ),
  },
  {
    cause: 'client-file-missing',
    clients: {
      pg: async (stage) =>
        stage.pg({ connectionString: url(stage.port, 'sslmode=verify-full&sslcert=/nowhere/postgresql.crt') }),
      ...Object.fromEntries(
        (['libpq 10', 'libpq 18', 'go'] as const).map((name) => [
          name,
          byLibpq(name, undefined, {}, (folder) => execFileSync('rm', [join(folder, 'postgresql.key')])),
        ]),
      ),
      pgjdbc: (stage) =>
        stage.by('pgjdbc', client.jdbcUrl(bundleOf(stage.port), { directory: filesOf(bundleOf(stage.port)) })),
    },
  },
  { cause: 'client-file-permission', clients: unreadable('postgresql.key') },
  { cause: 'client-file-permission', clients: unreadable('postgresql.crt') },
  { cause: 'client-file-permission', clients: unreadable('root.crt') },
  { cause: 'client-file-damaged', clients: damaged('postgresql.crt', { chain: 'nothing' }) },
  { cause: 'client-file-damaged', clients: damaged('postgresql.key', { privateKey: 'nothing' }) },
  { cause: 'client-file-damaged', clients: damaged('postgresql.crt', { chain: pem(alice) }) },
  { cause: 'client-file-damaged', clients: damaged('postgresql.key', { privateKey: escaped(pem(alice)) }) },
  {
    cause: 'client-file-damaged',
    clients: Object.fromEntries(
      (['libpq 10', 'libpq 18'] as const).map((name) => [
        name,
        byLibpq(name, undefined, {}, (folder) => writeFileSync(join(folder, 'root.crt'), 'nothing\n')),
      ]),
    ),
  },
  {
    cause: 'jdbc-pem-key',
    clients: {
      pgjdbc: (stage) => {
        const bundle = bundleOf(stage.port);
        const folder = filesOf(bundle, (name) =>
          writeFileSync(join(name, 'postgresql.pk8'), bundle.privateKey(), { mode: 0o600 }),
        );
        return stage.by('pgjdbc', client.jdbcUrl(bundle, { directory: folder }));
      },
    },
  },
  {
    cause: 'jdbc-encrypted-pk8',
    clients: {
      pgjdbc: (stage) => {
        const bundle = bundleOf(stage.port);
        const der = Buffer.from(encryptedKey.replace(/-----.*-----/g, ''), 'base64');
        const folder = filesOf(bundle, (name) => writeFileSync(join(name, 'postgresql.pk8'), der, { mode: 0o600 }));
        return stage.by('pgjdbc', `${client.jdbcUrl(bundle, { directory: folder })}&sslpassword=open%20sesame`);
      },
    },
  },
  { cause: 'jdbc-pkcs12-passphrase', clients: { pgjdbc: byPkcs12({ passphrase: 'wrong' }) } },
  {
    cause: 'url-parameters-sent',
    server: hba('host all all 127.0.0.1/32 trust\n'),
    clients: { 'postgres.js': (stage) => stage.postgresJs(url(stage.port, 'sslrootcert=/etc/root.crt')) },
  },
  {
    cause: 'connection-parameter-invalid',
    clients: {
      'libpq 10': (stage) => stage.by('libpq 10', `host=127.0.0.1 port=${stage.port} sslmode=verify_full`),
      'libpq 18': demanding('sslmode=verify_full'),
      'libpq 18, system roots': demanding('sslrootcert=system sslmode=require'),
      'libpq 18, binding': demanding('channel_binding=on'),
      go: (stage) => stage.by('go', `host=127.0.0.1 port=${stage.port} sslmode=verify_full`),
      'go, pgx': (stage) => stage.by('go', `pgx host=127.0.0.1 port=${stage.port} sslmode=verify_full`),
      pgjdbc: (stage) => stage.by('pgjdbc', `jdbc:postgresql://127.0.0.1:${stage.port}/a?sslmode=verify_full`),
    },
  },
  { cause: 'certificate-weak', clients: { pg: byPg(weak), 'libpq 18': byLibpq('libpq 18', weak) } },
  {
    cause: 'ssl-options-replaced',
    server: withFiles({ 'server.crt': server.chain + root.certificate }),
    clients: {
      pg: (stage) =>
        stage.pg({
          ssl: client.pgConfig(bundleOf(stage.port)).ssl,
          connectionString: url(stage.port, 'sslmode=verify-full'),
        }),
    },
  },
  {
    cause: 'server-issuer-unknown',
    clients: {
      'libpq 10': byLibpq('libpq 10', undefined, { ca: stranger.certificate }),
      'libpq 18': byLibpq('libpq 18', undefined, { ca: stranger.certificate }),
      go: byLibpq('go', undefined, { ca: stranger.certificate }),
      'go, pgx': byPgx(undefined, { ca: stranger.certificate }),
      pgjdbc: byJdbc(undefined, { ca: stranger.certificate }),
    },
  },
  {
    cause: 'server-issuer-unknown',
    server: { conf: 'ssl = on\n', files: { 'pg_hba.conf': 'local all all trust\nhostssl all all all trust\n' } },
    clients: { pg: byPg(undefined, { ca: stranger.certificate }) },
  },
  { cause: 'server-certificate-expired', server: serverPair(expiredServer), clients: { ...drivers() } },
  {
    cause: 'server-certificate-expired',
    needsLog: true,
    server: serverPair(expiredServer),
    clients: { 'libpq 18': byLibpq('libpq 18') },
  },
  { cause: 'server-certificate-not-yet-valid', server: serverPair(earlyServer), clients: { ...drivers() } },
  { cause: 'server-certificate-purpose', server: serverPair(asClient), clients: { ...drivers() } },
  {
    cause: 'server-certificate-purpose',
    needsLog: true,
    server: serverPair(asClient),
    clients: { 'libpq 18': byLibpq('libpq 18') },
  },
  {
    cause: 'host-checked-as-localhost',
    server: serverPair(await root.issueServerCertificate({ hosts: ['127.0.0.1'] })),
    clients: {
      'postgres.js': (stage) => {
        const { ssl, ...options } = client.postgresJsOptions(bundleOf(stage.port));
        const { host: _, ...withoutHost } = ssl;
        return stage.postgresJs({ ...options, ssl: withoutHost });
      },
    },
  },
  {
    cause: 'host-not-covered',
    server: serverPair(await root.issueServerCertificate({ hosts: ['db.example.com'] })),
    clients: { ...all(), ...drivers() },
  },
  {
    cause: 'client-certificate-missing',
    clients: {
      pg: (stage) => stage.pg(client.pgConfig(serverOnly(stage.port))),
      'libpq 18': (stage) =>
        stage.by(
          'libpq 18',
          client.libpqKeyValue(serverOnly(stage.port), { directory: filesOf(serverOnly(stage.port)) }),
        ),
    },
  },
  { cause: 'server-certificate-revoked', clients: { pg: byPgWithCrl(revokedServer) } },
  {
    cause: 'server-certificate-revoked',
    needsLog: true,
    clients: {
      'libpq 10': byLibpqWithCrl('libpq 10', revokedServer),
      'libpq 18': byLibpqWithCrl('libpq 18', revokedServer),
    },
  },
  { cause: 'client-crl-missing', clients: { pg: byPgWithCrl(crlOfLong.crl) } },
  { cause: 'client-crl-missing', clients: { pg: byPgWithCrl(await crlOfNamesake()) } },
  { cause: 'client-crl-expired', server: serverPair(longServer), clients: { pg: byPgWithCrl(await expiredCrl()) } },
  { cause: 'client-crl-not-yet-valid', clients: { pg: byPgWithCrl(earlyCrl.crl) } },
  { cause: 'client-crl-damaged', clients: { pg: byPgWithCrl('nothing') } },
  { cause: 'client-certificate-withheld', clients: { pgjdbc: byPkcs12({ name: 'alice' }) } },
  { cause: 'user-not-named', clients: all(bob) },
  { cause: 'user-not-named', needsLog: true, clients: all(bob) },
  {
    cause: 'map-without-match',
    needsLog: true,
    server: withFiles({
      'pg_hba.conf': 'local all all trust\nhostssl all all all cert map=m\n',
      'pg_ident.conf': 'm bob alice\n',
    }),
    clients: all(),
  },
  {
    cause: 'certificate-name-and-password',
    needsLog: true,
    since: 12,
    server: hba('hostssl all all all scram-sha-256 clientcert=verify-full\n'),
    clients: {
      pg: (stage) =>
        stage.pg({
          ...client.pgConfig(bundleOf(stage.port, bob, { target: { user: 'carol' } })),
          password: 'open sesame',
        }),
    },
  },
  { cause: 'client-issuer-unknown', clients: all(strangeAlice) },
  { cause: 'client-issuer-unknown', needsLog: true, clients: all({ ...middleAlice, chain: middleAlice.certificate }) },
  { cause: 'crl-missing', needsLog: true, since: 15, server: withCrl(crlOfLong.crl), clients: all() },
  {
    cause: 'crl-expired',
    needsLog: true,
    since: 15,
    server: withCrl(await expiredCrl()),
    clients: all(
      await longRoot.issueClientCertificate({ user: 'alice', validity: { notAfter: new Date(Date.now() + day) } }),
    ),
  },
  {
    cause: 'crl-not-yet-valid',
    needsLog: true,
    since: 15,
    server: withCrl(earlyCrl.crl),
    clients: all(),
  },
  { cause: 'client-certificate-expired', clients: all(expiredAlice) },
  { cause: 'client-certificate-expired', needsLog: true, since: 15, clients: all(expiredAlice) },
  { cause: 'client-certificate-not-yet-valid', clients: all(earlyAlice) },
  { cause: 'client-certificate-not-yet-valid', needsLog: true, clients: all(earlyAlice) },
  { cause: 'client-certificate-revoked', server: withCrl(revoked.crl + crlOfRoot.crl), clients: all() },
  { cause: 'client-certificate-purpose', clients: all(aliceAsServer) },
  { cause: 'client-certificate-purpose', needsLog: true, clients: all(aliceAsServer) },
  {
    cause: 'role-missing',
    clients: { pg: (stage) => stage.pg({ ...client.pgConfig(bundleOf(stage.port, nobody)), user: 'nobody' }) },
  },
  {
    cause: 'role-without-login',
    clients: all(await root.issueClientCertificate({ user: 'staff' }), { target: { user: 'staff' } }),
  },
  { cause: 'database-missing', clients: { ...all(alice, inDatabase('nowhere')), ...drivers(inDatabase('nowhere')) } },
  { cause: 'database-closed', clients: { ...all(alice, inDatabase('shut')), ...drivers(inDatabase('shut')) } },
  { cause: 'database-permission', clients: { ...all(alice, inDatabase('closed')), ...drivers(inDatabase('closed')) } },
  {
    cause: 'connections-exhausted',
    clients: all(await root.issueClientCertificate({ user: 'full' }), { target: { user: 'full' } }),
  },
  {
    cause: 'no-rule-without-tls',
    clients: {
      pg: (stage) => stage.pg({ host: '127.0.0.1', user: 'alice', database: 'postgres' }),
      'libpq 18': (stage) =>
        stage.by('libpq 18', `host=127.0.0.1 port=${stage.port} user=alice dbname=postgres sslmode=disable`),
      pgjdbc: (stage) =>
        stage.by('pgjdbc', `jdbc:postgresql://127.0.0.1:${stage.port}/postgres?user=alice&sslmode=disable`),
    },
  },
  { cause: 'no-rule-with-tls', server: hba('hostssl other all all cert\n'), clients: { ...all(), ...drivers() } },
  { cause: 'rejected-by-rule', server: hba('host all all all reject\n'), clients: { ...all(), ...drivers() } },
  {
    cause: 'password-wrong',
    server: hba('hostssl all all all scram-sha-256\n'),
    clients: {
      pg: (stage) => stage.pg({ ...client.pgConfig(serverOnly(stage.port, 'carol')), password: 'wrong' }),
      'libpq 18': (stage) =>
        stage.by('libpq 18', `host=127.0.0.1 port=${stage.port} user=carol dbname=postgres password=wrong`),
      // If these two drivers have no password, they send an empty one.
      go: (stage) => stage.by('go', `host=127.0.0.1 port=${stage.port} user=carol dbname=postgres sslmode=require`),
      'go, pgx': (stage) =>
        stage.by('go', `pgx host=127.0.0.1 port=${stage.port} user=carol dbname=postgres sslmode=require`),
    },
  },
  {
    cause: 'password-expired',
    server: hba('hostssl all all all scram-sha-256\n'),
    needsLog: true,
    clients: {
      pg: (stage) => stage.pg({ ...client.pgConfig(serverOnly(stage.port, 'dora')), password: 'open sesame' }),
      'libpq 18': (stage) =>
        stage.by(
          'libpq 18',
          `host=127.0.0.1 port=${stage.port} user=dora dbname=postgres sslmode=require password='open sesame'`,
        ),
    },
  },
  ...(['', ' map=m'] as const).flatMap((map) =>
    [false, true].map(
      (needsLog): Scene => ({
        cause: 'system-user-refused',
        needsLog,
        server: withFiles({
          'pg_hba.conf': `local all alice peer${map}\nlocal all all trust\nhost all all all ident${map}\n`,
          'pg_ident.conf': 'm nobody carol\n',
        }),
        clients: {
          'libpq 18': (stage) =>
            stage.by('libpq 18', `host=${stage.socketDirectory} port=${stage.port} user=alice dbname=postgres`),
          pg: (stage) => stage.pg({ host: stage.socketDirectory, user: 'alice', database: 'postgres' }),
          'pg, ident': (stage) => stage.pg({ host: '127.0.0.1', user: 'alice', database: 'postgres' }),
        },
      }),
    ),
  ),
  {
    cause: 'password-missing',
    server: hba('hostssl all all all scram-sha-256\n'),
    clients: {
      pg: (stage) => stage.pg(client.pgConfig(serverOnly(stage.port, 'carol'))),
      ...Object.fromEntries(
        (['libpq 10', 'libpq 18'] as const).map((name) => [
          name,
          (stage: Stage) =>
            stage.by(name, `host=127.0.0.1 port=${stage.port} user=carol dbname=postgres sslmode=require`),
        ]),
      ),
      pgjdbc: (stage) =>
        stage.by('pgjdbc', `jdbc:postgresql://127.0.0.1:${stage.port}/postgres?user=carol&sslmode=require`),
    },
  },
  {
    cause: 'password-file-mode',
    server: hba('hostssl all all all scram-sha-256\n'),
    clients: { psql: psqlWithOpenPasswordFile },
  },
  {
    cause: 'server-without-tls',
    server: { conf: 'ssl = off\n' },
    clients: { ...all(), ...drivers(), 'postgres.js': byPostgresJs(), bun: byBun() },
  },
  {
    cause: 'server-without-tls',
    needsLog: true,
    server: { conf: 'ssl = off\n' },
    clients: { 'postgres.js': byPostgresJs() },
  },
  {
    cause: 'server-without-tls',
    needsConfiguration: true,
    server: { conf: 'ssl = off\n' },
    clients: { 'libpq 18': demanding('sslmode=prefer') },
  },
  {
    cause: 'setting-hidden',
    needsConfiguration: true,
    server: withFiles({ 'postgresql.auto.conf': 'ssl = off\n' }),
    clients: { ...all(), ...drivers(), 'libpq 18, prefer': demanding('sslmode=prefer') },
  },
  {
    cause: 'setting-hidden',
    needsConfiguration: true,
    server: withFiles({ 'postgresql.auto.conf': "ssl_ca_file = ''\n" }),
    clients: { pg: byPg() },
  },
  {
    cause: 'tls-over-socket',
    needsConfiguration: true,
    clients: {
      pg: (stage) => stage.pg({ ...client.pgConfig(bundleOf(stage.port)), host: stage.socketDirectory }),
    },
  },
  { cause: 'ca-file-unset', server: { conf: 'ssl = on\n' }, clients: { pg: byPg() } },
  // The server ignores ssl_ca_file.
  { cause: 'ca-file-unset', since: 19, server: withHosts('* server.crt server.key\n'), clients: { pg: byPg() } },
  {
    cause: 'host-without-record',
    since: 19,
    server: withHosts('db.example.com server.crt server.key root.crt\n'),
    clients: {
      'libpq 18': byLibpq('libpq 18', alice, { target: { host: 'localhost' } }),
      pg: byPg(undefined, { target: { host: 'localhost' } }),
      go: byLibpq('go', undefined, { target: { host: 'localhost' } }),
      'go, pgx': byPgx(undefined, { target: { host: 'localhost' } }),
    },
  },
  {
    // No client sends an IP address as host name, Java sends no name without a dot, and libpq 10 sends none at all.
    cause: 'host-without-record',
    since: 19,
    needsLog: true,
    server: withHosts('localhost server.crt server.key root.crt\n'),
    clients: { ...all(), pgjdbc: byJdbc(undefined, { target: { host: 'localhost' } }) },
  },
  {
    cause: 'tls-version-not-shared',
    since: 12,
    server: { conf: "ssl = on\nssl_ca_file = 'root.crt'\nssl_min_protocol_version = 'TLSv1.3'\n" },
    clients: {
      pg: (stage) =>
        stage.pg({
          ...client.pgConfig(bundleOf(stage.port)),
          ssl: { ...client.pgConfig(bundleOf(stage.port)).ssl, maxVersion: 'TLSv1.2' },
        }),
      'libpq 18': demanding('ssl_max_protocol_version=TLSv1.2'),
    },
  },
  {
    cause: 'tls-version-range-empty',
    since: 13,
    server: {
      conf: `${goodState.conf}ssl_min_protocol_version = 'TLSv1.3'\nssl_max_protocol_version = 'TLSv1.2'\n`,
    },
  },
  {
    cause: 'tls-version-range-empty',
    clients: { 'libpq 18': demanding('ssl_min_protocol_version=TLSv1.3 ssl_max_protocol_version=TLSv1.2') },
  },
  {
    cause: 'key-kind-not-shared',
    server: serverPair(p521Server),
    clients: {
      pg: (stage) =>
        stage.pg({
          ...client.pgConfig(bundleOf(stage.port)),
          ssl: {
            ...client.pgConfig(bundleOf(stage.port)).ssl,
            maxVersion: 'TLSv1.2',
            sigalgs: 'ECDSA+SHA256',
            ecdhCurve: 'P-256',
          },
        }),
      'pg, TLS 1.3': (stage) =>
        stage.pg({
          ...client.pgConfig(bundleOf(stage.port)),
          ssl: { ...client.pgConfig(bundleOf(stage.port)).ssl, sigalgs: 'ECDSA+SHA256' },
        }),
    },
  },
  {
    cause: 'channel-binding-digest',
    since: 11,
    server: {
      files: {
        ...serverPair(edwardsServer).files,
        'pg_hba.conf': 'local all all trust\nhostssl all all all scram-sha-256\n',
      },
    },
    clients: {
      'libpq 15': byScram('libpq 15'),
      'libpq 18': byScram('libpq 18'),
    },
  },
  {
    cause: 'client-demand-unmet',
    clients: {
      'libpq 18, channel binding': demanding('channel_binding=require'),
      'libpq 18, method': demanding('require_auth=scram-sha-256'),
    },
  },
  {
    cause: 'gss-encryption-demanded',
    clients: {
      psql: async ({ port }) =>
        spawnSync('psql', ['-Xwd', `host=127.0.0.1 port=${port} user=alice dbname=postgres gssencmode=require`], {
          encoding: 'utf8',
        }).stderr,
    },
  },
  {
    cause: 'client-file-damaged',
    clients: { 'libpq 18, key': demanding('sslkey=/etc') },
  },
  {
    cause: 'not-tls',
    clients: {
      pg: (stage) => withPlainServer((port) => stage.pg({ ...client.pgConfig(bundleOf(port)) })),
      'libpq 18': (stage) =>
        withPlainServer((port) => stage.by('libpq 18', `host=127.0.0.1 port=${port} user=alice sslmode=require`)),
    },
  },
  {
    cause: 'not-tls',
    // The scene needs no server.
    since: 18,
    clients: {
      pg: (stage) => stage.pg({ ...client.pgConfig(bundleOf(web)) }),
      'libpq 10': (stage) => stage.by('libpq 10', `host=127.0.0.1 port=${web} sslmode=require`),
      'libpq 18': (stage) => stage.by('libpq 18', `host=127.0.0.1 port=${web} sslmode=require`),
      go: (stage) => stage.by('go', `host=127.0.0.1 port=${web} sslmode=require`),
      'go, pgx': (stage) => stage.by('go', `pgx host=127.0.0.1 port=${web} sslmode=require`),
      pgjdbc: (stage) => stage.by('pgjdbc', `jdbc:postgresql://127.0.0.1:${web}/a?sslmode=require`),
    },
  },
  ...['GET / HTTP/1.1\r\n\r\n', 'PROXY TCP4 10.0.0.1 10.0.0.2 1 2\r\n'].map(
    (text): Scene => ({ cause: 'not-tls', logAlone: true, clients: { 'plain text': ({ port }) => talk(port, text) } }),
  ),
  {
    cause: 'host-unknown',
    clients: {
      ...all(alice, { target: { host: 'db.invalid' } }),
      ...drivers({ target: { host: 'db.invalid' } }),
    },
  },
  {
    cause: 'server-not-reached',
    clients: {
      pg: (stage) => stage.pg({ ...client.pgConfig(bundleOf(1)) }),
      'libpq 18': (stage) => stage.by('libpq 18', 'host=127.0.0.1 port=1 user=alice'),
      go: (stage) => stage.by('go', 'host=127.0.0.1 port=1 user=alice'),
      'go, pgx': (stage) => stage.by('go', 'pgx host=127.0.0.1 port=1 user=alice'),
      pgjdbc: (stage) => stage.by('pgjdbc', 'jdbc:postgresql://127.0.0.1:1/a?user=alice'),
      'postgres.js': byPostgresJs(1),
      bun: byBun(1),
    },
  },
  ...[{ port: String(silent) }, { listen_addresses: '192.0.2.1' }].map(
    (settings): Scene => ({
      cause: 'server-not-reached',
      logAlone: true,
      clients: { 'the program of the server': (stage) => stage.failToStart(settings) },
    }),
  ),
  {
    cause: 'server-not-ready',
    clients: Object.fromEntries(
      Object.entries({ ...all(), ...drivers(), 'postgres.js': byPostgresJs(), bun: byBun() }).map(([name, connect]) => [
        name,
        (stage: Stage) => stage.whileShuttingDown(() => connect(stage)),
      ]),
    ),
  },
  {
    cause: 'server-not-answering',
    // The scene needs no server, and takes seconds.
    since: 18,
    clients: {
      pg: (stage) => stage.pg({ ...client.pgConfig(bundleOf(silent)), connectionTimeoutMillis: 500 }),
      'postgres.js': (stage) => stage.postgresJs(url(silent, 'sslmode=require'), { connect_timeout: 1 }),
      bun: byBun(silent),
      'libpq 10': (stage) => stage.by('libpq 10', `host=127.0.0.1 port=${silent} connect_timeout=2`),
      'libpq 18': (stage) => stage.by('libpq 18', `host=127.0.0.1 port=${silent} connect_timeout=2`),
      go: (stage) => stage.by('go', `host=127.0.0.1 port=${silent} connect_timeout=1`),
      'go, pgx': (stage) => stage.by('go', `pgx host=127.0.0.1 port=${silent} connect_timeout=1`),
      pgjdbc: (stage) => stage.by('pgjdbc', `jdbc:postgresql://127.0.0.1:${silent}/a?loginTimeout=1`),
      'pgjdbc, socketTimeout': (stage) => stage.by('pgjdbc', `jdbc:postgresql://127.0.0.1:${silent}/a?socketTimeout=1`),
    },
  },
  ...[closing, resetting].map(
    (port): Scene => ({
      cause: 'connection-closed',
      since: 18,
      clients: {
        pg: (stage) => stage.pg({ ...client.pgConfig(bundleOf(port)) }),
        'libpq 10': (stage) => stage.by('libpq 10', `host=127.0.0.1 port=${port} sslmode=require`),
        'libpq 18': (stage) => stage.by('libpq 18', `host=127.0.0.1 port=${port} sslmode=require`),
        go: (stage) => stage.by('go', `host=127.0.0.1 port=${port} sslmode=require`),
        'go, pgx': (stage) => stage.by('go', `pgx host=127.0.0.1 port=${port} sslmode=require`),
        pgjdbc: (stage) => stage.by('pgjdbc', `jdbc:postgresql://127.0.0.1:${port}/a?sslmode=require`),
        bun: byBun(port),
        // postgres.js does not end if the other side closes the connection without an answer.
        ...(port === resetting ? { 'postgres.js': byPostgresJs(port) } : {}),
      },
    }),
  ),
  {
    cause: 'server-not-trusted-by-client',
    logAlone: true,
    server: serverPair(await root.issueServerCertificate({ hosts: ['db.example.com'] })),
    // libpq and pgjdbc compare the host after the handshake, and the server logs nothing.
    clients: {
      pg: byPg(),
      go: byLibpq('go'),
      'go, pgx': byPgx(),
      'pgjdbc, with another root': (stage) => byJdbc(undefined, { ca: stranger.certificate })(stage),
    },
  },
  { cause: 'server-key-file-mode', server: withFiles({ 'server.key': { content: pem(server), mode: 0o644 } }) },
  {
    cause: 'server-key-file-owner',
    server: { ...withFiles({ 'server.key': { content: pem(server), mode: 0o644 } }), keyOwner: 1 },
  },
  {
    cause: 'server-key-file-owner',
    server: { ...withFiles({ 'server.key': { content: pem(server), mode: 0o600 } }), keyOwner: 1 },
  },
  {
    cause: 'server-file-permission',
    server: { ...withFiles({ 'server.key': { content: pem(server), mode: 0o600 } }), keyOwner: 0 },
  },
  { cause: 'server-file-missing', server: { conf: "ssl = on\nssl_cert_file = 'nowhere.crt'\n" } },
  { cause: 'server-file-missing', server: { conf: "ssl = on\nssl_ca_file = 'nowhere.crt'\n" } },
  { cause: 'server-file-missing', server: { conf: `${goodState.conf}ssl_dh_params_file = 'nowhere.pem'\n` } },
  {
    cause: 'server-file-missing',
    since: 14,
    server: {
      files: { 'crls/empty': '' },
      conf: `${goodState.conf}ssl_crl_file = 'nowhere.crl'\nssl_crl_dir = 'crls'\n`,
    },
  },
  { cause: 'server-file-permission', server: withFiles({ 'server.crt': { content: server.chain, mode: 0 } }) },
  { cause: 'server-file-permission', server: withFiles({ 'root.crt': { content: root.certificate, mode: 0 } }) },
  { cause: 'server-key-mismatch', server: withFiles({ 'server.key': bob.privateKey.toPem() }) },
  {
    cause: 'server-key-encrypted',
    server: withFiles({ 'server.key': await server.privateKey.toEncryptedPem('open sesame') }),
  },
  {
    // The server keeps its old certificate, because it may not call the command for a reload.
    cause: 'server-key-encrypted',
    since: 11,
    server: {
      files: { 'server.key': await server.privateKey.toEncryptedPem('open sesame') },
      conf: `${goodState.conf}ssl_passphrase_command = 'echo open sesame'\n`,
    },
  },
  { cause: 'server-certificate-weak', server: serverPair(weak) },
  { cause: 'server-file-damaged', server: withFiles({ 'server.crt': 'nothing\n' }) },
  { cause: 'server-file-damaged', server: withFiles({ 'root.crt': 'nothing\n' }) },
  { cause: 'hba-refused', server: hba('hostssl all all all certs\n') },
  { cause: 'hosts-refused', since: 19, server: withHosts('localhost server.crt\n') },
  { cause: 'conf-refused', server: { conf: `${goodState.conf}ssl_ciphers = 'HIGH\n` } },
  { cause: 'conf-refused', server: { conf: `${goodState.conf}log_min_messages = loud\n` } },
];

/** The state of a server (19) with a pg_hosts.conf. */
function withHosts(records: string): ServerState {
  return { files: { 'pg_hosts.conf': records }, conf: `${goodState.conf}ssl_sni = on\n` };
}

/**
 * Asks the server for TLS, sends a text instead of a handshake, and returns the text when the server has closed the
 * connection.
 */
async function talk(port: number, text: string): Promise<string> {
  const socket = createConnection(port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write(Buffer.of(0, 0, 0, 8, 4, 210, 22, 47));
  socket.once('data', () => socket.write(text));
  await new Promise((resolve) => socket.once('close', resolve));
  return text;
}

/** Runs psql with a password file that its group and others can read, and returns the text of the errors. */
async function psqlWithOpenPasswordFile({ port }: Stage): Promise<string> {
  const file = join(temporaryFolder(), 'pgpass');
  writeFileSync(file, '*:*:*:*:open sesame\n');
  chmodSync(file, 0o644);
  const connection = `host=127.0.0.1 port=${port} user=carol dbname=postgres sslmode=require passfile='${file}'`;
  return spawnSync('psql', ['-Xwd', connection], { encoding: 'utf8' }).stderr;
}

function byPkcs12({ passphrase = 'open sesame', name }: { passphrase?: string; name?: string }) {
  return async (stage: Stage) => {
    const bundle = bundleOf(stage.port);
    const folder = filesOf(bundle);
    const key = await PrivateKey.read(bundle.privateKey());
    const file = await createPkcs12({
      certificates: bundle.certificate,
      privateKey: key,
      passphrase: 'open sesame',
      ...(name === undefined ? {} : { alias: name }),
    });
    writeFileSync(join(folder, 'app.p12'), file, { mode: 0o600 });
    return stage.by('pgjdbc', client.jdbcUrl(bundle, { directory: folder, pkcs12: { name: 'app.p12', passphrase } }));
  };
}

/**
 * Returns an RSA key of 512 bits and its certificate, issued by the root. They are made with openssl, because this
 * library makes no such keys.
 */
function weakPair(): Pair {
  const folder = temporaryFolder();
  const at = (name: string): string => join(folder, name);
  writeFileSync(at('ca.crt'), root.certificate);
  writeFileSync(at('ca.key'), root.privateKey.toPem());
  const openssl = (...parameters: readonly string[]) =>
    execFileSync('openssl', parameters, { cwd: folder, stdio: 'pipe' });
  openssl('req', '-new', '-newkey', 'rsa:512', '-nodes', '-keyout', 'key', '-out', 'request', '-subj', '/CN=alice');
  openssl(
    'x509',
    '-req',
    '-in',
    'request',
    '-CA',
    'ca.crt',
    '-CAkey',
    'ca.key',
    '-CAcreateserial',
    '-days',
    '1',
    '-out',
    'crt',
  );
  return { chain: readFileSync(at('crt'), 'utf8'), privateKey: readFileSync(at('key'), 'utf8') };
}

/**
 * Returns an encrypted key, for which Node says that each wrong passphrase is wrong. With one of 256 keys, the bytes
 * that a wrong passphrase decrypts have valid padding, and Node then says that it does not support the key.
 */
async function keyWithoutLuckyPadding(): Promise<string> {
  for (;;) {
    const key = await alice.privateKey.toEncryptedPem('open sesame');
    const isLucky = ['wrong', ''].some((passphrase) => {
      try {
        createPrivateKey({ key, passphrase });
        return true;
      } catch (error) {
        return (error as { code?: string }).code === 'ERR_OSSL_UNSUPPORTED';
      }
    });
    if (!isLucky) return key;
  }
}

/** The clients that connect with a certificate or key that is not PEM, in `pg` as contents, otherwise as a file. */
function damaged(name: string, parts: Partial<Pair>): NonNullable<Scene['clients']> {
  const { chain, privateKey } = { ...alice, ...parts };
  const content = name === 'postgresql.crt' ? chain : pem({ chain, privateKey });
  return {
    pg: (stage) =>
      stage.pg({
        ...client.pgConfig(bundleOf(stage.port)),
        ssl: { ca: root.certificate, cert: chain, key: pem({ chain, privateKey }) },
      }),
    ...Object.fromEntries(
      (['libpq 10', 'libpq 18', 'go'] as const).map((from) => [
        from,
        byLibpq(from, undefined, {}, (folder) => writeFileSync(join(folder, name), content, { mode: 0o600 })),
      ]),
    ),
  };
}

/** The programs that connect with a file that their account may not read. */
function unreadable(name: string): NonNullable<Scene['clients']> {
  const spoil = (folder: string): void => {
    chmodSync(join(folder, name), 0);
    if (serverAccount === undefined) return;
    for (const file of readdirSync(folder)) chownSync(join(folder, file), serverAccount.uid, serverAccount.gid);
  };
  return {
    'pg of another account': (stage) => {
      const folder = filesOf(bundleOf(stage.port), spoil);
      const files = `sslcert=${folder}/postgresql.crt&sslkey=${folder}/postgresql.key&sslrootcert=${folder}/root.crt`;
      return stage.by('pg of another account', url(stage.port, `sslmode=verify-full&${files}`));
    },
    ...Object.fromEntries(
      (['libpq 10 of another account', 'libpq 18 of another account'] as const).map((from) => [
        from,
        byLibpq(from, undefined, {}, spoil),
      ]),
    ),
  };
}

/** A PEM text in which each line break is a backslash and an n, as in a variable of the environment. */
function escaped(text: string): string {
  return text.replaceAll('\n', '\\n');
}

/** Issues a CRL of another CA with the name of the root, whose signature the key of the root does not verify. */
async function crlOfNamesake(): Promise<string> {
  const namesake = await CertificateAuthority.create({ subject: 'CN=Root' });
  return (await namesake.issueCrl()).crl;
}

async function expiredCrl(): Promise<string> {
  const issued = await longRoot.issueCrl({ validity: { days: 1 } });
  return issued.crl;
}

/** Runs a server that accepts the request for TLS, and then answers in plain text. */
async function withPlainServer<T>(use: (port: number) => Promise<T>): Promise<T> {
  const plain = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => {
      socket.write('S');
      socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    });
  });
  await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve));
  try {
    return await use((plain.address() as { port: number }).port);
  } finally {
    plain.close();
  }
}
