import { isKeyword } from '../../hba/column-element.ts';
import type { HbaDatabase } from '../../hba/rule.ts';
import type { AccessRule } from '../rules/access-rule.ts';
import type { RuleList } from '../rules/read-rules.ts';
import { isOpenAddress } from './address-atom.ts';
import { rulesOfBuckets } from './bucket.ts';
import { isSpecial, keyOf, type Special } from './column-key.ts';
import { NameLists } from './name-lists.ts';
import { RulesByAddress } from './rules-by-address.ts';
import { type SpecialGroup, Specials } from './specials.ts';
import { UserBuckets } from './user-buckets.ts';

/**
 * The largest number of pairs of database and user under which a rule is indexed. If a rule has more pairs, each long
 * list of names gets a single key.
 */
const pairLimit = 64;

/** Rules, entered under the keys of their database columns. The buckets of a key are built when a search needs them. */
export class EnteredRules {
  /**
   * The rules by database key. If a database key has a single rule, as is usual, this rule is stored without buckets.
   */
  readonly #databases = new Map<string, AccessRule | UserBuckets>();
  /** The elements of the database columns that are neither names nor `all`. */
  readonly specials: Specials<HbaDatabase> = new Specials<HbaDatabase>();
  /** For groups of special elements, the rules of all elements. */
  readonly #merged = new Map<SpecialGroup<HbaDatabase>, UserBuckets>();
  /** The long lists of the database columns. */
  readonly databaseLists: NameLists = new NameLists();
  /** The long lists of the user columns. */
  readonly userLists: NameLists = new NameLists();
  readonly #rules: readonly AccessRule[];
  readonly #facts: RuleList['facts'];
  #byUser: UserBuckets | undefined = undefined;
  #byAddress: RulesByAddress | undefined = undefined;
  #hasPatterns = false;
  #hasOpen = false;

  /** Enters rules, without those that stand for files that were not read. */
  constructor(rules: readonly AccessRule[], facts: RuleList['facts']) {
    this.#rules = rules;
    this.#facts = facts;
    for (const rule of rules) this.#enter(rule);
  }

  /** `true` if a column has an element that only facts tell: a role, a regular expression or an unread `@file`. */
  get hasPatterns(): boolean {
    return this.#hasPatterns;
  }

  /** `true` if a rule has a host name, or `samehost` or `samenet` while the interfaces are unknown. */
  get hasOpen(): boolean {
    return this.#hasOpen;
  }

  /** Returns whether a rule is entered under a database key. */
  hasDatabase(key: string): boolean {
    return this.#databases.has(key);
  }

  /** Returns the buckets of a database key; `undefined` if no rule with an index below `limit` has the key. */
  bucketsUnder(key: string, limit: number = Number.POSITIVE_INFINITY): UserBuckets | undefined {
    const entered = this.#databases.get(key);
    if (entered === undefined || firstOf(entered).index >= limit) return undefined;
    return this.#bucketsOf(key, entered);
  }

  /** Returns the buckets of a special element of the database column, or of the elements of a group. */
  bucketsOfSpecial(special: Special<HbaDatabase> | SpecialGroup<HbaDatabase>): UserBuckets | undefined {
    if ('key' in special) return this.bucketsUnder(special.key);
    const { specials } = special;
    if (specials.length < 2) return specials[0] && this.bucketsUnder(specials[0].key);
    let buckets = this.#merged.get(special);
    if (buckets === undefined) {
      const merged = rulesOfBuckets(specials.flatMap(({ key }) => this.bucketsUnder(key)!.list));
      buckets = this.#bucketsOfRules(merged)!;
      this.#merged.set(special, buckets);
    }
    return buckets;
  }

  /** Returns the rules of all databases by user. */
  byUser(): UserBuckets | undefined {
    this.#byUser ??= this.#bucketsOfRules(this.#rules.filter(({ transports }) => transports !== 0));
    return this.#byUser;
  }

  /** Returns the rules of all databases and users by address. */
  byAddress(): RulesByAddress {
    this.#byAddress ??= new RulesByAddress(this.#rules, this.#facts);
    return this.#byAddress;
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
      if (!this.#databases.has(key)) this.specials.add({ element, key });
      this.#hasPatterns ||= !needsNoFacts(element);
    }
    if (!isLong(rule)) {
      for (const element of databases) this.#enterUnder(keyOf(element), rule);
      return;
    }
    // The list of users gets its key now. The buckets that use this key are built later, when a search needs them.
    this.userLists.keysOfColumn(users);
    for (const key of this.databaseLists.keysOfColumn(databases)) this.#enterUnder(key, rule);
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
    return isLong(rule) ? this.userLists.keysOfColumn(rule.users) : rule.users.map(keyOf);
  }
}

function isLong({ databases, users }: AccessRule): boolean {
  return databases.length * users.length > pairLimit;
}

function firstOf(entered: AccessRule | UserBuckets): AccessRule {
  return entered instanceof UserBuckets ? entered.first : entered;
}

/**
 * Returns whether the element is `sameuser` or `replication`. These elements need no facts: they match by the user's
 * name or by the kind of connection.
 */
function needsNoFacts(element: HbaDatabase): boolean {
  return isKeyword(element, 'sameuser') || isKeyword(element, 'replication');
}
