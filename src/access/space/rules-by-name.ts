import type { HbaDatabase, HbaUser } from '../../hba/rule.ts';
import type { AccessRule } from '../rules/access-rule.ts';
import type { RuleList } from '../rules/read-rules.ts';
import type { Pair } from './atom.ts';
import type { Bucket, BucketAddresses } from './bucket.ts';
import type { Budget } from './budget.ts';
import { allKey, isSpecial } from './column-key.ts';
import { coversDatabase, coversUser, type NameFacts } from './covers.ts';
import { EnteredRules } from './entered-rules.ts';
import type { NameLists } from './name-lists.ts';
import type { Addresses, RulesByAddress } from './rules-by-address.ts';
import type { SpecialQuestion } from './specials.ts';
import type { UserBuckets } from './user-buckets.ts';

/**
 * The quick check of `isReachedAtFirst` is skipped if the database columns of a file have more different special
 * elements than this.
 */
const fewSpecials = 8;

/** The connections for which rules are searched. */
interface Connections extends Addresses {
  /** The databases and users of the connections, as pairs. */
  readonly pairs: readonly Pair[];
  readonly client?: KnownClient;
}

/** What is known about the client of a single connection. A missing list is unknown. */
export interface KnownClient {
  /** The roles of which the user is a member. */
  readonly roles?: readonly string[] | undefined;
  /** The host names of the client. */
  readonly hostNames?: readonly string[] | undefined;
}

/**
 * The parameters of a search for rules that match a pair of database and user, whatever the addresses and transports of
 * the rules are.
 */
interface NameQuestion {
  /**
   * `sure` selects the rules that certainly match. `possible` also selects the rules that missing facts could make
   * match.
   */
  readonly mode: 'sure' | 'possible';
  /** Names that no rule mentions, and the facts about the server. */
  readonly names: NameFacts;
  /** The remaining computing steps. */
  readonly budget: Budget;
}

/**
 * An index of the rules of a file by the names in their database and user columns. Each search has a limit for the rule
 * index, so that one index serves searches in the rules above any rule.
 */
export class RulesByName {
  /** The indexes of the include lines whose files were not read. */
  readonly unread: readonly number[];
  /** The rules of the files that were read. */
  readonly #entered: EnteredRules;
  readonly #facts: RuleList['facts'];

  /** Creates an index of all rules of a file. */
  constructor({ rules, facts }: Pick<RuleList, 'rules' | 'facts'>) {
    this.#facts = facts;
    this.unread = rules.filter(({ rule }) => rule === undefined).map(({ index }) => index);
    const read = this.unread.length === 0 ? rules : rules.filter(({ rule }) => rule !== undefined);
    this.#entered = new EnteredRules(read, facts);
  }

  /**
   * `true` if no search result can depend on a missing fact, because the rules have no roles, no regular expressions,
   * no host names and no files that were not read.
   */
  get isExact(): boolean {
    return !this.#entered.hasPatterns && !this.#entered.hasOpen && this.unread.length === 0;
  }

