import type { HbaUser } from '../../hba/index.ts';
import type { AccessRule } from '../rules/access-rule.ts';
import type { AccessFacts } from '../rules/facts.ts';
import type { TransportSet } from '../rules/transport.ts';
import { Bucket, rulesOfBuckets } from './bucket.ts';
import { allKey, isSpecial, keyOf, type Special } from './column-key.ts';
import { RulesByAddress } from './rules-by-address.ts';

/** The rules of one database key, in buckets by user key. */
export class UserBuckets {
  /** The special elements of the user columns. */
  readonly specials: Special<HbaUser>[] = [];
  /** The first rule. */
  readonly first: AccessRule;
  /** The bucket of `all`, which nearly every question needs. */
  #all: Bucket | undefined = undefined;
  readonly #others = new Map<string, Bucket>();
  /** The transports of the added rules. */
  #transports: TransportSet = 0;
  /** The rules that were the first with some transport. */
  readonly #firsts: AccessRule[] = [];
  #byAddress: RulesByAddress | undefined = undefined;

  /** Creates the buckets with a first rule. @param keys the user keys of the rule */
  constructor(first: AccessRule, keys: readonly string[]) {
    this.first = first;
    this.add(first, keys);
  }

  /** Adds a rule. @param keys the user keys of the rule */
  add(rule: AccessRule, keys: readonly string[]): void {
    if ((rule.transports & ~this.#transports) !== 0) {
      this.#transports |= rule.transports;
      this.#firsts.push(rule);
    }
    for (const element of rule.users) {
      if (!isSpecial(element)) continue;
      const key = keyOf(element);
      if (!this.#others.has(key)) this.specials.push({ element, key });
    }
    for (const key of keys) {
      const bucket = this.get(key);
      if (bucket !== undefined) bucket.rules.push(rule);
      else if (key === allKey) this.#all = new Bucket(key, rule);
      else this.#others.set(key, new Bucket(key, rule));
    }
  }

  /** Returns whether an earlier rule shares a transport with the given rule. */
  hasBefore({ index, transports }: AccessRule): boolean {
    return this.#firsts.some((first) => first.index < index && (first.transports & transports) !== 0);
  }

  /** Returns the bucket of a user key. */
  get(key: string): Bucket | undefined {
    if (key === allKey) return this.#all;
    // A lookup in an empty map would still hash the name.
    return this.#others.size === 0 ? undefined : this.#others.get(key);
  }

  /** The rules of all buckets. */
  byAddress(facts: AccessFacts): RulesByAddress {
    this.#byAddress ??= new RulesByAddress(rulesOfBuckets(this.list), facts);
    return this.#byAddress;
  }

  /** All buckets. */
  get list(): readonly Bucket[] {
    return this.#all === undefined ? [...this.#others.values()] : [this.#all, ...this.#others.values()];
  }
}
