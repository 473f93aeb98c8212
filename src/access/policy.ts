import { PgHostsslError } from '../errors.ts';
import { isFileElement } from '../hba/column-element.ts';
import type { HbaFile } from '../hba/file.ts';
import { type FoundClass, findClasses, newAccessIn } from './diff/find-classes.ts';
import { outcomeWords } from './diff/outcome-change.ts';
import type { FileRefused } from './match/match-rule.ts';
import { AdmittedFinder, unmappedUsers } from './policy/admitted.ts';
import { assertPolicy, type Policy, type PolicyLevel, type PolicyStatement } from './policy/policy-data.ts';
import { shownConnection, transportWords } from './report/shown-connection.ts';
import { type AccessRule, type PlacedRule, shownPlace } from './rules/access-rule.ts';
import { readClientRules } from './rules/client-rules.ts';
import { type AccessFacts, assertFacts } from './rules/facts.ts';
import { type AccessInput, inputOf, isNamespaced, whyNotOffered } from './rules/input.ts';
import { readMappings } from './rules/read-mappings.ts';
import { refusalOf } from './rules/read-rules.ts';
import { transports } from './rules/transport.ts';
import { type FoundInScope, findInScope, rulesInScope } from './scope/find-in-scope.ts';
import type { ConnectionScope, Scope } from './scope/scope.ts';
import { transportsOfScope } from './scope/scope-parts.ts';
import { type Analysis, analysisOf } from './space/analysis.ts';
import { proofOf } from './space/proof.ts';
import type { Witness } from './space/witness.ts';

/** A connection that contradicts a statement. */
export interface PolicyViolation {
  /** The violation of the statement, in words. */
  readonly message: string;
  /**
   * The connection; missing if the policy wants a connection that does not exist, or if no example was found that the
   * rules do not refute.
   */
  readonly witness?: Witness;
  /** The deciding rule, if a rule matches. */
  readonly rule?: PlacedRule;
  /**
   * `maybe` if the violation depends on facts that were not given, on a pg_ident.conf that was not given, or on a map of
   * a pg_ident.conf that the server refuses, or if no example proves the violation.
   */
  readonly certainty: 'certain' | 'maybe';
}

/** The result for one statement. */
export interface StatementResult {
  /** The name of the statement. */
  readonly id: string;
  /** The level of a violation of this statement. */
  readonly level: PolicyLevel;
  /** `unknown` if the verdict depends on facts that were not given. */
  readonly verdict: 'holds' | 'violated' | 'unknown';
  /** The connections that contradict the statement, one for each deciding rule. */
  readonly violations: readonly PolicyViolation[];
}

/** The result of a policy check. */
export type PolicyCheck =
  | {
      /** The server accepts the files. */
      readonly kind: 'checked';
      /** `violated` if a statement of level `error` is violated; otherwise `unknown` if such a statement is unknown. */
      readonly verdict: 'holds' | 'violated' | 'unknown';
      /** The results of the statements, in their order. */
      readonly statements: readonly StatementResult[];
    }
  | FileRefused;

/**
 * Checks files against a policy: statements such as "no connection without TLS from outside 10.0.0.0/8", as plain data.
 * The package has a JSON Schema for policies (`pg-hostssl/policy.schema.json`).
 *
 * @param input the authentication files of the server
 * @param policy the statements
 * @param baseline the files that `noNewAccess` compares with, such as those of the last commit
 * @param facts facts about the server that are not in the files
 * @returns the verdict on each statement, with connections that contradict it
 * @throws PgHostsslError `argument-invalid` for an invalid policy, and for `noNewAccess` without a baseline
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { checkPolicy } from 'pg-hostssl/access';
 * import { HbaFile } from 'pg-hostssl/hba';
 *
 * const file = HbaFile.parse('hostssl all all all scram-sha-256\nhost app all 192.168.0.0/16 md5\n');
 * const check = checkPolicy(file, {
 *   version: 1,
 *   statements: [{ id: 'tls-outside', forbid: { transport: ['plain'], not: { from: ['10.0.0.0/8', 'loopback'] } } }],
 * });
 * assert.ok(check.kind === 'checked');
 * assert.equal(check.verdict, 'violated');
 * assert.equal(check.statements[0]?.violations[0]?.rule?.line, 2);
 * ```
 */
