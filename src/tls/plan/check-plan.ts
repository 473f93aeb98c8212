import { assertProperties, isTextList, type PropertyNames } from '../../arguments.ts';
import { PgHostsslError } from '../../errors.ts';
import { assertDiagnostic } from '../../text/diagnostic.ts';
import { pgMajors } from '../../version.ts';
import type {
  CertificateRequestPlan,
  ClientCertificatePlan,
  Precondition,
  ServerAction,
  TlsPlan,
} from './plan-data.ts';

const names: PropertyNames<TlsPlan & Partial<ClientCertificatePlan & CertificateRequestPlan>> = {
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

/** The properties that a plan need not have. */
const optional: readonly string[] = [
  'clientDirectory',
  'client',
  'clients',
  'requests',
] satisfies (keyof typeof names)[];

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
    return;
  }
  throw new PgHostsslError('argument-invalid', `${what} is not a plan`, {
    hint: 'Give the object that the planning function returned, in the same process: a copy has no contents.',
  });
}

function isPlan(plan: TlsPlan): boolean {
  const isWhole = Object.keys(names).every(
    (name) => optional.includes(name) || plan[name as keyof TlsPlan] !== undefined,
  );
  const { summary, version, dataDirectory, action, rules } = plan;
  const { directories, writes, removals, preconditions, diagnostics } = plan;
  const lists = [directories, writes, removals, preconditions, diagnostics];
  return (
    isWhole &&
    [summary, dataDirectory, action].every((text) => typeof text === 'string') &&
    pgMajors.includes(version) &&
    Object.hasOwn(serverActions, action) &&
    isTextList(rules) &&
    lists.every(isListOfObjects) &&
    [...directories, ...writes, ...removals].every(({ path }) => typeof path === 'string') &&
    writes.every(({ content }) => typeof content === 'function') &&
    preconditions.every(isPrecondition)
  );
}

function isPrecondition({ path, kind, sha256 }: Precondition): boolean {
  const isKind = kind === 'file' || kind === 'directory';
  return isKind && typeof path === 'string' && (sha256 === null || typeof sha256 === 'string');
}

function isListOfObjects(value: unknown): boolean {
  return Array.isArray(value) && Array.from(value).every((each) => typeof each === 'object' && each !== null);
}
