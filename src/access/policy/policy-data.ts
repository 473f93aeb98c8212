import { assertKnownValue, assertProperties, type PropertyNames } from '../../arguments.ts';
import { PgHostsslError } from '../../errors.ts';
import { assertScope, type ConnectionScope, type Scope } from '../scope/scope.ts';
import { isEmptyScope } from '../scope/scope-parts.ts';

/** The level of a violation. Only errors make the whole check fail. */
export type PolicyLevel = 'error' | 'warning' | 'info';

/** A policy, as plain data that survives JSON. */
export interface Policy {
  /** The address of the JSON Schema, for editors. */
  readonly $schema?: string | undefined;
  /** The version of the policy format. */
  readonly version: 1;
  /** The statements of the policy. */
  readonly statements: readonly PolicyStatement[];
}

/**
 * A set of connections in a policy. The set has no field `outcome`, because the statement itself says whether the
 * connections may be let in. `method` must not be `reject`, because `reject` lets nobody in.
 */
export type PolicyConnections = Omit<ConnectionScope, 'outcome'>;

/** A set of connections in a policy, with exceptions. */
export interface PolicyScope extends PolicyConnections {
  /** The connections to leave out: those that match all fields of `not`. */
  readonly not?: PolicyConnections | undefined;
}

/** A statement, with exactly one of the demands `forbid`, `only`, `require`, `some`, `permit` and `noNewAccess`. */
export interface PolicyStatement {
  /** A name for the statement. */
  readonly id: string;
  /** The level of a violation; `error` by default. */
  readonly level?: PolicyLevel | undefined;
  /** No connection of this scope may be let in. */
  readonly forbid?: PolicyScope | undefined;
  /** The scope of `only` or `require`; every connection by default. */
  readonly in?: PolicyScope | undefined;
  /** Each connection that is let in must be in this set. */
  readonly only?: PolicyConnections | undefined;
  /** A synonym of `only` that reads better for certificates and methods. */
  readonly require?: PolicyConnections | undefined;
  /** At least one connection of this scope must be let in. */
  readonly some?: PolicyScope | undefined;
  /**
   * No rule may refuse a connection of this scope. `permit` takes no `method` and no `certificate`, because a rule that
   * refuses has neither: demand them with `require`.
   */
  readonly permit?: Omit<PolicyScope, 'method' | 'certificate'> | undefined;
  /**
   * The files are compared with the baseline as `newAccess` compares them: no further connection of the scope may
   * get in, and nobody may get in with a lower level of certificate or a weaker secret.
   */
  readonly noNewAccess?:
    | {
        /** The connections that are compared with the baseline; every connection by default. */
        readonly in?: PolicyScope | undefined;
      }
    | undefined;
}

const statementNames: PropertyNames<PolicyStatement> = {
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

const demands = ['forbid', 'only', 'require', 'some', 'permit', 'noNewAccess'] as const;

/**
 * Checks a policy from a caller.
 *
 * @throws PgHostsslError `argument-invalid` for an invalid policy
 */
export function assertPolicy(policy: Policy): void {
  assertProperties(policy, { $schema: true, version: true, statements: true }, 'the policy');
  if (policy.version !== 1) throw invalid('"version" must be 1');
  if (!Array.isArray(policy.statements)) throw invalid('"statements" must be a list');
  for (const statement of policy.statements as readonly PolicyStatement[]) assertStatement(statement);
}

function assertStatement(statement: PolicyStatement): void {
  assertProperties(statement, statementNames, 'a statement of the policy');
  const { id, level } = statement;
  if (typeof id !== 'string' || id === '') throw invalid('each statement must have an "id"');
  if (level !== undefined) assertKnownValue(level, ['error', 'warning', 'info'], `level of the statement ${id}`);
  const given = demands.filter((demand) => statement[demand] !== undefined);
  if (given.length !== 1) throw invalid(`the statement ${id} must have exactly one of ${demands.join(', ')}`);
  const takesScope = statement.only !== undefined || statement.require !== undefined;
  if (statement.in !== undefined && !takesScope)
    throw invalid(`the statement ${id} must not have "in", which belongs to "only" and "require"`);
  if (statement.noNewAccess !== undefined)
    assertProperties(statement.noNewAccess, { in: true }, `noNewAccess of ${id}`);
  assertScopes(statement);
  assertNotEmpty(statement);
}

/** Checks the scopes of a statement one by one. */
function assertScopes({ id, forbid, only, require, some, permit, noNewAccess, in: within }: PolicyStatement): void {
  const scopes: readonly (Scope | undefined)[] = [forbid, only, require, some, permit, within, noNewAccess?.in];
  for (const scope of scopes) {
    if (scope === undefined) continue;
    assertScope(scope, `the statement ${id}`);
    if (scope.not !== undefined && Object.keys(scope.not).length === 0)
      throw invalid(`"not" of the statement ${id} is empty, so it leaves out every connection`);
    if (scope.outcome !== undefined || scope.not?.outcome !== undefined)
      throw invalid(
        `the scopes of the statement ${id} must not have "outcome": the demand decides whether connections may be let in`,
      );
    if ([scope, scope.not].some((each) => each?.method?.includes('reject')))
      throw invalid(`the scopes of the statement ${id} must not name the method reject, which lets nobody in`);
  }
  const { method, certificate }: Scope = permit ?? {};
  if (method !== undefined || certificate !== undefined)
    throw invalid(
      `"permit" of the statement ${id} must not have "method" or "certificate": use "require" for connections that are let in`,
    );
}

/** Refuses a statement that would hold for every file, for example because no connection is in its scope. */
function assertNotEmpty({ id, forbid, only, require, permit, noNewAccess, in: within }: PolicyStatement): void {
  for (const scope of [forbid, within, noNewAccess?.in]) {
    if (scope !== undefined && isEmptyScope({ ...scope, outcome: 'way-in' }))
      throw invalid(`no connection can be in the scope of the statement ${id}`);
  }
  if (permit !== undefined && isEmptyScope(permit))
    throw invalid(`no connection can be in the scope of the statement ${id}`);
  for (const scope of [only, require]) {
    if (scope === undefined) continue;
    if ('not' in scope) throw invalid(`"only" and "require" of the statement ${id} must not have "not"`);
    if (isEmptyScope({ ...within, outcome: 'way-in' }, [scope]))
      throw invalid(`the statement ${id} holds for every file: "only" or "require" contains all connections of "in"`);
  }
}

function invalid(why: string): PgHostsslError {
  return new PgHostsslError('argument-invalid', `The policy is not valid: ${why}`);
}
