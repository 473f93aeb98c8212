import { assertProperties } from '../../arguments.ts';
import { PgHostsslError } from '../../errors.ts';
import { assertScope, type ConnectionScope, type Scope } from '../scope/scope.ts';
import { isEmptyScope } from '../scope/scope-parts.ts';

/** How bad a violation is; a check as a whole fails by errors alone. */
export type PolicyLevel = 'error' | 'warning' | 'info';

/** A policy: plain data, which survives JSON. */
export interface Policy {
  /** The address of the JSON Schema, for editors. */
  readonly $schema?: string;
  /** The version of this form. */
  readonly version: 1;
  /** The statements. */
  readonly statements: readonly PolicyStatement[];
}

/**
 * Connections of a policy. Whether they are let in is said by the demand, and not by `outcome`. `method` does not hold
 * `reject`, which lets nobody in.
 */
export type PolicyConnections = Omit<ConnectionScope, 'outcome'>;

/** A set of connections of a policy, without those of another one. */
export interface PolicyScope extends PolicyConnections {
  /** Leaves out each connection that matches all of these fields. */
  readonly not?: PolicyConnections;
}

/** One demand: exactly one of `forbid`, `only`, `require`, `some`, `permit` and `noNewAccess`. */
export interface PolicyStatement {
  /** A name for it. */
  readonly id: string;
  /** How bad a violation is; `error` if not given. */
  readonly level?: PolicyLevel;
  /** No connection of this scope is let in. */
  readonly forbid?: PolicyScope;
  /** The scope that `only` or `require` is about; every connection if not given. */
  readonly in?: PolicyScope;
  /** A connection that is let in is one of these. */
  readonly only?: PolicyConnections;
  /** The same; reads better where a certificate or a method is demanded. */
  readonly require?: PolicyConnections;
  /** At least one connection of this scope is let in. */
  readonly some?: PolicyScope;
  /**
   * No connection of this scope is refused by its rule. Without `method` and `certificate`, which no rule that refuses
   * has: `require` demands them of those that are let in.
   */
  readonly permit?: Omit<PolicyScope, 'method' | 'certificate'>;
  /** No connection of the scope gets in, or gets in by a weaker way, that the baseline did not let in. */
  readonly noNewAccess?: {
    /** The scope; every connection if not given. */
    readonly in?: PolicyScope;
  };
}

const demands = ['forbid', 'only', 'require', 'some', 'permit', 'noNewAccess'] as const;

/** Checks a policy that a caller gives, perhaps from a JSON file. @throws PgHostsslError `argument-invalid` */
export function assertPolicy(policy: Policy): void {
  assertProperties(policy, { $schema: true, version: true, statements: true }, 'the policy');
  if (policy.version !== 1) throw invalid('version must be 1');
  if (!Array.isArray(policy.statements)) throw invalid('statements must be a list');
  for (const statement of policy.statements as readonly PolicyStatement[]) assertStatement(statement);
}

function assertStatement(statement: PolicyStatement): void {
  const what = 'a statement of the policy';
  const known = {
    id: true,
    level: true,
    in: true,
    forbid: true,
    only: true,
    require: true,
    some: true,
    permit: true,
    noNewAccess: true,
  };
  assertProperties(statement, known as Record<keyof PolicyStatement, true>, what);
  const { id, level } = statement;
  if (typeof id !== 'string' || id === '') throw invalid('each statement needs an id');
  if (level !== undefined && !['error', 'warning', 'info'].includes(level))
    throw invalid(`the level of ${id} is unknown`);
  const given = demands.filter((demand) => statement[demand] !== undefined);
  if (given.length !== 1) throw invalid(`the statement ${id} must have exactly one of ${demands.join(', ')}`);
  const takesScope = statement.only !== undefined || statement.require !== undefined;
  if (statement.in !== undefined && !takesScope) throw invalid(`in of ${id} needs only or require`);
  if (statement.noNewAccess !== undefined)
    assertProperties(statement.noNewAccess, { in: true }, `noNewAccess of ${id}`);
  const { forbid, only, require, some, permit, noNewAccess } = statement;
  const scopes: readonly (Scope | undefined)[] = [forbid, only, require, some, permit, statement.in, noNewAccess?.in];
  for (const scope of scopes) {
    if (scope === undefined) continue;
    assertScope(scope, `the statement ${id}`);
    if (scope.outcome !== undefined || scope.not?.outcome !== undefined)
      throw invalid(`the scopes of ${id} have no outcome: its demand says whether connections are to be let in`);
    if ([scope, scope.not].some((each) => each?.method?.includes('reject')))
      throw invalid(`the scopes of ${id} have no method reject, which lets nobody in`);
  }
  const { method, certificate }: Scope = permit ?? {};
  if (method !== undefined || certificate !== undefined)
    throw invalid(`permit of ${id} has no method and no certificate: use require for connections that are let in`);
  // The statement would hold for every file.
  for (const scope of [forbid, statement.in, noNewAccess?.in]) {
    if (scope !== undefined && isEmptyScope({ ...scope, outcome: 'way-in' }))
      throw invalid(`no connection can be in the scope of ${id}`);
  }
  if (permit !== undefined && isEmptyScope(permit)) throw invalid(`no connection can be in the scope of ${id}`);
  for (const scope of [only, require]) {
    if (scope === undefined) continue;
    if ('not' in scope) throw invalid(`only and require of ${id} have no not`);
    if (isEmptyScope({ ...statement.in, outcome: 'way-in' }, [scope]))
      throw invalid(`the statement ${id} holds for every file: only or require has all connections of its in`);
  }
}

function invalid(why: string): PgHostsslError {
  return new PgHostsslError('argument-invalid', `Not a policy: ${why}`);
}
