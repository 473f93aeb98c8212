import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { ClientConfig } from 'pg';
import { CertificateAuthority } from '../../src/pki/index.ts';
import { applyPlan, type diskFiles, recoverApply } from '../../src/tls/index.ts';
import { forEachMajor, type ServerFiles, startServer, type TestServer } from '../server/index.ts';
import { saveFolder } from './crash/saved-folder.ts';
import {
  authority,
  certificateScenarios,
  directoryScenarios,
  laterScenarios,
  next,
  type Scenario,
  scenario,
} from './crash/scenarios.ts';
import { callsOf, directionsOf, isWhole, sample, stopAt, untilStopped } from './crash/trials.ts';
import { withFolderInMemory } from './folder.ts';

const stranger = await CertificateAuthority.create({ subject: '/CN=Stranger' });
const further = await pairOf('one', authority);
const forged = await pairOf('one', stranger);
const foreign = await pairOf('three', authority);
/** A pattern of the paths in a data directory that a change may create, replace or remove. */
const touched = /^(?:[^/]*\.(?:conf|crt|crl|key)|crls\/[0-9a-f]{8}\.r0|(?:.*\/)?pgsql_tmp.*)$/;
/** A pattern of the messages with which a server refuses to load a file. */
const refusal = /not reloaded|contains errors|could not (?:load|access|open)|without restarting/;

interface Pair {
  readonly cert: string;
  readonly key: string;
}

/** The users that a server must let in, if it runs with the files that a stopped change left. */
interface Users {
  /** For each user, the certificates and keys with which a rule of this plan or of an earlier plan lets the user in. */
  readonly pairs: Readonly<Record<string, readonly Pair[]>>;
  /** Returns the text of the rule that a plan writes for the user. */
  readonly rule: (user: string) => string;
}

