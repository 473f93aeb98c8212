import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CertificateAuthority } from '../../src/pki/index.ts';
import {
  applyPlan,
  type ClientState,
  planCaRollover,
  planClientCertificates,
  planMigration,
  planRenewal,
  planRevocation,
  planUserRemoval,
  readClient,
  readServer,
  type ServerState,
  signalReload,
  type TlsPlan,
} from '../../src/tls/index.ts';
import { type TestServer, temporaryFolder } from '../server/index.ts';
import { login } from './logins.ts';

/** The roles of the server. */
export const users = ['alice', 'bob', 'carol'] as const;

/** The name of a role. */
export type User = (typeof users)[number];

/** One step in the life of a server. */
export type Step =
  | { readonly kind: 'plan'; readonly user: User; readonly method: Method; readonly rejects: boolean }
  | { readonly kind: 'migrate'; readonly user: User; readonly step: 'offer' | 'require' | 'back' }
  | { readonly kind: 'renew'; readonly user: User; readonly newKey: boolean }
  | { readonly kind: 'revoke'; readonly user: User }
  | { readonly kind: 'remove'; readonly user: User; readonly rejects: boolean; readonly revokes: boolean }
  | { readonly kind: 'roll over' };

/** What a rule of a plan asks for: the certificate, or the certificate and the password. */
export type Method = 'cert' | 'md5';

/** The counts of all servers of a test. */
export interface Counts {
  steps: number;
  logins: number;
  entered: number;
}

/** The rules of a server for one role, as the model expects them after the steps so far. */
interface Expected {
  /** What TLS connections need, if a plan has written a rule for them. */
  method?: Method | undefined;
  /** Whether all other TCP connections are rejected. */
  rejects: boolean;
}

/** A certificate that a client has, or once had. */
interface Pair {
  readonly user: User;
  readonly certificate: string;
  readonly privateKey: string;
  readonly authority: CertificateAuthority;
  revoked: boolean;
}

/**
 * The life of one server: makes and applies plans, keeps a simple model of who should get in, and compares the model
 * with logins at the server after each step. Before the first step, all roles log in with a password.
 */
export class Life {
  readonly #server: TestServer;
  readonly #counts: Counts;
  readonly #clients = temporaryFolder();
  readonly #expected = new Map<User, Expected>(users.map((user) => [user, { rejects: false }]));
  readonly #pairs: Pair[] = [];
  readonly #trusted: CertificateAuthority[] = [];
  readonly #done: string[] = [];
  #authorities = 0;

  private constructor(server: TestServer, counts: Counts) {
    this.#server = server;
    this.#counts = counts;
  }

  /** Creates the roles on a server that lets them in over TCP with a password. */
  static async start(server: TestServer, counts: Counts): Promise<Life> {
    const life = new Life(server, counts);
    life.#trusted.push(await life.#newAuthority());
    for (const user of users) await server.query(`CREATE ROLE ${user} LOGIN PASSWORD 'secret'`);
    return life;
  }

  /**
   * Takes a step, and then tries all logins.
   *
   * @throws AssertionError if a login does not end as the model says. The message lists all steps so far.
   */
  async take(step: Step): Promise<void> {
    this.#counts.steps += 1;
    this.#done.push(JSON.stringify(step));
    if (step.kind === 'roll over') {
      await this.#rollOver();
    } else {
      await this.#apply(await this.#plan(step));
      this.#expect(step);
      await this.#remember(step.user);
    }
    await this.#tryAll();
  }

