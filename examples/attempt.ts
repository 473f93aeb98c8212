import pg from 'pg';

/** The result of a login. */
export type Outcome = { readonly session: TlsSession } | { readonly refusal: string };

/** The row of `pg_stat_ssl` of a session. */
export interface TlsSession {
  /** True if the session is encrypted. */
  readonly ssl: boolean;
  /** `TLSv1.3`. */
  readonly version: string;
  /** The name in the client's certificate: `/CN=webadmin`. */
  readonly client: string;
}

/** Logs in, asks the server for the row of the session in `pg_stat_ssl`, and logs out. */
export async function attempt(config: pg.ClientConfig): Promise<Outcome> {
  const client = new pg.Client(config);
  // After a refused handshake the connection may still fail once more. The refusal is reported already.
  client.on('error', () => undefined);
  try {
    await client.connect();
    const stat = await client.query('SELECT * FROM pg_stat_ssl WHERE pid = pg_backend_pid()');
    const { ssl, version, client_dn, clientdn } = stat.rows[0];
    return { session: { ssl, version, client: client_dn ?? clientdn } };
  } catch (error) {
    // After a refused handshake Node's TLS socket may hang, and the `end` of pg would wait for it forever.
    client.connection.stream.destroy();
    return { refusal: (error as Error).message };
  } finally {
    await client.end().catch(() => undefined);
  }
}
