import type { TransportSet } from '../rules/transport.ts';
import type { OpenAddress } from './address-atom.ts';

/** A rule whose addresses are known only from a fact about the server or the network. */
export interface OpenEntry {
  readonly atom: OpenAddress;
  readonly transports: TransportSet;
  /** The index of the rule. */
  readonly rule: number;
}

/**
 * The rules whose addresses are known only from a fact: host names, and `samehost` and `samenet` if the machine's
 * addresses are not given.
 */
export class OpenRules {
  /** All these rules, in file order. */
  readonly entries: OpenEntry[] = [];
  /** The rules by address column. A rule is left out if earlier rules with this column match all of its transports. */
  readonly #firsts = new Map<string, OpenEntry[]>();

  /** Adds a rule behind all others. */
  add(entry: OpenEntry): void {
    this.entries.push(entry);
    const key = keyOf(entry.atom);
    const firsts = this.#firsts.get(key);
    if (firsts === undefined) this.#firsts.set(key, [entry]);
    else if (firsts.every(({ transports }) => (entry.transports & ~transports) !== 0)) firsts.push(entry);
  }

  /**
   * Returns the index of the first rule that has the transport and certainly matches all addresses of an address
   * column.
   */
  firstFor(atom: OpenAddress, bit: number): number | undefined {
    let first: number | undefined;
    for (const key of keysOfHolders(atom)) {
      const found = this.#firsts.get(key)?.find(({ transports }) => (transports & bit) !== 0);
      if (found !== undefined && (first === undefined || found.rule < first)) first = found.rule;
    }
    return first;
  }
}

function keyOf(atom: OpenAddress): string {
  return atom.kind === 'host-name' ? atom.hostName : `\0${atom.kind}`;
}

/**
 * Returns the keys of the columns that match all addresses of a column. A host name with a leading dot matches all
 * names that end with it.
 */
function keysOfHolders(atom: OpenAddress): readonly string[] {
  if (atom.kind !== 'host-name') return atom.kind === 'samehost' ? [keyOf(atom), '\0samenet'] : [keyOf(atom)];
  const keys = [atom.hostName];
  for (let i = atom.hostName.indexOf('.', 1); i > 0; i = atom.hostName.indexOf('.', i + 1)) {
    keys.push(atom.hostName.slice(i));
  }
  return keys;
}