forEachMajor([10, 18, 19], (major) => {
  let server: TestServer;
  let stock: ServerFiles;

  before(async () => {
    server = await startServer({ major });
    for (const user of ['one', 'two', 'three']) await server.query(`CREATE ROLE ${user} LOGIN`);
    await server.query('CREATE DATABASE app');
    await server.query('CREATE DATABASE other');
    stock = filesBelow(server.dataDirectory, /^(?:PG_VERSION|[^/]*\.conf)$/);
  });
  after(() => server.remove());

  for (const name of certificateScenarios) {
    test(`${name}: a server starts and reloads with everything that a stopped change leaves, and admits the right users`, () =>
      withFolderInMemory(async (folder) => {
        const change = await scenario(name, folder, stock);
        const users = usersOf(change);
        const { states, trials } = await statesOf(change);
        const former = states[0]!;
        const chosen = isWhole ? states : sample(states.slice(1), 2);
        for (const state of chosen) {
          const hba = textOf(state['pg_hba.conf']);
          assert.ok([change.before, change.after].some((entries) => entries['data/pg_hba.conf']!.endsWith(` ${hba}`)));
          await reloadOn(former);
          await reloadOn(state);
          await judge(state, users);
          await server.restart();
          await reloadOn(state);
          await judge(state, users);
        }
        console.log(`${major}, ${name}: ${trials} trials, ${states.length} states, ${chosen.length} starts`);
      }));
  }

  for (const name of laterScenarios.filter((name) => major >= 14 || !directoryScenarios.has(name))) {
    test(`${name}: with everything that a stopped change leaves, a server admits users as before or as afterwards`, () =>
      withFolderInMemory(async (folder) => {
        const change = await scenario(name, folder, stock);
        const { states, trials } = await statesOf(change);
        const former = states[0]!;
        const logins = loginsOf(change);
        const outcomesOn = async (state: ServerFiles): Promise<readonly boolean[]> => {
          await reloadOn(state);
          return await Promise.all(logins.map(isAdmitted));
        };
        const atFirst = await outcomesOn(former);
        const atLast = await outcomesOn(await afterwards(change));
        const changed = logins.filter((_, i) => atFirst[i] !== atLast[i]).length;
        assert.equal(changed > 0, changesLogins.has(name), `${atFirst} ${atLast}`);
        assert.ok(atLast.includes(true));
        const chosen = isWhole ? states : sample(states.slice(1), 2);
        for (const state of chosen) {
          await reloadOn(former);
          assertBetween(await outcomesOn(state), atFirst, atLast, logins);
          await server.restart();
          assertBetween(await outcomesOn(state), atFirst, atLast, logins);
        }
        console.log(`${major}, ${name}: ${trials} trials, ${states.length} states, ${chosen.length} starts`);
      }));
  }

  /** Returns true if the server lets the client in; false for any error of the server, the client or the connection. */
  async function isAdmitted(login: ClientConfig): Promise<boolean> {
    return await enters(login).then(
      () => true,
      () => false,
    );
  }

  /** Replaces the files of the running server, makes it reload, and checks that it accepts all files. */
  async function reloadOn(state: ServerFiles): Promise<void> {
    for (const path of Object.keys(filesBelow(server.dataDirectory, touched))) {
      rmSync(join(server.dataDirectory, path));
    }
    server.writeFiles(state);
    const said = server.log().length;
    const loadedBefore = await loadTime();
    await server.reload();
    assert.ok((await loadTime()) > loadedBefore);
    assert.doesNotMatch(server.log().slice(said), refusal);
  }

  async function loadTime(): Promise<number> {
    const session = await server.connect({ host: server.socketDirectory });
    const { rows } = await session.query('SELECT extract(epoch FROM pg_conf_load_time())::float8 AS time');
    await session.end();
    return rows[0].time;
  }

  async function judge(state: ServerFiles, { pairs, rule }: Users): Promise<void> {
    const hba = textOf(state['pg_hba.conf']);
    for (const [user, own] of Object.entries(pairs)) {
      if (!hba.includes(rule(user))) {
        // pg_hba.conf does not hold the rule of the plan yet. The default rules (`trust`) let everybody in.
        await enters({ user });
        continue;
      }
      for (const pair of own) await enters({ user, ssl: tls(pair) });
      const others = Object.entries(pairs).flatMap(([other, some]) => (other === user ? [] : some));
      for (const pair of [forged, foreign, ...others]) await isRefused({ user, ssl: tls(pair) });
      await isRefused({ user, ssl: tls() });
      await isRefused({ user });
    }
    // No plan has a rule for the user `three`, so the stock rules let this user in, before and after the change.
    await enters({ user: 'three' });
  }

  async function enters(options: ClientConfig): Promise<void> {
    const session = await server.connect({ database: 'app', ...options });
    await session.end();
  }

  async function isRefused(options: ClientConfig): Promise<void> {
    const attempt = enters(options);
    await assert.rejects(attempt, /pg_hba\.conf|certificate|connection|ECONNRESET|alert/i);
  }
});

/** Returns TLS options for `pg`: the server's certificate must come from the CA and must name `localhost`. */
function tls(pair: Partial<Pair> = {}): ClientConfig['ssl'] {
  return { ca: authority.certificate, servername: 'localhost', ...pair };
}

async function pairOf(user: string, issuer: CertificateAuthority): Promise<Pair> {
  const { chain, privateKey } = await issuer.issueClientCertificate({ user });
  return { cert: chain, key: privateKey.toPem() };
}

/** Returns the users, with the certificates and keys that their client directories have before and after the change. */
function usersOf(change: Scenario): Users {
  const pairs: Record<string, Pair[]> = {};
  for (const entries of [change.before, change.after]) {
    for (const path of Object.keys(entries).filter((one) => one.endsWith('/postgresql.key'))) {
      const user = path.slice('client-'.length, path.indexOf('/'));
      const contentOf = (file: string): string => entries[file]!.slice(entries[file]!.indexOf('-----BEGIN'));
      const pair = { cert: contentOf(path.replace(/key$/, 'crt')), key: contentOf(path) };
      pairs[user] = [...(pairs[user] ?? []).filter(({ cert }) => cert !== pair.cert), pair];
    }
  }
  return { pairs, rule: (user) => `hostssl app             ${user} ` };
}

/**
 * The names of the changes after which the server lets in somebody whom it refused before, or refuses somebody whom it
 * let in.
 */
