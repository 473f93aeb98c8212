import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CertificateAuthority, inspectCertificate, type Revocation } from '../../../src/pki/index.ts';
import {
  type ApplyOptions,
  applyPlan,
  diskFiles,
  type MigrationRequest,
  planCaRollover,
  planClientCertificates,
  planMigration,
  planRevocation,
  planServerCertificate,
  planUserRemoval,
  readClient,
  readServer,
  type TlsPlan,
  type TlsRequest,
} from '../../../src/tls/index.ts';
import type { ServerFiles } from '../../server/index.ts';
import { copyFolder, snapshot } from '../folder.ts';
import { stockFiles } from '../state.ts';

/** The names of the changes that the crash tests interrupt, planned by `planClientCertificates`. */
export const certificateScenarios = [
  'set-up',
  'second user',
  'same key',
  'new server key',
  'both sides',
  'rollback',
] as const;

/**
 * The names of the changes that the crash tests interrupt, planned by functions other than `planClientCertificates`.
 */
export const laterScenarios = [
  'server only',
  'offer',
  'revocation',
  'finished CRL',
  'first CRL directory',
  'CRL directory',
  'removal',
  'requirement',
  'back',
  'rollover 1',
  'rollover 2',
  'rollover 3',
  'rollover 4',
] as const;

type Name = (typeof certificateScenarios | typeof laterScenarios)[number];

/** The names of all changes that the crash tests interrupt. */
export const scenarioNames: readonly Name[] = [...certificateScenarios, ...laterScenarios];

/** A change that a test interrupts. */
export interface Scenario {
  /** The folder with the data directory and the clients' directories. */
  readonly folder: string;
  /** The directory of the client, to which the plan writes. */
  readonly client: string;
  /** The plan that makes the change. */
  readonly plan: TlsPlan;
  /** The options with which `applyPlan` is called. */
  readonly options: ApplyOptions;
  /** All files before the change, as `entries` returns them. */
  readonly before: Entries;
  /** All files after the change, as `entries` returns them. */
  readonly after: Entries;
  /** Restores all files from before the change. */
  readonly reset: () => void;
}

/** For each path below a folder, the kind, mode, owner and content as text. */
export type Entries = Readonly<Record<string, string>>;

const day = 24 * 60 * 60 * 1000;
const tenMonthsAgo = new Date(Date.now() - 300 * day);

/**
 * The CA of all changes. Its certificate began long ago, so that it could issue certificates that are due for renewal
 * now.
 */
export const authority: CertificateAuthority = await CertificateAuthority.create({
  subject: '/CN=Example CA',
  validity: { notBefore: new Date(tenMonthsAgo.getTime() - day) },
});
/** The CA that replaces {@link authority} in a CA rollover. */
export const next: CertificateAuthority = await CertificateAuthority.create({ subject: '/CN=Next CA' });

/**
 * Returns the files and directories below a folder, without inode numbers, because a restored file may have another
 * one.
 */
