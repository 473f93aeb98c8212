import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import * as client from '../../src/client/index.ts';
import { CertificateAuthority } from '../../src/pki/index.ts';
import { forEachMajor, startServer, type TestServer, temporaryFolder } from '../server/index.ts';
import type { MatrixClient, Parts } from './matrix/client.ts';
import { driverClients } from './matrix/driver-clients.ts';
import { libpqClients } from './matrix/libpq-clients.ts';
import { nodeClients } from './matrix/node-clients.ts';

const clients: readonly MatrixClient[] = [...nodeClients, ...libpqClients, ...driverClients];

/** A role name with all characters that connection strings and configurations must quote, in at most 63 bytes. */
const user = `zoë o'b, x+\\y="z": #%41?/&@`;
/**
 * The other parts of a connection, with all characters that need quoting. If a view refuses a character, the test
 * removes that character from the part.
 */
const hostile: Parts = {
  database: `my 'd\\b': "x" #%41é?/+&=@,;{}`,
  directory: `o'd\\ "d" #%41é?+&=@,;{}`,
  passphrase: `o'p\\en "ses:ame" 100% %41 #é?/+&=@,;{}`,
};

/** The code of the error for an IPv6 address, for the clients that cannot connect to one. */
const unableIPv6: Readonly<Record<string, string>> = {
  'postgres.js': 'connection-not-expressible',
  slonik: 'ENOTFOUND',
};

const authority = await CertificateAuthority.create({ subject: 'CN=Authority' });
const issuedServer = await authority.issueServerCertificate({ hosts: ['localhost', '127.0.0.1', '::1'] });
const issuedClient = await authority.issueClientCertificate({ user });

forEachMajor([10, 18, 19], (major) => {
  let server: TestServer;
  const created = new Set<string>();

  before(async () => {
    server = await startServer({
      major,
      hba: 'local all all trust\nhostssl all all 127.0.0.1/32 cert\nhostssl all all ::1/128 cert\n',
      settings: { listen_addresses: '127.0.0.1,::1' },
      conf: "ssl = on\nssl_ca_file = 'root.crt'\n",
      files: {
        'server.key': issuedServer.privateKey.toPem(),
        'server.crt': issuedServer.chain,
        'root.crt': authority.certificate,
      },
    });
    await server.query(`create role ${quoted(user)} login`);
  });
  after(() => server.remove());

  /**
   * Creates a database, unless it exists already. Clients whose views refuse the same characters use the same database.
   */
  async function createDatabase(name: string): Promise<void> {
    if (created.has(name)) return;
    created.add(name);
    await server.query(`create database ${quoted(name)}`);
  }

  /**
   * Returns the bundle of a client, and the path of its directory with `root.crt`, `postgresql.crt` and
   * `postgresql.key`.
   */
  async function prepare(parts: Parts, isEncrypted: boolean): Promise<readonly [client.ClientBundle, string]> {
    const { database, passphrase } = parts;
    const { chain, privateKey } = issuedClient;
    const bundle = client.clientBundle({
      target: { host: '127.0.0.1', port: server.port, user, database },
      ca: authority.certificate,
      certificate: chain,
      ...(isEncrypted ? { privateKey: await privateKey.toEncryptedPem(passphrase), passphrase } : { privateKey }),
    });
    const directory = join(temporaryFolder(), parts.directory);
    mkdirSync(directory, { recursive: true });
    for (const file of client.libpqFiles(bundle, directory)) {
      writeFileSync(file.path, file.content(), { mode: file.mode });
    }
    return [bundle, directory];
  }

  for (const { name, skip, encrypted, refused = {}, misread = /$^/g, ask } of clients) {
    test(`${name} connects with hostile names${encrypted ? ' and an encrypted key' : ''}`, { skip }, async () => {
      const kept = (part: keyof Parts): string => hostile[part].replaceAll(refused[part] ?? /$^/g, '');
      const database = kept('database').replaceAll(misread, '');
      const parts = { database, directory: kept('directory'), passphrase: kept('passphrase') };
      await createDatabase(database);
      for (const isEncrypted of encrypted ? [false, true] : [false]) {
        assert.equal(await ask(...(await prepare(parts, isEncrypted))), `${user} @ ${database}`);
      }
      for (const [part, characters] of Object.entries(refused)) {
        for (const character of new Set(hostile[part as keyof Parts].match(characters))) {
          const [bundle, directory] = await prepare({ ...parts, [part]: `a${character}b` }, part === 'passphrase');
          const isRefused = { code: 'connection-not-expressible' };
          await assert.rejects(async () => ask(bundle, directory), isRefused, `${part} with ${character}`);
        }
      }
    });
  }

  test('one bundle serves several drivers one after the other', { skip: nodeClients[0]!.skip }, async () => {
    await createDatabase(hostile.database);
    const [bundle, directory] = await prepare(hostile, false);
    for (const { refused, ask } of [...nodeClients.slice(0, 3), nodeClients[0]!]) {
      assert.equal(refused, undefined);
      assert.equal(await ask(bundle, directory), `${user} @ ${hostile.database}`);
    }
  });

  test('pg and postgres.js check the name of a server that they reach by its address', {
    skip: nodeClients[0]!.skip,
  }, async () => {
    await createDatabase(hostile.database);
    const [made, directory] = await prepare(hostile, false);
    for (const { ask } of nodeClients.slice(0, 2)) {
      await ask(toHost(made, 'localhost', '127.0.0.1'), directory);
      const wrong = toHost(made, 'wrong.example', '127.0.0.1');
      await assert.rejects(ask(wrong, directory), { code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
    }
  });

  for (const { name, skip, ask } of nodeClients) {
    const error = unableIPv6[name.split(' ')[0]!];
    const result = error === undefined ? 'reaches' : 'does not reach';
    test(`${name} ${result} a server by its IPv6 address`, { skip }, async () => {
      await createDatabase('app');
      const [made, directory] = await prepare({ ...hostile, database: 'app' }, false);
      const asked = ask(toHost(made, '::1'), directory);
      if (error === undefined) assert.equal(await asked, `${user} @ app`);
      else await assert.rejects(asked, { code: error });
    });
  }
});

/** Returns the same bundle for another host. */
function toHost(bundle: client.ClientBundle, host: string, hostaddr?: string): client.ClientBundle {
  const { ca, certificate, target } = bundle;
  return client.clientBundle({
    target: { ...target, host, hostaddr },
    ca,
    certificate,
    privateKey: bundle.privateKey(),
  });
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
