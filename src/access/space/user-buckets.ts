import type { HbaUser } from '../../hba/index.ts';
import type { AccessRule } from '../rules/access-rule.ts';
import type { TransportSet } from '../rules/transport.ts';
import { Bucket } from './bucket.ts';
import { allKey, isSpecial, keyOf, type Special } from './column-key.ts';

/** The rules of one database key, in buckets by the key of the users. */
export class UserBuckets {
  /** The elements of user columns that have to be asked which names they hold. */
  readonly specials: Special<HbaUser>[] = [];
  /** The first rule. */
  readonly first: AccessRule;
  /** The bucket of `all`, which nearly every question asks for. */
  #all: Bucket | undefined = undefined;
  readonly #others = new Map<string, Bucket>();
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
      if (!this.#others.has(key)) this.specials.push({ element, key });
    }
    for (const key of keys) {
      const bucket = this.get(key);
      if (bucket !== undefined) bucket.rules.push(rule);
      else if (key === allKey) this.#all = new Bucket(key, rule);
      else this.#others.set(key, new Bucket(key, rule));
    }
  }

  /** Whether a rule before another one shares a transport with it. */
  hasBefore({ index, transports }: AccessRule): boolean {
    return this.#firsts.some((first) => first.index < index && (first.transports & transports) !== 0);
  }

  /** The bucket of a user key. */
  get(key: string): Bucket | undefined {
    if (key === allKey) return this.#all;
    // A lookup hashes the name even where there is nothing to find.
    return this.#others.size === 0 ? undefined : this.#others.get(key);
  }

  /** All buckets. */
  get list(): readonly Bucket[] {
    return this.#all === undefined ? [...this.#others.values()] : [this.#all, ...this.#others.values()];
  }
}
