import type { TransportSet } from '../rules/transport.ts';
import type { OpenAddress } from './address-atom.ts';

/** A rule for a host name, `samehost` or `samenet`, whose addresses only a fact about the server can tell. */
export interface OpenEntry {
  readonly atom: OpenAddress;
  readonly transports: TransportSet;
  /** The index of the rule in the list of all rules. */
  readonly rule: number;
}

/**
 * The rules whose addresses only a missing fact could tell: rules for host names, and rules for `samehost` and
 * `samenet` if the facts contain no interfaces.
 */
export class OpenRules {
  /** The added rules, in file order. */
  readonly entries: OpenEntry[] = [];
  /**
   * The rules by their address column. A rule is left out if an earlier rule has the same address column and matches
   * all of the rule's transports.
   */
  readonly #firsts = new Map<string, OpenEntry[]>();

  /** Adds a rule, which must come after all rules added before. */
  add(entry: OpenEntry): void {
    this.entries.push(entry);
    const key = keyOf(entry.atom);
    const firsts = this.#firsts.get(key);
    if (firsts === undefined) this.#firsts.set(key, [entry]);
    else if (firsts.every(({ transports }) => (entry.transports & ~transports) !== 0)) firsts.push(entry);
  }

  /**
   * Returns the index of the first rule that has the transport and certainly matches all addresses of a host name,
   * `samehost` or `samenet`.
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
 * Returns the keys of all address columns that certainly match the addresses of a given column. For the host name
 * `a.example.com`, these are also the columns `.example.com` and `.com`.
 */
function keysOfHolders(atom: OpenAddress): readonly string[] {
  if (atom.kind !== 'host-name') return atom.kind === 'samehost' ? [keyOf(atom), '\0samenet'] : [keyOf(atom)];
  return holdersOf(atom.hostName);
}

/** Returns the host names of all address columns that match a host name: the name itself and its endings. */
export function holdersOf(hostName: string): readonly string[] {
  const keys = [hostName];
  for (let i = hostName.indexOf('.', 1); i > 0; i = hostName.indexOf('.', i + 1)) keys.push(hostName.slice(i));
  return keys;
}
