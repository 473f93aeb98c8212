import { isKeyword } from '../../hba/column-element.ts';
import type { HbaDatabase, HbaUser } from '../../hba/rule.ts';
import type { AccessRule } from '../rules/access-rule.ts';
import type { RuleList } from '../rules/read-rules.ts';
import { isOpenAddress } from './address-atom.ts';
import type { Pair } from './atom.ts';
import { type Bucket, type BucketAddresses, rulesOfBuckets } from './bucket.ts';
import type { Budget } from './budget.ts';
import { allKey, isSpecial, keyOf, type Special } from './column-key.ts';
import { coversDatabase, coversUser, type NameFacts } from './covers.ts';
import { NameLists } from './name-lists.ts';
import { type Addresses, RulesByAddress } from './rules-by-address.ts';
import { type SpecialGroup, type SpecialQuestion, Specials } from './specials.ts';
import { UserBuckets } from './user-buckets.ts';

/**
 * The largest number of pairs of database and user under which a rule is indexed. If a rule has more pairs, each long
 * list of names gets a single key.
 */
const pairLimit = 64;

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
  /**
   * The rules by database key. If a database key has a single rule, as is usual, this rule is stored without buckets.
   */
  readonly #databases = new Map<string, AccessRule | UserBuckets>();
  /** The elements of the database columns that are neither names nor `all`. */
  readonly #specials = new Specials<HbaDatabase>();
  /** For groups of special elements, the rules of all elements. */
  readonly #merged = new Map<SpecialGroup<HbaDatabase>, UserBuckets>();
  readonly #databaseLists = new NameLists();
  readonly #userLists = new NameLists();
  /** The indexes of the include lines whose files were not read. */
  readonly unread: readonly number[];

  readonly #facts: RuleList['facts'];
  /** The rules of the files that were read. */
  readonly #read: readonly AccessRule[];
  #byUser: UserBuckets | undefined = undefined;
  #byAddress: RulesByAddress | undefined;
  #hasPatterns = false;
  #hasOpen = false;

  /** Creates an index of all rules of a file. */
  constructor({ rules, facts }: Pick<RuleList, 'rules' | 'facts'>) {
    this.#facts = facts;
    this.unread = rules.filter(({ rule }) => rule === undefined).map(({ index }) => index);
    this.#read = this.unread.length === 0 ? rules : rules.filter(({ rule }) => rule !== undefined);
    for (const rule of this.#read) this.#enter(rule);
  }

  /**
   * `true` if no search result can depend on a missing fact, because the rules have no roles, no regular expressions,
   * no host names and no files that were not read.
   */
  get isExact(): boolean {
    return !this.#hasPatterns && !this.#hasOpen && this.unread.length === 0;
  }

  /**
   * Returns `true` if no earlier rule can match the connection with the rule's first database, user, transport and
   * address, so that the rule is reachable. This quick check finds most reachable rules. An element of an earlier rule
   * that is neither a name nor `all` counts as a match.
   */
  isReachedAtFirst(rule: AccessRule): boolean {
    const database = rule.databases[0]!;
    const user = rule.users[0]!;
    if ((this.unread[0] ?? Number.POSITIVE_INFINITY) < rule.index || this.#specials.list.length > fewSpecials)
      return false;
    if (isSpecial(database) || isSpecial(user) || this.#mayTakeFirst(allKey, user, rule)) return false;
    for (const { key } of this.#specials.list) if (this.#mayTakeFirst(key, user, rule)) return false;
    if (typeof database !== 'string') return true;
    if (this.#mayTakeFirst(database, user, rule)) return false;
    return !this.#databaseLists.keysOf(database).some((key) => this.#mayTakeFirst(key, user, rule));
  }

  /**
   * Returns whether an earlier rule with the given database key can match the connection with the rule's first
   * database, user, transport and address.
   */
  #mayTakeFirst(key: string, user: HbaUser, rule: AccessRule): boolean {
    const entered = this.#databases.get(key);
    if (entered === undefined || firstOf(entered).index >= rule.index) return false;
    const buckets = this.#bucketsOf(key, entered);
    if (!buckets.hasBefore(rule)) return false;
    if (buckets.specials.list.length > 0 || this.#holdsFirst(buckets.get(allKey), rule)) return true;
    if (typeof user !== 'string') return false;
    if (this.#holdsFirst(buckets.get(user), rule)) return true;
    return this.#userLists.keysOf(user).some((each) => this.#holdsFirst(buckets.get(each), rule));
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
      for (const key of this.#databaseLists.keysOf(database.name)) this.#findUnder(key, user, limit, question, found);
    }
    // The usual file has no special elements, and the question about them is not made.
    if (this.#specials.list.length === 0) return found;
    const { freshUser, freshDatabase } = question.names;
    // The database with the user's name has the names that the user can have.
    const atom = database.kind === 'same' ? user : database.kind === 'physical' ? undefined : database;
    const asked: SpecialQuestion<HbaDatabase> = {
      ...this.#specialQuestion(question, database.kind === 'same' ? freshUser : freshDatabase),
      covers: (element) => coversDatabase(element, pair, question.names),
    };
    for (const special of this.#specials.matching(atom, asked)) {
      const buckets = this.#bucketsOfSpecial(special);
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

  /** Returns the buckets of a special element of the database column, or of the elements of a group. */
  #bucketsOfSpecial(special: Special<HbaDatabase> | SpecialGroup<HbaDatabase>): UserBuckets | undefined {
    const bucketsOfKey = ({ key }: Special<HbaDatabase>): UserBuckets =>
      this.#bucketsOf(key, this.#databases.get(key)!);
    if ('key' in special) return bucketsOfKey(special);
    const { specials } = special;
    if (specials.length < 2) return specials[0] && bucketsOfKey(specials[0]);
    let buckets = this.#merged.get(special);
    if (buckets === undefined) {
      buckets = this.#bucketsOfRules(rulesOfBuckets(specials.flatMap((each) => bucketsOfKey(each).list)))!;
      this.#merged.set(special, buckets);
    }
    return buckets;
  }

  /** Adds to `found` the addresses of the buckets that belong to a database key and match a user. */
  #findUnder(key: string, user: Pair['user'], limit: number, question: NameQuestion, found: BucketAddresses[]): void {
    const entered = this.#databases.get(key);
    if (entered === undefined || firstOf(entered).index >= limit) return;
    this.#findIn(this.#bucketsOf(key, entered), user, limit, question, found);
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
      for (const each of this.#userLists.keysOf(user.name)) this.#add(buckets.get(each), limit, found);
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
      this.#byAddress ??= new RulesByAddress(this.#read, facts);
      yield this.#byAddress;
    } else {
      const buckets = this.#rulesByUser();
      if (buckets !== undefined) yield* this.#usersNear(buckets, userName, roles);
    }
  }

  /** Yields the buckets that can match a database; `undefined` means a physical replication connection. */
  *#bucketsNear(name: string | undefined): Generator<UserBuckets> {
    for (const key of name === undefined ? [] : keysNear(name, this.#databaseLists)) {
      const entered = this.#databases.get(key);
      if (entered !== undefined) yield this.#bucketsOf(key, entered);
    }
    for (const special of this.#specials.near(name, undefined)) {
      const buckets = this.#bucketsOfSpecial(special);
      if (buckets !== undefined) yield buckets;
    }
  }

  *#usersNear(buckets: UserBuckets, name: string, roles: KnownClient['roles']): Generator<RulesByAddress> {
    for (const key of keysNear(name, this.#userLists)) {
      const bucket = buckets.get(key);
      if (bucket !== undefined) yield bucket.byAddress(this.#facts);
    }
    for (const special of buckets.specials.near(name, roles)) {
      const bucket = buckets.ofSpecial(special);
      if (bucket !== undefined) yield bucket.byAddress(this.#facts);
    }
  }

  /** Returns all rules by user, whatever their databases are. */
  #rulesByUser(): UserBuckets | undefined {
    this.#byUser ??= this.#bucketsOfRules(this.#read.filter(({ transports }) => transports !== 0));
    return this.#byUser;
  }

  #bucketsOfRules([first, ...others]: readonly AccessRule[]): UserBuckets | undefined {
    if (first === undefined) return undefined;
    const buckets = new UserBuckets(first, this.#userKeys(first));
    for (const rule of others) buckets.add(rule, this.#userKeys(rule));
    return buckets;
  }

  #enter(rule: AccessRule): void {
    const { databases, users, transports, address } = rule;
    if (transports === 0) return;
    this.#hasOpen ||= address !== undefined && isOpenAddress(address, this.#facts);
    for (const user of users) this.#hasPatterns ||= isSpecial(user);
    for (const element of databases) {
      if (!isSpecial(element)) continue;
      const key = keyOf(element);
      if (!this.#databases.has(key)) this.#specials.add({ element, key });
      this.#hasPatterns ||= !needsNoFacts(element);
    }
    if (!isLong(rule)) {
      for (const element of databases) this.#enterUnder(keyOf(element), rule);
      return;
    }
    // The list of users gets its key now. The buckets that use this key are built later, when a search needs them.
    this.#userLists.keysOfColumn(users);
    for (const key of this.#databaseLists.keysOfColumn(databases)) this.#enterUnder(key, rule);
  }

  #enterUnder(key: string, rule: AccessRule): void {
    const entered = this.#databases.get(key);
    if (entered === undefined) this.#databases.set(key, rule);
    else this.#bucketsOf(key, entered).add(rule, this.#userKeys(rule));
  }

  /** Returns the buckets of a database key, and builds them if there is only a single rule so far. */
  #bucketsOf(key: string, entered: AccessRule | UserBuckets): UserBuckets {
    if (entered instanceof UserBuckets) return entered;
    const buckets = new UserBuckets(entered, this.#userKeys(entered));
    this.#databases.set(key, buckets);
    return buckets;
  }

  #userKeys(rule: AccessRule): readonly string[] {
    return isLong(rule) ? this.#userLists.keysOfColumn(rule.users) : rule.users.map(keyOf);
  }

  /**
   * Reduces a list of names. Names that no rule of the file tells apart form a group, and two names of each group are
   * kept. Two names suffice, because `sameuser` tells apart only the user with the database's name from other users. If
   * the file has regular expressions or roles, which could tell names apart, all names are kept.
   */
  representatives(names: readonly string[], column: 'databases' | 'users'): readonly string[] {
    if (this.#hasPatterns) return names;
    const lists = column === 'databases' ? this.#databaseLists : this.#userLists;
    const isOwn = (name: string): boolean =>
      column === 'databases' ? this.#databases.has(name) : this.#rulesByUser()?.get(name) !== undefined;
    const groups = new Map<string, number>();
    return names.filter((name) => {
      const key = isOwn(name) ? name : `\0lists ${lists.keysOf(name).join(' ')}`;
      const count = groups.get(key) ?? 0;
      groups.set(key, count + 1);
      return count < 2;
    });
  }
}

function isLong({ databases, users }: AccessRule): boolean {
  return databases.length * users.length > pairLimit;
}

function firstOf(entered: AccessRule | UserBuckets): AccessRule {
  return entered instanceof UserBuckets ? entered.first : entered;
}

/** Returns the keys of the index under which rules that match a name are found, except rules with special elements. */
function keysNear(name: string, lists: NameLists): readonly string[] {
  return [name, allKey, ...lists.keysOf(name)];
}

/**
 * Returns whether the element is `sameuser` or `replication`. These elements need no facts: they match by the user's
 * name or by the kind of connection.
 */
function needsNoFacts(element: HbaDatabase): boolean {
  return isKeyword(element, 'sameuser') || isKeyword(element, 'replication');
}
