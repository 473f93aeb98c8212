/** An object with the content of a file. */
export interface WithContent {
  /**
   * Returns a copy of the content of the file. This is a method and no property, so that printing the object never
   * shows a private key.
   */
  content(): Uint8Array;
}

class Holder implements WithContent {
  readonly #content: Uint8Array;

  constructor(facts: object, content: Uint8Array) {
    Object.assign(this, facts);
    this.#content = new Uint8Array(content);
  }

  content(): Uint8Array {
    return new Uint8Array(this.#content);
  }
}

/**
 * Adds the content of a file to facts about the file. No property of the result holds the content. `util.inspect` with
 * any options, `JSON.stringify`, `structuredClone` and `{...spread}` therefore show only the facts.
 *
 * @param facts the properties of the result
 * @returns an object with these properties and the method `content`
 */
export function withContent<T extends object>(facts: T, content: Uint8Array): T & WithContent {
  return new Holder(facts, content) as T & Holder;
}
