import assert from 'node:assert/strict';
import type { ClientConfig } from 'pg';
import { codeOf, messageOf } from '../../src/errors.ts';
import { type IssuedKeyPair, inspectCertificate } from '../../src/pki/index.ts';
import { type TestServer, withoutPsql } from '../server/index.ts';
import { psqlLogin } from './psql-login.ts';

/**
 * The codes of refusals: the SQLSTATEs with which the server refuses a login, and the errors of a client that does not
 * accept the server's certificate.
 */
const refusal =
  /^(?:28000|28P01|ERR_TLS_CERT_ALTNAME_INVALID|UNABLE_TO_[A-Z_]+|(?:DEPTH_ZERO_)?SELF_SIGNED_CERT[A-Z_]*)$/;

/**
 * Logs in with `pg` and ends the session.
 *
 * @returns `true`, or the refusal: the code of the error, such as '28P01', or the TLS alert of the server, such as
 * 'alert 40'. Only the message names an alert in the same way in all versions of Node.
 * @throws the error of a login that fails for another reason, such as a server that does not run
 */
export async function login(server: TestServer, config: ClientConfig): Promise<string | true> {
  try {
    await (await server.connect(config)).end();
    return true;
  } catch (error) {
    const [, alert] = /SSL alert number ([0-9]+)/.exec(messageOf(error)) ?? [];
    if (alert !== undefined) return `alert ${alert}`;
    if (refusal.test(codeOf(error))) return codeOf(error);
    throw error;
  }
}

/** The certificate chain and the private key with which a client logs in. */
export type ShownPair = Pick<IssuedKeyPair, 'chain' | 'privateKey'>;

/**
 * Logs in with each certificate and a wrong password as the role in its common name, with `pg` and with `psql`, and checks that both succeed
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
    const enters = (await login(server, { user, password: 'wrong', ssl })) === true;
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
  const enters = (await login(server, { user, database, password, ssl })) === true;
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
