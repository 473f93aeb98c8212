import { setTimeout as sleep } from 'node:timers/promises';
import { CertificateAuthority } from '../../src/pki/index.ts';
import type { PgMajor } from '../../src/version.ts';
import { startServer, type TestServer } from '../server/index.ts';
import { type Answer, type ClientKeys, type Knock, knock } from './knock.ts';

/** The CA of the servers and of their clients. */
export const authority: CertificateAuthority = await CertificateAuthority.create({ subject: 'CN=Authority' });
const issued = await authority.issueServerCertificate({ hosts: ['localhost'] });

/** The roles of the servers, each with the roles that it is a member of. */
export const roles: Readonly<Record<string, readonly string[]>> = {
  a: ['g'],
  b: ['g', 'h'],
  c: [],
  g: ['k'],
  h: [],
  k: [],
};

/** Returns whether a role is a direct or indirect member of another role. */
export function memberOf(user: string, role: string): boolean {
  if (!Object.hasOwn(roles, user) || !Object.hasOwn(roles, role)) return false;
  return user === role || roles[user]!.some((above) => memberOf(above, role));
}

/** Client certificates and keys, by the user that the certificate names. */
export const keysOf: Readonly<Record<string, ClientKeys>> = Object.fromEntries(
  await Promise.all(
    ['a', 'b', 'c'].map(async (user) => {
      const { chain, privateKey } = await authority.issueClientCertificate({ user });
      return [user, { cert: chain, key: privateKey.toPem() }] as const;
    }),
  ),
);

/** The rule by which the tests administer the server, for a role that no test case uses. */
const ownRule = 'local all postgres trust';

/**
 * Starts a server with TLS and with the roles and databases of the test cases. Its log shows the address and port of
 * each client.
 */
export async function startJudge(major: PgMajor, listen = '127.0.0.1', programs?: string): Promise<TestServer> {
  const server = await startServer({
    major,
    programs,
    hba: `${ownRule}\n`,
    files: { 'server.crt': issued.chain, 'server.key': issued.privateKey.toPem(), 'root.crt': authority.certificate },
    settings: {
      ssl: 'on',
      ssl_ca_file: 'root.crt',
      log_line_prefix: '%p %r ',
      listen_addresses: listen,
      // Twelve clients connect at once, and a refused walsender takes time to end.
      max_wal_senders: '40',
    },
  });
  const names = Object.keys(roles);
  for (const role of names) await server.query(`CREATE ROLE ${role} LOGIN`);
  for (const role of names) for (const above of roles[role]!) await server.query(`GRANT ${above} TO ${role}`);
  for (const database of ['a', 'b', 'c']) await server.query(`CREATE DATABASE ${database}`);
  return server;
}

/** Returns the text of pg_hba.conf with the rule of the administrator as its first line. */
export function withOwnRule(text: string): string {
  return `${ownRule}\n${text}`;
}

/** Writes files into the server and reloads it. @throws Error if the server refuses the files */
export async function load(server: TestServer, files: Readonly<Record<string, string | Uint8Array>>): Promise<void> {
  const before = server.log().length;
  server.writeFiles(files);
  await server.reload();
  if (/was not reloaded/.test(server.log().slice(before))) throw new Error(server.log().slice(before));
}

/**
 * Returns the text of pg_hba.conf with `password` instead of each method and its options. Each line still matches the
 * same connections.
 */
export function withPasswords(text: string): string {
  return text.replace(/^(.*?) (?:trust|reject|md5|password|scram-sha-256|cert|peer|ident)(?: .*)?$/gm, (line, head) =>
    line === ownRule ? line : `${head} password`,
  );
}

/** The place of a rule in the server's log: the line, and the path of the file if the major version logs it. */
export interface FoundLine {
  readonly file: string | undefined;
  readonly line: number;
}

/**
 * Returns, for each client, the line of the matching rule as the server logs it; `undefined` if no rule matched. All
 * rules of the files must have method password.
 */
export async function matchedLines(
  server: TestServer,
  knocks: readonly Knock[],
): Promise<readonly (FoundLine | undefined)[]> {
  const found: (FoundLine | undefined)[] = [];
  // In the log, clients over TCP are distinguished by their ports. Clients over the Unix socket cannot be
  // distinguished, so they connect one after another.
  const tcp = knocks.filter(({ transport }) => transport !== 'local');
  const results = new Map<Knock, FoundLine | undefined>();
  for (let i = 0; i < tcp.length; i += 12) {
    const group = tcp.slice(i, i + 12);
    const start = server.log().length;
    const answers = await Promise.all(group.map((each) => knock(server, each)));
    for (const [at, each] of group.entries()) results.set(each, await lineOf(server, each, answers[at]!, start));
  }
  for (const each of knocks) {
    if (each.transport !== 'local') continue;
    const start = server.log().length;
    results.set(each, await lineOf(server, each, await knock(server, each), start));
  }
  for (const each of knocks) found.push(results.get(each));
  return found;
}

async function lineOf(server: TestServer, each: Knock, answer: Answer, start: number): Promise<FoundLine | undefined> {
  if (answer.message?.startsWith('no pg_hba.conf entry')) return undefined;
  if (!/password authentication failed/.test(answer.message ?? '')) {
    throw new Error(`Unexpected answer to ${JSON.stringify({ ...each, keys: undefined })}: ${JSON.stringify(answer)}`);
  }
  // The server knows a client at an IPv4-mapped address by its IPv4 address.
  const address = each.address?.replace(/^::ffff:(?=.*\.)/, '');
  const client = each.transport === 'local' ? '[local]' : `${address}(${answer.localPort})`;
  for (const end = Date.now() + 5_000; Date.now() < end; await sleep(5)) {
    const log = server.log().slice(start);
    for (const part of log.split(`${client} DETAIL:`).slice(1)) {
      // The line number can be in the second line of the DETAIL message.
      const detail = part.split(/\n\d+ /)[0]!;
      const match = /Connection matched (?:file "([^"]*)"|pg_hba.conf) line (\d+)/.exec(detail);
      if (match !== null) return { file: match[1], line: Number(match[2]) };
    }
  }
  throw new Error(`No line in the log for ${client}:\n${server.log().slice(start)}`);
}
