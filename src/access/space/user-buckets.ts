import type { HbaUser } from '../../hba/rule.ts';
import type { AccessRule } from '../rules/access-rule.ts';
import type { AccessFacts } from '../rules/facts.ts';
import type { TransportSet } from '../rules/transport.ts';
import { Bucket, rulesOfBuckets } from './bucket.ts';
import { allKey, isSpecial, keyOf, type Special } from './column-key.ts';
import { RulesByAddress } from './rules-by-address.ts';
import { type SpecialGroup, Specials } from './specials.ts';

/** The rules with one database key, grouped into buckets by user key. */
export class UserBuckets {
  /** The elements of the user columns that are neither names nor `all`. */
  readonly specials: Specials<HbaUser> = new Specials<HbaUser>();
  /** For groups of special elements, a bucket of the rules of all elements. */
  readonly #merged = new Map<SpecialGroup<HbaUser>, Bucket | undefined>();
  /** The first rule with the database key. */
  readonly first: AccessRule;
  /** The bucket of the rules for `all` users, which nearly every search needs. */
  #all: Bucket | undefined = undefined;
  readonly #others = new Map<string, Bucket>();
  /** The transports of all added rules together. */
  #transports: TransportSet = 0;
  /** For each transport, the first rule that has the transport. */
  readonly #firsts: AccessRule[] = [];
  #byAddress: RulesByAddress | undefined = undefined;

  /**
   * Creates the buckets with a first rule.
   *
   * @param keys the user keys of the rule
   */
  constructor(first: AccessRule, keys: readonly string[]) {
    this.first = first;
    this.add(first, keys);
  }

  /**
   * Adds a rule.
   *
   * @param keys the user keys of the rule
   */
  add(rule: AccessRule, keys: readonly string[]): void {
    if ((rule.transports & ~this.#transports) !== 0) {
      this.#transports |= rule.transports;
      this.#firsts.push(rule);
    }
    for (const element of rule.users) {
      if (!isSpecial(element)) continue;
      const key = keyOf(element);
      if (!this.#others.has(key)) this.specials.add({ element, key });
    }
    for (const key of keys) {
      const bucket = this.get(key);
      if (bucket !== undefined) bucket.rules.push(rule);
      else if (key === allKey) this.#all = new Bucket([rule]);
      else this.#others.set(key, new Bucket([rule]));
    }
  }

  /** Returns whether an earlier rule shares a transport with the given rule. */
  hasBefore({ index, transports }: AccessRule): boolean {
    return this.#firsts.some((first) => first.index < index && (first.transports & transports) !== 0);
  }

  get(key: string): Bucket | undefined {
    if (key === allKey) return this.#all;
    // The check for an empty map avoids hashing the key.
    return this.#others.size === 0 ? undefined : this.#others.get(key);
  }

  /** Returns the bucket of a special element, or of the elements of a group; `undefined` for an empty group. */
  ofSpecial(special: Special<HbaUser> | SpecialGroup<HbaUser>): Bucket | undefined {
    if ('key' in special) return this.#others.get(special.key);
    const { specials } = special;
    if (specials.length < 2) return specials[0] && this.#others.get(specials[0].key);
    let bucket = this.#merged.get(special);
    if (bucket === undefined) {
      bucket = new Bucket(rulesOfBuckets(specials.map(({ key }) => this.#others.get(key)!)));
      this.#merged.set(special, bucket);
    }
    return bucket;
  }

  /** Returns an index by address of the rules of all buckets. */
  byAddress(facts: AccessFacts): RulesByAddress {
    this.#byAddress ??= new RulesByAddress(rulesOfBuckets(this.list), facts);
    return this.#byAddress;
  }

  /** The buckets of all user keys. */
  get list(): readonly Bucket[] {
    return this.#all === undefined ? [...this.#others.values()] : [this.#all, ...this.#others.values()];
  }
}
