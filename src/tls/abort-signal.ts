/** An `AbortSignal`, where the program's types have one; the library's own types need neither Node's nor the browser's. */
export type Signal = typeof globalThis extends { readonly AbortSignal: { readonly prototype: infer T } }
  ? T
  : { readonly aborted: boolean; readonly reason: unknown };
