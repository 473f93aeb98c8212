import fc from 'fast-check';
import { type FileTree, fileOf, nested } from '../hba/generate.ts';
import { unicodeTraps } from '../property.ts';

/** The names of the certificates that generated records use: `a.crt` with the key `a.key`, and so on. */
export const certificates = ['a', 'b', 'c'] as const;

const host = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom('a.example.com', 'A.example.COM', '"b.example.com"', 'b.example.com.', 'c.example.com'),
  },
  { weight: 2, arbitrary: fc.constantFrom('*', '/no_sni/', '"*"', '"/no_sni/"', '/NO_SNI/', '*.example.com') },
  { weight: 1, arbitrary: fc.constantFrom(...unicodeTraps, '""', 'é', '"a b"', 'a\\', '@words', '=', 'include') },
);

const list = fc
  .array(host, { minLength: 1, maxLength: 3 })
  .chain((hosts) => fc.constantFrom(',', ',', ', ', ' ,', ',,').map((comma) => hosts.join(comma)));

const files = fc.constantFrom(...certificates).map((name) => [`${name}.crt`, `${name}.key`]);

const tail = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('', '', '  ', ' # x', '\t#', '\\', ',') },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      ...[' root.crt', ' "root.crt" # x', ' ""', ' root.crt "echo x"', ' root.crt "" on', ' root.crt echo off'],
    ),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      ...[
        ' root.crt,a',
        ' root.crt echo,x',
        ' root.crt echo o',
        ' root.crt echo on x',
        ' root.crt "echo',
        ' root.crt e ""',
      ],
    ),
  },
);

const gap = fc.constantFrom(' ', '\t', '  ', ' \t ', '\\\n', '\f');

const whole = fc
  .tuple(list, gap, files, tail)
  .map(([hosts, blank, [certificate, key], end]) => `${hosts}${blank}${certificate}${blank}${key}${end}`);

const good = fc.tuple(host, files).map(([name, [certificate, key]]) => `${name} ${certificate} ${key}`);

const short = fc
  .tuple(list, fc.constantFrom('', ' a.crt', ' a.crt,b.crt b.key', ' a.crt a.key,'))
  .map((parts) => parts.join(''));

const record = fc.oneof(
  { weight: 4, arbitrary: good },
  { weight: 3, arbitrary: whole },
  { weight: 1, arbitrary: short },
  fc.constantFrom('', '# x', '# x\\', '\\\n', '@words a.crt a.key', 'a.example.com b.crt @key', 'x\0y a.crt a.key'),
);

const trees = fc.oneof(
  { weight: 2, arbitrary: fileOf(good, 4).map((text) => ({ 'pg_hosts.conf': text })) },
  { weight: 3, arbitrary: fileOf(record, 5).map((text) => ({ 'pg_hosts.conf': text })) },
  { weight: 2, arbitrary: nested(19, record, 'pg_hosts.conf') },
);

/** Generated trees of files with pg_hosts.conf as the main file. */
export const hostsTrees: fc.Arbitrary<FileTree> = trees.map((tree) => ({
  words: 'c.example.com',
  key: 'b.key',
  ...tree,
}));
