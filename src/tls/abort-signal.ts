/** What is used of an `AbortSignal`. */
export interface AbortState {
  /** Whether it is aborted. */
  readonly aborted: boolean;
  /** Why. */
  readonly reason: unknown;
}

/** The global object of a program whose types have an `AbortSignal`: those of Node or of browsers. */
export interface WithAbortSignal<T> {
  /** The class. */
  readonly AbortSignal: {
    /** Its instances. */
    readonly prototype: T;
  };
}

/** An `AbortSignal`, where the program's types have one; the library's own types need neither Node's nor a browser's. */
export type Signal = typeof globalThis extends WithAbortSignal<infer T> ? T : AbortState;
