import fc from 'fast-check';
import type { PgMajor } from '../../src/version.ts';
import { type FileTree, fileOf, nested } from '../hba/generate.ts';
import { unicodeTraps } from '../property.ts';

const word = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom('mymap', 'alice', 'bob', 'all', '+staff', '"all"', '"+x"', 'a,b', 'include', '='),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom('/^(.*)@x$', '"/^a b$"', '/(', '\\1', 'x\\1y', '"\\1"', '/^\\1$', '/[b-a]', '/a{1,300}'),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(...unicodeTraps, '""', 'é', '"a""b"', '#', '\\', ',', '"', '\0', "'x y'", '/a**'),
  },
);

const line = fc
  .tuple(
    fc.array(word, { minLength: 1, maxLength: 5 }),
    fc.constantFrom(' ', '\t', '  ', ', '),
    fc.constantFrom('', ' # x', '\\', ','),
  )
  .map(([words, gap, end]) => words.join(gap) + end);

const good = fc.constantFrom('m alice alice', 'm /^(.*)@x$ \\1', 'm "a b" bob # why', 'n zoë all');

const record = fc.oneof(
  { weight: 3, arbitrary: line },
  { weight: 2, arbitrary: good },
  fc.constantFrom('', '# x', '# x\\', '# x\\\n', '# x\\\\\n', '\\\n'),
);

/** Generated pg_ident.conf files without included files. */
export const identFiles: fc.Arbitrary<FileTree> = fileOf(record, 6).map((text) => ({ 'pg_ident.conf': text }));

/** Returns generated trees of files with pg_ident.conf as the main file. */
export function identTrees(major: PgMajor): fc.Arbitrary<FileTree> {
  return fc.oneof(
    { weight: 3, arbitrary: identFiles },
    { weight: 1, arbitrary: nested(major, record, 'pg_ident.conf') },
  );
}
