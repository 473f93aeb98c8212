import assert from 'node:assert/strict';
import { type IssuedKeyPair, inspectCertificate } from '../../src/pki/index.ts';
import { type TestServer, withoutPsql } from '../server/index.ts';
import { psqlLogin } from './psql-login.ts';

/** The certificate chain and the private key with which a client logs in. */
export type ShownPair = Pick<IssuedKeyPair, 'chain' | 'privateKey'>;

/**
 * Logs in with each certificate as the role in its common name, with `pg` and with `psql`, and checks that both succeed
 * or both fail. Both verify the server.
 *
 * @returns the names of the certificates whose logins succeed
 */
export async function logins(
  server: TestServer,
  pairs: Readonly<Record<string, ShownPair>>,
  roots: string,
): Promise<readonly string[]> {
  const entered: string[] = [];
  for (const [name, { chain, privateKey }] of Object.entries(pairs)) {
    const user = inspectCertificate(chain).commonName!;
    const key = privateKey.toPem();
    const ssl = { ca: roots, cert: chain, key, servername: 'localhost' };
    const enters = await succeeds(async () => (await server.connect({ user, database: 'postgres', ssl })).end());
    if (withoutPsql === false) {
      const probe = { user, database: 'postgres', client: { certificate: chain, privateKey: key } };
      const same = await succeeds(() => psqlLogin(server, probe, { ca: roots }));
      assert.equal(same, enters, `${name}: psql ${same}, pg ${enters}`);
    }
    if (enters) entered.push(name);
  }
  return entered;
}

/**
 * Logs in with a password, or without one, with `pg` and with `psql`, and checks that both succeed or both fail.
 * @returns true if both succeed
 */
export async function passwordLogin(
  server: TestServer,
  { user, database = 'postgres', password, ca }: { user: string; database?: string; password: string; ca?: string },
): Promise<boolean> {
  const ssl = ca === undefined ? false : { ca, servername: 'localhost' };
  const enters = await succeeds(async () =>
    (await server.connect({ host: server.host, user, database, password, ssl })).end(),
  );
  if (withoutPsql !== false) return enters;
  const options = { ca, tls: ca !== undefined, password };
  const same = await succeeds(() => psqlLogin(server, { user, database }, options));
  assert.equal(same, enters, `psql ${same}, pg ${enters}`);
  return enters;
}

/** Returns true if a login succeeds. */
export async function succeeds(login: () => Promise<unknown>): Promise<boolean> {
  return login().then(
    () => true,
    () => false,
  );
}
