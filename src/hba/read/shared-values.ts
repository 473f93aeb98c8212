import type { LineContext } from '../../auth-file/read/record-format.ts';
import type { Token } from '../../auth-file/scan/token.ts';
import type { HbaAddress, HbaDatabase, HbaOption, HbaUser, NonEmptyList } from '../rule.ts';

/**
 * The values that the rules of a file share. Rules with the same notation in a column share one frozen value, because
 * most files repeat few names, addresses and options. In such a file, this saves a sixth of the memory.
 */
export interface SharedValues {
  readonly databases: ByNotation<NonEmptyList<HbaDatabase>>;
  readonly users: ByNotation<NonEmptyList<HbaUser>>;
  /** The addresses, with their netmasks. */
  readonly addresses: ByNotation<HbaAddress>;
  /** The lists of options. */
  readonly options: ByNotation<readonly HbaOption[]>;
}

/** The number of values that a column keeps. It is a power of two. */
const slots = 512;

/** The number of rules after which a column begins to share values. A file with fewer rules is read faster without. */
const fewest = 64;

/**
 * The number of notations that are not found after which a column stops sharing values. Each notation that is found
 * makes up for four that are not, so a column stops if fewer than one in five is found.
 */
const mostMissing = 4096;

/**
 * The last values of a column, by notation. Each notation has a fixed slot, in which it replaces the notation before
 * it. A search in a `Map` of all notations would take longer than reading the value again.
 */
export class ByNotation<T extends object> {
  #slots: ({ readonly notation: string; readonly value: T; isFrozen: boolean } | undefined)[] | undefined;
  #missing = 0;

  /**
   * Returns the value with this notation. The value is frozen from now on, because several rules have it. The result is
   * `undefined` if the value is not known.
   */
  get(notation: string): T | undefined {
    if (this.#missing > mostMissing) return undefined;
    const slot = this.#slots?.[slotOf(notation)];
    if (slot === undefined || slot.notation !== notation) {
      this.#missing += 1;
      return undefined;
    }
    this.#missing -= 4;
    // Freezing a frozen object again would take as long as freezing it the first time.
    if (!slot.isFrozen) {
      slot.isFrozen = true;
      Object.freeze(slot.value);
    }
    return slot.value;
  }

  /** Keeps a new value for its notation, and returns the value. */
  keep(notation: string, value: T): T {
    if (this.#missing > mostMissing || (this.#slots === undefined && this.#missing < fewest)) return value;
    this.#slots ??= new Array(slots).fill(undefined);
    this.#slots[slotOf(notation)] = { notation, value, isFrozen: false };
    return value;
  }
}

function slotOf(notation: string): number {
  let hash = 0;
  for (let i = 0; i < notation.length; i++) hash = (hash * 31 + notation.charCodeAt(i)) | 0;
  return hash & (slots - 1);
}

const valuesOfFiles = new WeakMap<LineContext, SharedValues>();

/** Returns the values that the rules of a file share. */
export function sharedValues(context: LineContext): SharedValues {
  let values = valuesOfFiles.get(context);
  if (values === undefined) {
    values = {
      databases: new ByNotation(),
      users: new ByNotation(),
      addresses: new ByNotation(),
      options: new ByNotation(),
    };
    valuesOfFiles.set(context, values);
  }
  return values;
}

/** Returns a text that is the same for tokens with the same words and quotes, and different for all others. */
export function notationOf(tokens: readonly Token[]): string {
  return tokens.length === 1 ? notationOfToken(tokens[0]!) : tokens.map(notationOfToken).join('\0');
}

function notationOfToken({ value, quoted }: Token): string {
  return quoted ? `"${value}` : value;
}
