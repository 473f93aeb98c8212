import { assertProperties, type PropertyNames } from '../../arguments.ts';
import { PgHostsslError } from '../../errors.ts';
import type { CertificateRequestPlan, ClientCertificatePlan, TlsPlan } from './plan-data.ts';

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

/** The properties that only some plans have. */
const optional: readonly string[] = [
  'clientDirectory',
  'client',
  'clients',
  'requests',
] satisfies (keyof typeof names)[];

/**
 * Checks a plan of a caller without type checks. A plan that went through JSON has lost its contents.
 *
 * @param what the plan in the caller's words
 * @throws PgHostsslError `argument-invalid`
 */
export function assertPlan(plan: TlsPlan, what: string): void {
  assertProperties(plan, names, what);
  const isWhole = Object.keys(names).every(
    (name) => optional.includes(name) || plan[name as keyof TlsPlan] !== undefined,
  );
  if (isWhole && plan.writes.every(({ content }) => typeof content === 'function')) return;
  throw new PgHostsslError('argument-invalid', `${what} is not a plan`, {
    hint: 'Give the object that the planning function returned, in the same process: a copy has no contents.',
  });
}
