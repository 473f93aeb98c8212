import pg from 'pg';

/** How a login went. */
export type Outcome = { readonly session: TlsSession } | { readonly refusal: string };

/** What a server says of a session's encryption. */
export interface TlsSession {
  /** Whether it is encrypted. */
  readonly ssl: boolean;
  /** `TLSv1.3`. */
  readonly version: string;
  /** The name in the client's certificate: `/CN=webadmin`. */
  readonly client: string;
}

/** Logs in, has the server tell what it sees of the session (`pg_stat_ssl`), and leaves. */
export async function attempt(config: pg.ClientConfig): Promise<Outcome> {
  const client = new pg.Client(config);
  // After the answer to a refused handshake the connection may still break; that is no news.
  client.on('error', () => undefined);
  try {
    await client.connect();
    const stat = await client.query('SELECT * FROM pg_stat_ssl WHERE pid = pg_backend_pid()');
    const { ssl, version, client_dn, clientdn } = stat.rows[0];
    return { session: { ssl, version, client: client_dn ?? clientdn } };
  } catch (error) {
    // After a refused handshake Node's TLS socket may neither write nor close, and pg's `end` would wait for it for ever.
    client.connection.stream.destroy();
    return { refusal: (error as Error).message };
  } finally {
    await client.end().catch(() => undefined);
  }
}
