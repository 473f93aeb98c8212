import type { HbaUser } from '../../hba/index.ts';
import type { AccessRule } from '../rules/access-rule.ts';
import type { TransportSet } from '../rules/transport.ts';
import { Bucket } from './bucket.ts';
import { isSpecial, keyOf, type Special } from './column-key.ts';

/** The rules of one database key, in buckets by the key of the users. */
export class UserBuckets {
  /** The elements of user columns that have to be asked which names they hold. */
  readonly specials: Special<HbaUser>[] = [];
  /** The first rule. */
  readonly first: AccessRule;
  readonly #buckets = new Map<string, Bucket>();
  /** The transports of the rules that were added. */
  #transports: TransportSet = 0;
  /** The rules that were the first ones with some transport. */
  readonly #firsts: AccessRule[] = [];

  /** The buckets of a first rule. @param keys the keys of its users */
  constructor(first: AccessRule, keys: readonly string[]) {
    this.first = first;
    this.add(first, keys);
  }

  /** Adds a rule. @param keys the keys of its users */
  add(rule: AccessRule, keys: readonly string[]): void {
    if ((rule.transports & ~this.#transports) !== 0) {
      this.#transports |= rule.transports;
      this.#firsts.push(rule);
    }
    for (const element of rule.users) {
      if (!isSpecial(element)) continue;
      const key = keyOf(element);
      if (!this.#buckets.has(key)) this.specials.push({ element, key });
    }
    for (const key of keys) {
      const bucket = this.#buckets.get(key);
      if (bucket === undefined) this.#buckets.set(key, new Bucket(key, rule));
      else bucket.rules.push(rule);
    }
  }

  /** Whether a rule before another one shares a transport with it. */
  hasBefore({ index, transports }: AccessRule): boolean {
    return this.#firsts.some((first) => first.index < index && (first.transports & transports) !== 0);
  }

  /** The bucket of a user key. */
  get(key: string): Bucket | undefined {
    return this.#buckets.get(key);
  }

  /** All buckets. */
  get all(): Iterable<Bucket> {
    return this.#buckets.values();
  }
}