const changesLogins: ReadonlySet<string> = new Set([
  'server only',
  'offer',
  'revocation',
  'finished CRL',
  'first CRL directory',
  'CRL directory',
  'removal',
  'requirement',
  'back',
  'rollover 4',
]);

/** Returns logins of all kinds that a plan may make possible or impossible. */
function loginsOf(change: Scenario): readonly ClientConfig[] {
  const { pairs } = usersOf(change);
  const own = Object.entries(pairs).flatMap(([user, some]) => some.map((pair) => ({ user, ssl: trusting(pair) })));
  const others = [further, forged, foreign].map((pair) => ({ user: 'one', ssl: trusting(pair) }));
  const without = [{ user: 'one', ssl: trusting() }, { user: 'one' }, { user: 'three' }];
  return [...own, ...others, ...without].flatMap((login) =>
    ['app', 'other'].map((database) => ({ ...login, database })),
  );
}

/** Returns the same options as {@link tls}, but trusts both the old and the new CA of a rollover. */
function trusting(pair?: Partial<Pair>): ClientConfig['ssl'] {
  return { ...(tls(pair) as object), ca: authority.certificate + next.certificate };
}

/** Applies the change, and returns the files of the data directory. */
async function afterwards(change: Scenario): Promise<ServerFiles> {
  change.reset();
  await applyPlan(change.plan, change.options);
  return filesBelow(join(change.folder, 'data'), touched);
}

function assertBetween(
  outcomes: readonly boolean[],
  atFirst: readonly boolean[],
  atLast: readonly boolean[],
  logins: readonly ClientConfig[],
): void {
  for (const [i, login] of logins.entries()) {
    assert.ok(
      outcomes[i] === atFirst[i] || outcomes[i] === atLast[i],
      `"${login.user}" in "${login.database}": ${atFirst[i]}, then ${outcomes[i]}, in the end ${atLast[i]}`,
    );
  }
}

/** Returns the contents of the data directory that stopped changes and stopped recoveries leave, each content once. */
async function statesOf(
  change: Scenario,
): Promise<{ readonly states: readonly ServerFiles[]; readonly trials: number }> {
  const data = join(change.folder, 'data');
  const states = new Map<string, ServerFiles>();
  let trials = 0;
  const note = (): boolean => {
    trials += 1;
    const files = filesBelow(data, touched);
    const id = stateId(files);
    const isNew = !states.has(id);
    states.set(id, files);
    return isNew;
  };
  change.reset();
  note();
  for (const call of sample(await callsOf(change), 16)) {
    await stopAt(change, call);
    if (!note() || !isWhole) continue;
    const restore = saveFolder(change.folder);
    for (const direction of await directionsOf(change)) {
      const recover = (files: typeof diskFiles) => recoverApply(data, { direction, files });
      for (let index = 0; ; index++) {
        restore();
        if (!(await untilStopped(recover, index))) break;
        note();
      }
    }
  }
  return { states: [...states.values()], trials };
}

function filesBelow(folder: string, pattern: RegExp): Record<string, { content: Uint8Array; mode: number }> {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  const chosen = paths.filter((path) => pattern.test(path) && lstatSync(join(folder, path)).isFile());
  return Object.fromEntries(
    chosen.map((path) => {
      const file = join(folder, path);
      return [path, { content: readFileSync(file), mode: lstatSync(file).mode & 0o777 }];
    }),
  );
}

/**
 * Returns a hash of a state. Two states have the same hash if they have the same files of the server, and the same
 * names of all other files.
 */
function stateId(files: ReturnType<typeof filesBelow>): string {
  const hash = createHash('sha256');
  for (const [path, { content, mode }] of Object.entries(files)) {
    if (path.startsWith('pgsql_tmp')) hash.update(`${path.replace(/[0-9a-f]{16}|[0-9]+-[0-9]+-/g, '')}\n`);
    else hash.update(`${path} ${mode} ${content.length}\n`).update(content);
  }
  return hash.digest('hex');
}

function textOf(file: ServerFiles[string] | undefined): string {
  return new TextDecoder().decode((file as { readonly content: Uint8Array }).content);
}
