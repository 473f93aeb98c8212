import { isKeyword } from '../../hba/column-element.ts';
import type { HbaDatabase, HbaUser } from '../../hba/rule.ts';
import type { AccessFacts } from './facts.ts';
import { type AccessInput, isNamespaced } from './input.ts';
import { type RuleList, readRules } from './read-rules.ts';

/**
 * Returns the rules of an input for questions about the users that clients name. With `db_user_namespace`, the rules
 * name roles such as `alice@app`, for which a client names the user `alice` and the database `app`. No set of users
 * represents such a role, so each column that a role name decides becomes an `@file` that was not read.
 */
export function readClientRules(input: AccessInput, facts: AccessFacts): RuleList {
  const list = readRules(input, facts);
  if (!isNamespaced(input)) return list;
  const rules = list.rules.map((rule) => ({
    ...rule,
    databases: rule.databases.map((each) => (isOfRole(each) ? unknownNames(each) : each)),
    users: rule.users.map((each) => (isKeyword(each, 'all') ? each : unknownNames(each))),
  }));
  return { ...list, rules };
}

function isOfRole(database: HbaDatabase): boolean {
  return (['sameuser', 'samerole', 'samegroup'] as const).some((keyword) => isKeyword(database, keyword));
}

function unknownNames(element: HbaDatabase | HbaUser): { readonly file: string } {
  return { file: `db_user_namespace ${JSON.stringify(element)}` };
}
