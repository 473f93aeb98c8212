import { assertProperties, type PropertyNames } from '../../arguments.ts';
import { PgHostsslError } from '../../errors.ts';
import type { CertificateRequestPlan, ClientCertificatePlan, ServerAction, TlsPlan } from './plan-data.ts';

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
  if (isPlan(plan)) return;
  throw new PgHostsslError('argument-invalid', `${what} is not a plan`, {
    hint: 'Give the object that the planning function returned, in the same process: a copy has no contents.',
  });
}

function isPlan(plan: TlsPlan): boolean {
  const isWhole = Object.keys(names).every(
    (name) => optional.includes(name) || plan[name as keyof TlsPlan] !== undefined,
  );
  const { directories, writes, removals, preconditions, diagnostics, rules, action } = plan;
  const lists = [directories, writes, removals, preconditions, diagnostics];
  return (
    isWhole &&
    Object.hasOwn(serverActions, action) &&
    Array.isArray(rules) &&
    lists.every(isListOfObjects) &&
    [...directories, ...writes, ...removals].every(({ path }) => typeof path === 'string') &&
    writes.every(({ content }) => typeof content === 'function')
  );
}

function isListOfObjects(value: unknown): boolean {
  return Array.isArray(value) && value.every((each) => typeof each === 'object' && each !== null);
}
