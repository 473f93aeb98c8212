import fc from 'fast-check';

/** How many runs a property gets: the given number times PG_HOSTSSL_RUNS (1 if not set). */
export function runs(count: number): number {
  return Math.ceil(count * Number(process.env.PG_HOSTSSL_RUNS ?? 1));
}

/** The seed of this process's properties: PG_HOSTSSL_SEED, or a new one, which a failure prints. */
export const seed: number = Number(process.env.PG_HOSTSSL_SEED ?? Date.now() % 0x7fffffff);

/** Bytes as they occur in files, and as they do not: pieces of settings, any bytes, BOM, CR, NUL, invalid UTF-8. */
export const anyBytes: fc.Arbitrary<Uint8Array> = fc.oneof(
  fc.uint8Array({ maxLength: 60 }),
  fc
    .array(
      fc.oneof(
        fc.constantFrom(
          ...['ssl', 'work_mem', 'a.b', ' ', '\t', '=', "'", "''", '\\', '#', '\n', '\r\n', '\r', '.', '-', '+', '1'],
          ...['0x1F', '5MB', '1.5', 'e-5', 'include', '"', '\\101', '\\\\', "'x'", 'on', '\0', '\ufeff', 'ä', '😀'],
          ...[' = ', "= 'it''s'", '#ssl = off', '\nwork_mem = 4MB # note', '\nssl = on'],
        ),
        fc.string({ maxLength: 3 }),
      ),
      { maxLength: 25 },
    )
    .map((pieces) => new TextEncoder().encode(pieces.join(''))),
  fc
    .array(fc.constantFrom('ssl', '=', "'", '\xff', '\x80', '\xc3', '\n', '#', ' ', '\\', '\0', 'on'), {
      maxLength: 20,
    })
    .map((pieces) => Uint8Array.from(pieces.join(''), (c) => c.charCodeAt(0))),
);