export function checkPolicy(
  input: AccessInput | HbaFile,
  policy: Policy,
  baseline?: AccessInput | HbaFile,
  facts: AccessFacts = {},
): PolicyCheck {
  const files = inputOf(input, 'the input of checkPolicy');
  const base = baseline === undefined ? undefined : inputOf(baseline, 'the baseline of checkPolicy');
  assertPolicy(policy);
  assertFacts(facts);
  const diagnostics = refusalOf(files) ?? (base && refusalOf(base));
  if (diagnostics !== undefined) return { kind: 'file-refused', diagnostics };
  const checker = new Checker(files, base, facts);
  const statements = policy.statements.map((statement) => checker.check(statement));
  const verdicts = statements.filter(({ level }) => level === 'error').map(({ verdict }) => verdict);
  const verdict = verdicts.includes('violated') ? 'violated' : verdicts.includes('unknown') ? 'unknown' : 'holds';
  return { kind: 'checked', verdict, statements };
}

class Checker {
  readonly #input: AccessInput;
  readonly #baseline: AccessInput | undefined;
  readonly #analysis: Analysis;
  readonly #facts: AccessFacts;

  constructor(input: AccessInput, baseline: AccessInput | undefined, facts: AccessFacts) {
    this.#input = input;
    this.#baseline = baseline;
    this.#analysis = analysisOf(readClientRules(input, facts));
    this.#facts = facts;
  }

  check(statement: PolicyStatement): StatementResult {
    const { id, level = 'error' } = statement;
    const violations = this.#violations(statement);
    const isCertain = violations.some(({ certainty }) => certainty === 'certain');
    const verdict = isCertain ? 'violated' : violations.length > 0 ? 'unknown' : 'holds';
    return { id, level, verdict, violations };
  }

