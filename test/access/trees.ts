import { posix } from 'node:path';
import fc from 'fast-check';
import { systemError } from '../../src/disk/system-error.ts';
import { HbaFile } from '../../src/hba/index.ts';
import { unreadCode } from '../../src/include/open-failure.ts';
import { type Files, readersOf } from '../hba/tree.ts';
import { ruleLines } from './generate.ts';

/**
 * A generated pg_hba.conf with the files that it includes, and all of their rules in one list, in the server's order.
 */
export interface Tree {
  readonly files: Files;
  readonly flat: readonly FlatRule[];
}

/** A rule in which each `@file` is replaced by its words, and the place of the rule. */
export interface FlatRule {
  readonly text: string;
  readonly file: string;
  readonly line: number;
}

interface RuleItem {
  readonly kind: 'rule';
  readonly line: string;
  /** The index of the column whose words are in an `@file`; 0 if the rule has no `@file`. */
  readonly column: number;
  readonly words: readonly string[];
}

interface IncludeItem {
  readonly kind: 'include' | 'include_if_exists' | 'include_dir' | 'missing';
  /** The contents of the included files. Only `include_dir` can include more than one file. */
  readonly parts: readonly (readonly Item[])[];
}

type Item = RuleItem | IncludeItem;

const directory = '/pg';
/** File names in the order in which the server reads the files of a directory: sorted by bytes. */
const partNames = ['10.conf', '9.conf', 'Z.conf', 'a.conf'];
/** Names of files in a directory that the server ignores. */
const otherNames = ['.hidden.conf', 'note.txt', '.conf'];

const rule: fc.Arbitrary<Item> = fc
  .tuple(
    ruleLines,
    fc.constantFrom(0, 0, 0, 1, 2),
    fc.uniqueArray(fc.constantFrom('a', 'b', 'all', 'c'), { minLength: 1, maxLength: 3 }),
  )
  .map(([line, column, words]) => ({ kind: 'rule', line, column, words }) as const);

function items(depth: number): fc.Arbitrary<readonly Item[]> {
  if (depth === 0) return fc.array(rule, { minLength: 1, maxLength: 3 });
  const parts = fc.array(items(depth - 1), { minLength: 1, maxLength: 2 });
  const include = fc
    .tuple(fc.constantFrom('include', 'include_if_exists', 'include_dir', 'missing'), parts)
    .map(([kind, list]) => ({ kind, parts: list }) as Item);
  const item = fc.oneof({ weight: 3, arbitrary: rule }, { weight: 1, arbitrary: include });
  return fc.array(item, { minLength: 1, maxLength: 5 });
}

/** Generated trees of files, with include lines nested at most two deep. */
export const trees: fc.Arbitrary<Tree> = items(2).map(treeOf);

/**
 * Pairs of trees: a generated tree of files, and the same tree with one rule replaced, removed or added in any of its
 * files.
 */
export const treePairs: fc.Arbitrary<readonly [Tree, Tree]> = fc
  .tuple(items(2), fc.nat(20), fc.constantFrom('replace', 'remove', 'add'), rule)
  .map(([before, at, kind, other]) => {
    let left = at;
    const edit = (list: readonly Item[]): readonly Item[] =>
      list.flatMap((item): readonly Item[] => {
        if (item.kind !== 'rule') return [{ ...item, parts: item.parts.map(edit) }];
        if (left-- !== 0) return [item];
        if (kind === 'replace') return [other];
        return kind === 'add' ? [other, item] : [];
      });
    return [treeOf(before), treeOf(edit(before))] as const;
  });

/** Parses the pg_hba.conf of a tree, with its included files, except those that `isUnread` selects by their paths. */
export function fileOf({ files }: Tree, isUnread: (path: string) => boolean = () => false): HbaFile {
  const file = posix.join(directory, 'pg_hba.conf');
  const readers = readersOf(files, directory);
  const readFile = (path: string): Uint8Array => {
    if (isUnread(path)) throw systemError(unreadCode, path);
    return readers.readFile!(path);
  };
  return HbaFile.parse(files['pg_hba.conf']!, { version: 18, file, ...readers, readFile });
}

/** Returns a single file with all rules of a tree. */
export function flatFileOf({ flat }: Tree): HbaFile {
  return HbaFile.parse(flat.map(({ text }) => `${text}\n`).join(''), { version: 18 });
}

function treeOf(list: readonly Item[]): Tree {
  const files: Record<string, string> = {};
  const flat: FlatRule[] = [];
  let count = 0;
  const write = (path: string, content: readonly Item[]): void => {
    const lines: string[] = [];
    const folder = posix.dirname(path);
    for (const item of content) {
      count += 1;
      lines.push(`# ${count}`);
      const line = lines.length + 1;
      if (item.kind === 'rule') {
        const columns = item.line.split(' ');
        if (item.column > 0) columns[item.column] = item.words.join();
        flat.push({ text: columns.join(' '), file: posix.join(directory, path), line });
        if (item.column > 0) {
          files[posix.join(folder, `words${count}`)] = `# words\n${item.words.join('\n')}\n`;
          columns[item.column] = `@words${count}`;
        }
        lines.push(columns.join(' '));
      } else if (item.kind === 'missing') lines.push(`include_if_exists none${count}.conf`);
      else if (item.kind === 'include_dir') {
        const name = `d${count}`;
        lines.push(`include_dir ${name}`);
        for (const other of otherNames) files[posix.join(folder, name, other)] = 'local all all trust\n';
        for (const [i, part] of item.parts.entries()) write(posix.join(folder, name, partNames[i]!), part);
      } else {
        // The paths in a file are relative to the directory of that file.
        const name = `s${count}/f.conf`;
        lines.push(`${item.kind} "${name}"`);
        write(posix.join(folder, name), item.parts[0]!);
      }
    }
    files[path] = `${lines.join('\n')}\n`;
  };
  write('pg_hba.conf', list);
  return { files, flat };
}