  get #authority(): CertificateAuthority {
    return this.#trusted.at(-1)!;
  }

  async #newAuthority(): Promise<CertificateAuthority> {
    this.#authorities += 1;
    return CertificateAuthority.create({ subject: `/CN=Authority ${this.#authorities}` });
  }

  async #state(user: User): Promise<{ server: ServerState; client: ClientState }> {
    const server = await readServer(this.#server.dataDirectory);
    return { server, client: await readClient(join(this.#clients, user)) };
  }

  async #plan(step: Exclude<Step, { kind: 'roll over' }>): Promise<TlsPlan> {
    const authority = this.#authority;
    const { user } = step;
    const state = await this.#state(user);
    const { host: hostaddr, port } = this.#server;
    const connection = { host: 'localhost', hostaddr, port, user, database: 'postgres' };
    const ways = this.#pairs.filter((pair) => pair.user === user && pair.authority === authority && !pair.revoked);
    const revoked = ways.map(({ certificate }) => ({ certificate }));
    switch (step.kind) {
      case 'plan': {
        const rule = step.method === 'cert' ? {} : { rule: { password: 'md5' as const } };
        const withoutCertificate = step.rejects ? 'reject' : 'unchanged';
        return planClientCertificates({ ...state, authority, connection, ...rule, withoutCertificate });
      }
      case 'migrate':
        return planMigration({ ...state, authority, connection, step: step.step });
      case 'renew':
        return planRenewal({ ...state, authority, newKey: step.newKey });
      case 'revoke':
        return planRevocation({ server: state.server, authority, revoked });
      case 'remove':
        return planUserRemoval({
          server: state.server,
          user,
          otherRules: step.rejects ? 'reject' : 'unchanged',
          ...(step.revokes && { revocation: { authority, revoked } }),
        });
    }
  }

  async #apply(plan: TlsPlan): Promise<void> {
    this.#done.push(`  ${plan.summary}`);
    const start = this.#server.log().length;
    const { action } = await applyPlan(plan, { reload: () => signalReload(this.#server.dataDirectory) });
    assert.notEqual(action, 'restart');
    await this.#server.reload();
    assert.doesNotMatch(this.#server.log().slice(start), /not reloaded|could not|invalid/, this.#done.join('\n'));
  }

  /** Updates the rules that the model expects for the user of a step. */
  #expect(step: Exclude<Step, { kind: 'roll over' }>): void {
    const expected = this.#expected.get(step.user)!;
    const revoke = () => {
      for (const pair of this.#pairs) if (pair.user === step.user) pair.revoked = true;
    };
    if (step.kind === 'plan') {
      expected.method = step.method;
      expected.rejects ||= step.rejects;
    } else if (step.kind === 'migrate' && step.step !== 'offer') {
      expected.method = step.step === 'require' ? 'cert' : undefined;
      expected.rejects = step.step === 'require';
    } else if (step.kind === 'revoke') {
      revoke();
    } else if (step.kind === 'remove') {
      expected.method = undefined;
      expected.rejects ||= step.rejects;
      if (step.revokes) revoke();
    }
  }

  /** Remembers the present certificate and key of a client, unless they are known already. */
  async #remember(user: User): Promise<void> {
    const { client } = await this.#state(user);
    const [certificate, privateKey] = [client.certificate, client.privateKey].map((file) =>
      new TextDecoder().decode(file.content?.()),
    ) as [string, string];
    if (certificate === '' || this.#pairs.some((pair) => pair.certificate === certificate)) return;
    this.#pairs.push({ user, certificate, privateKey, authority: this.#authority, revoked: false });
  }

  /** Replaces the CA for the server and all clients, and tries all logins after each plan. */
  async #rollOver(): Promise<void> {
    if (!(await this.#offersTls())) return;
    const [current, next] = [this.#authority, await this.#newAuthority()];
    const clients = users.filter((user) => this.#pairs.some((pair) => pair.user === user));
    const plan = async (user: User, retireCurrent: boolean) =>
      planCaRollover({ ...(await this.#state(user)), current, next, retireCurrent });
    this.#trusted.push(next);
    for (let writes = 1; writes > 0; ) {
      writes = 0;
      for (const user of clients) {
        const planned = await plan(user, false);
        writes += planned.writes.length;
        await this.#apply(planned);
        await this.#remember(user);
        await this.#tryAll();
      }
    }
    for (const user of clients) await this.#apply(await plan(user, true));
    this.#trusted.shift();
  }

  async #offersTls(): Promise<boolean> {
    const [row] = await this.#server.query('SHOW ssl');
    return row!.ssl === 'on';
  }

  /** Tries each role with its password, with and without TLS, and each certificate for its role and for another. */
  async #tryAll(): Promise<void> {
    const tls = await this.#offersTls();
    for (const user of users) {
      const { method, rejects } = this.#expected.get(user)!;
      await this.#try(user, 'secret', undefined, !rejects);
      await this.#try(user, 'secret', {}, tls && method === undefined && !rejects);
    }
    for (const pair of this.#pairs) {
      const isGood = !pair.revoked && this.#trusted.includes(pair.authority);
      for (const user of new Set([pair.user, users[0]])) {
        const { method, rejects } = this.#expected.get(user)!;
        const isOwn = isGood && user === pair.user;
        await this.#try(user, 'wrong', pair, isOwn && method === 'cert');
        // Before 12, `clientcert` of a password method does not compare the name in the certificate.
        const withPassword = {
          none: isGood && !rejects,
          cert: isOwn,
          md5: this.#server.major < 12 ? isGood : isOwn,
        };
        await this.#try(user, 'secret', pair, withPassword[method ?? 'none']);
      }
    }
  }

  async #try(user: User, password: string, tls: Partial<Pair> | undefined, expected: boolean): Promise<void> {
    const { certificate: cert, privateKey: key } = tls ?? {};
    const ssl = tls !== undefined && { rejectUnauthorized: false, ...(cert && { cert, key }) };
    const entered = (await login(this.#server, { user, password, ssl })) === true;
    this.#counts.logins += 1;
    if (entered) this.#counts.entered += 1;
    const hba = readFileSync(join(this.#server.dataDirectory, 'pg_hba.conf'), 'latin1');
    const description = `${user}, password '${password}', ${tls === undefined ? 'no TLS' : `the certificate of ${tls.user}`}`;
    assert.equal(entered, expected, `${description}\n${this.#done.join('\n')}\n${hba}`);
  }
}
