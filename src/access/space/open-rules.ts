import type { TransportSet } from '../rules/transport.ts';
import type { OpenAddress } from './address-atom.ts';

/** A rule whose addresses only a fact tells. */
export interface OpenEntry {
  readonly atom: OpenAddress;
  readonly transports: TransportSet;
  /** The index of the rule. */
  readonly rule: number;
}

/** The rules whose addresses only a fact tells: host names, and the machine's own addresses if they are not known. */
export class OpenRules {
  /** All of them, in their order. */
  readonly entries: OpenEntry[] = [];
  /** By the address column the rules with it, but for those with the transports of an earlier one. */
  readonly #firsts = new Map<string, OpenEntry[]>();

  /** Adds a rule behind all others. */
  add(entry: OpenEntry): void {
    this.entries.push(entry);
    const key = keyOf(entry.atom);
    const firsts = this.#firsts.get(key);
    if (firsts === undefined) this.#firsts.set(key, [entry]);
    else if (firsts.every(({ transports }) => (entry.transports & ~transports) !== 0)) firsts.push(entry);
  }

  /** The first rule with a transport that surely holds all addresses of an address column. */
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

/** The keys of the columns that hold all addresses of a column: a host name with a leading dot holds the names below it. */
function keysOfHolders(atom: OpenAddress): readonly string[] {
  if (atom.kind !== 'host-name') return atom.kind === 'samehost' ? [keyOf(atom), '\0samenet'] : [keyOf(atom)];
  const keys = [atom.hostName];
  for (let i = atom.hostName.indexOf('.', 1); i > 0; i = atom.hostName.indexOf('.', i + 1)) {
    keys.push(atom.hostName.slice(i));
  }
  return keys;
}
