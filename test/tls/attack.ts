import assert from 'node:assert/strict';
import { chmodSync, lchownSync, mkdirSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { CertificateAuthority } from '../../src/pki/index.ts';
import { planClientCertificates, readClient, readServer, type TlsPlan } from '../../src/tls/index.ts';
import { snapshot, withFolder } from './folder.ts';
import { stockFiles } from './state.ts';

/** The account that attacks root in these tests. */
export const account = { uid: 65534, gid: 65534 };
/** The content of a file that only root may read. No error message may show this text. */
export const secret = 'TOP SECRET: only root may read this';
/** The CA that issues the certificates of the plans. */
export const authority: CertificateAuthority = await CertificateAuthority.create({ subject: '/CN=Example CA' });

/** The directories of an attack. */
export interface Place {
  /** A directory that belongs to the account. */
  readonly home: string;
  /** The data directory of the server, in `home`. */
  readonly data: string;
  /** A directory that only root may open. */
  readonly victim: string;
  /** Writes a file that belongs to the account. */
  readonly write: (path: string, content: string) => void;
  /** Makes a symbolic link that belongs to the account. */
  readonly link: (target: string, path: string) => void;
}

/**
 * Runs an attack, and checks that no file of root has changed, and that the result does not show the content of such a
 * file. A function that may either succeed or fail returns its error.
 */
export async function attack(use: (place: Place) => Promise<unknown>): Promise<void> {
  await withFolder(async (folder) => {
    chmodSync(folder, 0o755);
    const victim = join(folder, 'victim');
    mkdirSync(victim, { mode: 0o700 });
    for (const name of ['secret', 'postgresql.conf', 'pg_hba.conf', 'PG_VERSION']) {
      writeFileSync(join(victim, name), name === 'PG_VERSION' ? '18\n' : `${secret}\n`, { mode: 0o600 });
    }
    const home = join(folder, 'home');
    const data = join(home, 'data');
    for (const path of [home, data]) {
      mkdirSync(path, { mode: 0o755 });
      lchownSync(path, account.uid, account.gid);
    }
    const write = (path: string, content: string): void => {
      rmSync(path, { force: true });
      writeFileSync(path, content, { mode: 0o600 });
      lchownSync(path, account.uid, account.gid);
    };
    const link = (target: string, path: string): void => {
      rmSync(path, { force: true, recursive: true });
      symlinkSync(target, path);
      lchownSync(path, account.uid, account.gid);
    };
    for (const [name, content] of Object.entries(stockFiles)) write(join(data, name), content);
    const before = snapshot(victim);
    const outside = readdirSync(folder).sort();
    const outcome = await use({ home, data, victim, write, link });
    assert.deepEqual(snapshot(victim), before);
    assert.deepEqual(readdirSync(folder).sort(), outside);
    assert.equal(statSync(victim).uid, 0);
    assert.ok(!inspect(outcome, { depth: 10 }).includes(secret), inspect(outcome));
    for (const [path, facts] of Object.entries(snapshot(home))) {
      assert.match(facts, / 65534:65534 /, `${path} is root's, in a directory of the account`);
    }
  });
}

/** Returns a plan for the account's data directory, with a client's directory. */
export async function planFor({ data, home }: Place, client: string = join(home, 'client')): Promise<TlsPlan> {
  return planClientCertificates({
    server: await readServer(data),
    client: await readClient(client),
    authority,
    connection: { host: 'localhost', user: 'app', database: 'app' },
  });
}