  /**
   * Returns `true` if no earlier rule can match the connection with the rule's first database, user, transport and
   * address, so that the rule is reachable. This quick check finds most reachable rules. An element of an earlier rule
   * that is neither a name nor `all` counts as a match.
   */
  isReachedAtFirst(rule: AccessRule): boolean {
    const database = rule.databases[0]!;
    const user = rule.users[0]!;
    if ((this.unread[0] ?? Number.POSITIVE_INFINITY) < rule.index || this.#entered.specials.list.length > fewSpecials)
      return false;
    if (isSpecial(database) || isSpecial(user) || this.#mayTakeFirst(allKey, user, rule)) return false;
    for (const { key } of this.#entered.specials.list) if (this.#mayTakeFirst(key, user, rule)) return false;
    if (typeof database !== 'string') return true;
    if (this.#mayTakeFirst(database, user, rule)) return false;
    return !this.#entered.databaseLists.keysOf(database).some((key) => this.#mayTakeFirst(key, user, rule));
  }

  /**
   * Returns whether an earlier rule with the given database key can match the connection with the rule's first
   * database, user, transport and address.
   */
  #mayTakeFirst(key: string, user: HbaUser, rule: AccessRule): boolean {
    const buckets = this.#entered.bucketsUnder(key, rule.index);
    if (buckets?.hasBefore(rule) !== true) return false;
    if (buckets.specials.list.length > 0 || this.#holdsFirst(buckets.get(allKey), rule)) return true;
    if (typeof user !== 'string') return false;
    if (this.#holdsFirst(buckets.get(user), rule)) return true;
    return this.#entered.userLists.keysOf(user).some((each) => this.#holdsFirst(buckets.get(each), rule));
  }

  #holdsFirst(bucket: Bucket | undefined, rule: AccessRule): boolean {
    if (bucket === undefined || bucket.rules[0]!.index >= rule.index) return false;
    return bucket.addresses(this.#facts).mayHoldFirst(rule);
  }

  /**
   * Returns the addresses of the buckets that match a pair of database and user and that contain a rule with an index
   * below `limit`.
   */
  addressesFor(pair: Pair, limit: number, question: NameQuestion): readonly BucketAddresses[] {
    const found: BucketAddresses[] = [];
    const { database, user } = pair;
    if (database.kind !== 'physical') this.#findUnder(allKey, user, limit, question, found);
    if (database.kind === 'name') {
      this.#findUnder(database.name, user, limit, question, found);
      for (const key of this.#entered.databaseLists.keysOf(database.name))
        this.#findUnder(key, user, limit, question, found);
    }
    // The usual file has no special elements, and the question about them is not made.
    if (this.#entered.specials.list.length === 0) return found;
    const { freshUser, freshDatabase } = question.names;
    // The database with the user's name has the names that the user can have.
    const atom = database.kind === 'same' ? user : database.kind === 'physical' ? undefined : database;
    const asked: SpecialQuestion<HbaDatabase> = {
      ...this.#specialQuestion(question, database.kind === 'same' ? freshUser : freshDatabase),
      covers: (element) => coversDatabase(element, pair, question.names),
    };
    for (const special of this.#entered.specials.matching(atom, asked)) {
      const buckets = this.#entered.bucketsOfSpecial(special);
      if (buckets !== undefined) this.#findIn(buckets, user, limit, question, found);
    }
    return found;
  }

  #specialQuestion(
    { mode, budget, names: { facts } }: NameQuestion,
    fresh: string,
  ): Omit<SpecialQuestion<never>, 'covers'> {
    return { mode, budget, fresh, hasRoleFacts: facts.memberOf !== undefined || facts.roles !== undefined };
  }

  /** Adds to `found` the addresses of the buckets that belong to a database key and match a user. */
  #findUnder(key: string, user: Pair['user'], limit: number, question: NameQuestion, found: BucketAddresses[]): void {
    const buckets = this.#entered.bucketsUnder(key, limit);
    if (buckets !== undefined) this.#findIn(buckets, user, limit, question, found);
  }

  /** Adds to `found` the addresses of the buckets that match a user. */
  #findIn(
    buckets: UserBuckets,
    user: Pair['user'],
    limit: number,
    question: NameQuestion,
    found: BucketAddresses[],
  ): void {
    if (buckets.first.index >= limit) return;
    this.#add(buckets.get(allKey), limit, found);
    if (user.kind === 'name') {
      this.#add(buckets.get(user.name), limit, found);
      for (const each of this.#entered.userLists.keysOf(user.name)) this.#add(buckets.get(each), limit, found);
    }
    if (buckets.specials.list.length === 0) return;
    const asked: SpecialQuestion<HbaUser> = {
      ...this.#specialQuestion(question, question.names.freshUser),
      covers: (element) => coversUser(element, user, question.names),
    };
    for (const special of buckets.specials.matching(user, asked)) this.#add(buckets.ofSpecial(special), limit, found);
  }

  #add(bucket: Bucket | undefined, limit: number, found: BucketAddresses[]): void {
    if (bucket !== undefined && bucket.rules[0]!.index < limit) found.push(bucket.addresses(this.#facts));
  }

  /** Returns the rules that can match one of the connections, in file order. Files that were not read are ignored. */
  rulesNear(connections: Connections): readonly AccessRule[] {
    return [...this.rulesNearFrom(connections, 0)].sort((a, b) => a.index - b.index);
  }

  /** Yields the rules from an index on that can match one of the connections, in no order. */
  *rulesNearFrom({ pairs, client = {}, ...addresses }: Connections, from: number): Generator<AccessRule> {
    const seen = new Set<AccessRule>();
    const searched = new Set<RulesByAddress>();
    for (const pair of pairs) {
      for (const group of this.#groupsNear(pair, client)) {
        if (searched.has(group)) continue;
        searched.add(group);
        for (const rule of group.near(addresses, from, client.hostNames)) {
          if (!seen.has(rule)) yield rule;
          seen.add(rule);
        }
      }
    }
  }

  /** Yields the rules that can match a pair of database and user, as indexes that are searched by address. */
  *#groupsNear({ database, user }: Pair, { roles }: KnownClient): Generator<RulesByAddress> {
    const facts = this.#facts;
    const userName = user.kind === 'name' ? user.name : undefined;
    if (database.kind === 'name' || database.kind === 'physical') {
      for (const buckets of this.#bucketsNear(database.kind === 'name' ? database.name : undefined)) {
        if (userName === undefined) yield buckets.byAddress(facts);
        else yield* this.#usersNear(buckets, userName, roles);
      }
    } else if (userName === undefined) {
      yield this.#entered.byAddress();
    } else {
      const buckets = this.#entered.byUser();
      if (buckets !== undefined) yield* this.#usersNear(buckets, userName, roles);
    }
  }

  /** Yields the buckets that can match a database; `undefined` means a physical replication connection. */
  *#bucketsNear(name: string | undefined): Generator<UserBuckets> {
    for (const key of name === undefined ? [] : keysNear(name, this.#entered.databaseLists)) {
      const buckets = this.#entered.bucketsUnder(key);
      if (buckets !== undefined) yield buckets;
    }
    for (const special of this.#entered.specials.near(name, undefined)) {
      const buckets = this.#entered.bucketsOfSpecial(special);
      if (buckets !== undefined) yield buckets;
    }
  }

  *#usersNear(buckets: UserBuckets, name: string, roles: KnownClient['roles']): Generator<RulesByAddress> {
    for (const key of keysNear(name, this.#entered.userLists)) {
      const bucket = buckets.get(key);
      if (bucket !== undefined) yield bucket.byAddress(this.#facts);
    }
    for (const special of buckets.specials.near(name, roles)) {
      const bucket = buckets.ofSpecial(special);
      if (bucket !== undefined) yield bucket.byAddress(this.#facts);
    }
  }

  /**
   * Reduces a list of names. Names that no rule of the file tells apart form a group, and two names of each group are
   * kept. Two names suffice, because `sameuser` tells apart only the user with the database's name from other users. If
   * the file has regular expressions or roles, which could tell names apart, all names are kept.
   */
  representatives(names: readonly string[], column: 'databases' | 'users'): readonly string[] {
    if (this.#entered.hasPatterns) return names;
    const lists = column === 'databases' ? this.#entered.databaseLists : this.#entered.userLists;
    const isOwn = (name: string): boolean =>
      column === 'databases' ? this.#entered.hasDatabase(name) : this.#entered.byUser()?.get(name) !== undefined;
    const groups = new Map<string, number>();
    return names.filter((name) => {
      const key = isOwn(name) ? name : `\0lists ${lists.keysOf(name).join(' ')}`;
      const count = groups.get(key) ?? 0;
      groups.set(key, count + 1);
      return count < 2;
    });
  }
}

/** Returns the keys of the index under which rules that match a name are found, except rules with special elements. */
function keysNear(name: string, lists: NameLists): readonly string[] {
  return [name, allKey, ...lists.keysOf(name)];
}
