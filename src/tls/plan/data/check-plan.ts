import { assertList, assertProperties, isTextList, type PropertyNames } from '../../../arguments.ts';
import { assertBundle } from '../../../client/bundle/assert-bundle.ts';
import { PgHostsslError } from '../../../errors.ts';
import { assertDiagnostic } from '../../../text/diagnostic.ts';
import { pgMajors } from '../../../version.ts';
import type {
  PlannedDirectory,
  PlannedRemoval,
  PlannedRequest,
  PlannedWrite,
  PlanStep,
  Precondition,
  ServerAction,
  TlsPlan,
} from './plan-data.ts';

const names: PropertyNames<TlsPlan> = {
  summary: true,
  version: true,
  dataDirectory: true,
  clientDirectory: true,
  preconditions: true,
  directories: true,
  writes: true,
  removals: true,
  action: true,
  rules: true,
  diagnostics: true,
  client: true,
  clients: true,
  requests: true,
};

const serverActions: Readonly<Record<ServerAction, true>> = { none: true, reload: true, restart: true };
const steps: Readonly<Record<PlanStep, true>> = {
  'new-file': true,
  'server-file': true,
  client: true,
  'postgresql.conf': true,
  'pg_hba.conf': true,
};

/**
 * Checks a plan. A caller without type checks may pass another value, or a plan that was serialized as JSON, and so
 * lost the contents of its files.
 *
 * @param what the name of the plan for the message
 * @throws PgHostsslError `argument-invalid`
 */
export function assertPlan(plan: TlsPlan, what: string): void {
  assertProperties(plan, names, what);
  if (isPlan(plan)) {
    for (const each of plan.diagnostics) assertDiagnostic(each, `a diagnostic of ${what}`);
    const { client, clients = [] } = plan;
    assertList(clients, `clients of ${what}`);
    for (const each of client === undefined ? clients : [client, ...clients]) assertBundle(each);
    return;
  }
  throw new PgHostsslError('argument-invalid', `${what} is not a plan`, {
    hint: 'Give the object that the planning function returned, in the same process: a copy has no contents.',
  });
}

function isPlan(plan: TlsPlan): boolean {
  const { summary, version, dataDirectory, clientDirectory = '', action, rules } = plan;
  const { directories, writes, removals, preconditions, diagnostics, requests = [] } = plan;
  const lists = [directories, writes, removals, preconditions, diagnostics, requests];
  return (
    [summary, dataDirectory, clientDirectory, action].every(isText) &&
    pgMajors.includes(version) &&
    Object.hasOwn(serverActions, action) &&
    isTextList(rules) &&
    lists.every(isListOfObjects) &&
    directories.every(isDirectory) &&
    writes.every(isWrite) &&
    removals.every(isRemoval) &&
    preconditions.every(isPrecondition) &&
    requests.every(isRequest)
  );
}

function isDirectory({ path, mode, owner }: PlannedDirectory): boolean {
  return isText(path) && Number.isInteger(mode) && isOwner(owner);
}

function isWrite(write: PlannedWrite): boolean {
  const { path, realPath = '', step, what, secret, mode = 0, owner, expected = '', content } = write;
  return (
    [path, realPath, step, what, expected].every(isText) &&
    Object.hasOwn(steps, step) &&
    typeof secret === 'boolean' &&
    Number.isInteger(mode) &&
    isOwner(owner) &&
    typeof content === 'function'
  );
}

function isOwner(owner: PlannedWrite['owner']): boolean {
  return owner === undefined || [owner?.uid, owner?.gid].every(Number.isInteger);
}

function isRemoval({ path, sha256, what }: PlannedRemoval): boolean {
  return [path, sha256, what].every(isText);
}

function isPrecondition({ path, kind, sha256 }: Precondition): boolean {
  const isKind = kind === 'file' || kind === 'directory';
  return isKind && isText(path) && (sha256 === null || isText(sha256));
}

function isRequest({ holder, request }: PlannedRequest): boolean {
  return (holder === 'server' || holder === 'client') && isText(request);
}

function isText(value: unknown): boolean {
  return typeof value === 'string';
}

function isListOfObjects(value: unknown): boolean {
  return Array.isArray(value) && Array.from(value).every((each) => typeof each === 'object' && each !== null);
}