export function entries(folder: string): Entries {
  return Object.fromEntries(
    Object.entries(snapshot(folder)).map(([path, facts]) => [path, facts.replace(/ #[0-9]+ /, ' ')]),
  );
}

/** The names of the changes that are made to a new data directory, as initdb makes it. */
const firstChanges: ReadonlySet<Name> = new Set(['set-up', 'server only', 'offer']);

/** Prepares a change of a data directory with some files, in an empty folder. */
export async function scenario(name: Name, folder: string, files: ServerFiles = stockFiles): Promise<Scenario> {
  const data = join(folder, 'now', 'data');
  mkdirSync(data, { recursive: true, mode: 0o700 });
  for (const [path, file] of Object.entries(files)) {
    const { content } = typeof file === 'object' && 'content' in file ? file : { content: file };
    writeFileSync(join(data, path), content, { mode: 0o600 });
  }
  const isRenewal = name === 'same key' || name === 'both sides';
  const former = await planFor(folder, 'one', isRenewal ? { now: tenMonthsAgo } : {});
  if (!firstChanges.has(name)) await applyPlan(former, { files: diskFiles });
  const user = name === 'second user' ? 'two' : 'one';
  const request: Partial<TlsRequest> = {
    ...((name === 'new server key' || name === 'rollback') && { newKey: 'server' as const }),
    ...(name === 'both sides' && { newKey: true }),
  };
  const fails = async (): Promise<never> => {
    throw new Error('not as it has to be');
  };
  const options: ApplyOptions = { files: diskFiles, ...(name === 'rollback' && { verify: fails }) };
  const later = laterPlans[name];
  const plan = later === undefined ? await planFor(folder, user, request) : await later(await statesIn(folder));
  const now = join(folder, 'now');
  const saved = join(folder, 'saved');
  copyFolder(now, saved);
  const before = entries(now);
  // Applies the plan without interruption to get the files after the change. They are also needed for a change that
  // rolls back, because a recovery may complete it.
  await applyPlan(plan, { files: diskFiles });
  const after = entries(now);
  const reset = (): void => {
    rmSync(now, { recursive: true });
    copyFolder(saved, now);
  };
  reset();
  return { folder: now, client: join(now, `client-${user}`), plan, options, before, after, reset };
}

type States = Awaited<ReturnType<typeof statesIn>>;

async function statesIn(folder: string) {
  const now = join(folder, 'now');
  return {
    server: await readServer(join(now, 'data'), { files: diskFiles }),
    client: await readClient(join(now, 'client-one'), { files: diskFiles }),
    again: () => statesIn(folder),
  };
}

/** The names of the changes that need `ssl_crl_dir`, which servers have from 14 on. */
export const directoryScenarios: ReadonlySet<string> = new Set<Name>(['first CRL directory', 'CRL directory']);

/** Functions that plan the changes of a server that has TLS and client certificates already. */
const laterPlans: Partial<Record<Name, (states: States) => Promise<TlsPlan>>> = {
  revocation: ({ server, client }) => planRevocation({ server, authority, revoked: [revocationOf(client)] }),
  'finished CRL': async ({ server, client }) => {
    const { crl } = await authority.issueCrl({ revoked: [revocationOf(client)] });
    return planRevocation({ server, crls: crl });
  },
  'first CRL directory': directoryRevocation,
  'CRL directory': async (states) => {
    // The CRL directory holds a CRL of the CA and a CRL of another CA.
    const { server } = await statesWithDirectory(states);
    await applyPlan(await planRevocation({ server, authority }), { files: diskFiles });
    const { crl, fileName } = await next.issueCrl();
    writeFileSync(join(server.dataDirectory, 'crls', fileName), crl);
    return directoryRevocation(await states.again());
  },
  removal: ({ server, client }) => {
    const revocation = { authority, revoked: [revocationOf(client)] };
    return planUserRemoval({ server, user: 'one', otherRules: 'reject', revocation });
  },
  'server only': ({ server }) => planServerCertificate({ server, authority, hosts: ['localhost'] }),
  offer: (states) => migration(states, 'offer'),
  requirement: (states) => migration(states, 'require'),
  back: async (states) => {
    await applyPlan(await migration(states, 'require'), { files: diskFiles });
    return migration(await states.again(), 'back');
  },
  'rollover 1': (states) => rollover(states, 1),
  'rollover 2': (states) => rollover(states, 2),
  'rollover 3': (states) => rollover(states, 3),
  'rollover 4': (states) => rollover(states, 4),
};

/** Returns the states of server and client, with a CRL directory that no setting names yet. */
async function statesWithDirectory(states: States): Promise<States> {
  const { dataDirectory } = states.server;
  const paths = { crlDirectory: 'crls' };
  return { ...states, server: await readServer(dataDirectory, { files: diskFiles, paths }) };
}

async function directoryRevocation(states: States): Promise<TlsPlan> {
  const { server, client } = await statesWithDirectory(states);
  return planRevocation({ server, authority, revoked: [revocationOf(client)] });
}

/** Returns the entry of a CRL request that revokes the client's certificate. */
function revocationOf({ certificate }: States['client']): Revocation {
  assert.ok(certificate.content !== undefined);
  return { serialNumber: inspectCertificate(new TextDecoder().decode(certificate.content())).serialNumber };
}

function migration({ server, client }: States, step: MigrationRequest['step']): Promise<TlsPlan> {
  const connection = { host: 'localhost', user: 'one', database: 'other' };
  return planMigration({ server, client, authority, connection, step });
}

/** Returns the plan of a step of a CA rollover, after the previous steps have been applied. */
async function rollover({ server, client, again }: States, step: number): Promise<TlsPlan> {
  const plan = await planCaRollover({ server, client, current: authority, next, retireCurrent: step === 4 });
  assert.ok(plan.summary.startsWith('Step '), plan.summary);
  if (step === 1 || plan.summary.startsWith(`Step ${step} `)) return plan;
  await applyPlan(plan, { files: diskFiles });
  return rollover(await again(), step);
}

async function planFor(folder: string, user: string, request: Partial<TlsRequest> = {}): Promise<TlsPlan> {
  const now = join(folder, 'now');
  return planClientCertificates({
    server: await readServer(join(now, 'data'), { files: diskFiles }),
    client: await readClient(join(now, `client-${user}`), { files: diskFiles }),
    authority,
    connection: { host: 'localhost', user, database: 'app' },
    withoutCertificate: 'reject',
    ...request,
  });
}

/**
 * Renames the entries in the lock so that they belong to a process that has ended. A stopped call simulates such a
 * process.
 */
export function endHolders(data: string): void {
  const lock = join(data, 'pgsql_tmp.pg-hostssl.lock');
  for (const name of readdirSync(lock, { withFileTypes: true }).map((entry) => entry.name)) {
    renameSync(join(lock, name), join(lock, name.replace(/^[0-9]+-/, `${deadPid}-`)));
  }
}

/** A process id that no process has: it is above the largest process id of Linux (`PID_MAX_LIMIT`). */
const deadPid = 4_194_305;