  #violations(statement: PolicyStatement): PolicyViolation[] {
    if (statement.noNewAccess !== undefined) return this.#newAccess(statement.noNewAccess.in ?? {});
    if (statement.permit !== undefined) return this.#notPermitted(statement.permit);
    if (statement.forbid !== undefined) return this.#found({ outcome: 'way-in', ...statement.forbid });
    if (statement.some !== undefined) return this.#missing(statement.some);
    const allowed = statement.only ?? statement.require ?? {};
    return this.#found({ outcome: 'way-in', ...statement.in }, [allowed]);
  }

  #found(scope: Scope, without: readonly ConnectionScope[] = []): PolicyViolation[] {
    const analysis = this.#analysisOf(scope);
    const found = findInScope(analysis, scope, without);
    // Roles can be created later, so all names count.
    const finder = new AdmittedFinder(scope, without, this.#input, analysis, undefined);
    return found.flatMap((each) => finder.find(each) ?? []).map((each) => this.#violation(each, analysis));
  }

  #analysisOf(scope: Scope): Analysis {
    return analysisOf(rulesInScope(this.#analysis.list, scope));
  }

  #violation({ rule, witnesses, certain }: FoundInScope, analysis: Analysis): PolicyViolation {
    const proof = proofOf(witnesses, certain, [{ rule, input: this.#input, analysis }]);
    return {
      message: `${shownConnection(proof.witness)}: ${outcomeWords(rule)}`,
      ...proof,
      ...(rule === undefined ? {} : { rule: rule.placed }),
    };
  }

  /**
   * Returns the connections of a scope that are refused, by the rules or by the map of a rule, and a violation for each
   * transport of the scope that the server does not offer. No rule decides such a connection, because no client can
   * make it.
   */
  #notPermitted(scope: Scope): PolicyViolation[] {
    const closed = (scope.transport ?? []).flatMap((each): PolicyViolation[] => {
      const why = whyNotOffered(each, this.#input);
      if (why === undefined) return [];
      return [{ message: `The server offers no connection ${transportWords[each]}: ${why}`, certainty: 'certain' }];
    });
    const analysis = this.#analysisOf(scope);
    const found = findInScope(analysis, scope);
    const refused = found
      .filter(({ rule }) => rule?.outcome.kind !== 'way-in')
      .map((each) => this.#violation(each, analysis));
    const rules = found.map(({ rule }) => rule);
    const unmapped = unmappedUsers(rules, scope, this.#input, analysis).map(({ words, ...each }): PolicyViolation => {
      const { message, ...violation } = this.#violation(each, analysis);
      return { ...violation, message: `${message}, ${words}` };
    });
    const violations = [...closed, ...refused, ...unmapped];
    const isOffered = (transportsOfScope(scope) & this.#analysis.list.offered) !== 0;
    if (isOffered || closed.length > 0) return violations;
    const reasons = new Set(transports.flatMap((each) => whyNotOffered(each, this.#input) ?? []));
    const message = `The server offers no connection of the scope: ${[...reasons].join(', ')}`;
    return [{ message, certainty: 'certain' }];
  }

  #missing(scope: Scope): PolicyViolation[] {
    const analysis = this.#analysisOf(scope);
    const found = findInScope(analysis, { ...scope, outcome: 'way-in' });
    const finder = new AdmittedFinder(scope, [], this.#input, analysis, this.#facts.roles);
    // With db_user_namespace, the users of the scope are not the roles that the server looks up.
    const isKnown = !isNamespaced(this.#input);
    const admitted = isKnown ? found.flatMap((each) => finder.find(each) ?? []) : found;
    if (isKnown && admitted.some(({ certain }) => certain)) return [];
    const certainty = admitted.length > 0 ? 'maybe' : 'certain';
    return [{ message: 'No connection of the scope is let in', certainty }];
  }

  #newAccess(within: Scope): PolicyViolation[] {
    if (this.#baseline === undefined) {
      throw new PgHostsslError('argument-invalid', 'noNewAccess needs the argument baseline of checkPolicy');
    }
    const baseline = { input: this.#baseline, analysis: analysisOf(readClientRules(this.#baseline, this.#facts)) };
    const { found, notCompared } = findClasses(baseline.analysis, this.#analysis, within);
    // The result has one violation for each deciding rule. A certain violation is preferred, because the verdict is
    // then `violated` and not `unknown`.
    const byRule = new Map<AccessRule | undefined, FoundClass>();
    for (const each of newAccessIn(found)) {
      const kept = byRule.get(each.after);
      if (kept === undefined || (each.certain && !kept.certain)) byRule.set(each.after, each);
    }
    const violations = [...byRule.values()].map(({ before, after, certain, witnesses }): PolicyViolation => {
      const decided = [
        { rule: before, ...baseline },
        { rule: after, input: this.#input, analysis: this.#analysis },
      ];
      const proof = proofOf(witnesses(), certain, decided);
      return {
        message: `${shownConnection(proof.witness)}: ${outcomeWords(after)}; before, ${outcomeWords(before)}`,
        ...proof,
        ...(after === undefined ? {} : { rule: after.placed }),
      };
    });
    return [...violations, ...this.#notCompared(this.#baseline, notCompared)];
  }

  /**
   * Returns a violation for each rule whose connections were not all compared with the baseline: the rules of
   * `tooMany`, and the rules whose meaning depends on a file that was not read and that can have changed, too.
   */
  #notCompared(baseline: AccessInput, tooMany: readonly AccessRule[]): PolicyViolation[] {
    const { rules } = this.#analysis.list;
    const unread = new Set(baseline.hba === this.#input.hba ? [] : rules.filter(dependsOnUnreadFile));
    const { ident } = this.#input;
    const isSameIdent = ident !== undefined && ident === baseline.ident;
    const isRead = ident !== undefined && readMappings(ident).every(({ kind }) => kind !== 'unread');
    if (!isSameIdent && !isRead) for (const rule of rules.filter(namesMap)) unread.add(rule);
    return [...new Set([...tooMany, ...unread])].map((rule) => {
      const why = unread.has(rule) || dependsOnUnreadFile(rule) ? 'a file was not read' : 'too many rules were changed';
      const message = `Not all connections of ${shownPlace(rule.placed)} were compared: ${why}`;
      return { message, rule: rule.placed, certainty: 'maybe' };
    });
  }
}

/** Returns whether the map of a rule decides who gets in by the rule. */
function namesMap({ heldOptions }: AccessRule): boolean {
  return heldOptions.has('map');
}

/** Returns whether a rule represents the lines of a file that was not read, or has an `@file` that was not read. */
function dependsOnUnreadFile({ rule }: AccessRule): boolean {
  return rule === undefined || [...rule.databases, ...rule.users].some(isFileElement);
}
