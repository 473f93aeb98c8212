import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { HbaFile } from '../../src/hba/index.ts';
import { HostsFile } from '../../src/hosts/index.ts';
import { IdentFile } from '../../src/ident/index.ts';
import type { ParseOptions, ServerFacts } from '../../src/parse-options.ts';
import { decodeText } from '../../src/text/bytes.ts';
import type { Diagnostic } from '../../src/text/diagnostic.ts';
import { defaultPgMajor, type PgMajor } from '../../src/version.ts';
import { type Files, readersOf } from './tree.ts';

/** The kinds of files with fixtures, named as their folders. */
export const kinds = ['hba', 'ident', 'hosts'] as const;

/** A kind of file with fixtures. */
export type Kind = (typeof kinds)[number];

/** The folder in which the files of all fixtures are said to be. */
export const directory = '/data';

/** A fixture: `in.conf` in a folder of its own, with an `options.json` if it needs options. */
export interface Fixture {
  /** The kind of the file and the name of its folder: `hba/byte-order-mark`. */
  readonly name: string;
  /** The kind of the file. */
  readonly kind: Kind;
  /** The path of the file below {@link directory}. */
  readonly main: string;
  /** The main file and the files that it includes, by their paths. */
  readonly tree: Files;
  /** The major version for which the fixture is parsed. */
  readonly version: PgMajor;
  /** The facts about the server with which the fixture is parsed. */
  readonly server: ServerFacts;
  /** `true` if the fixture is parsed with callbacks that read included files. */
  readonly follows: boolean;
  /** The last major version whose server crashes when it loads the file; `undefined` if no server crashes. */
  readonly harmfulUntil: PgMajor | undefined;
}

interface Options {
  readonly version?: PgMajor;
  readonly server?: ServerFacts;
  readonly files?: Readonly<Record<string, string>>;
  readonly follows?: boolean;
  readonly harmfulUntil?: PgMajor;
}

/** Returns all fixtures of a kind. */
export function fixturesOf(kind: Kind): Fixture[] {
  return readdirSync(`fixtures/${kind}`)
    .filter((folder) => existsSync(`fixtures/${kind}/${folder}/in.conf`))
    .sort()
    .map((folder) => readFixture(kind, folder));
}

function readFixture(kind: Kind, folder: string): Fixture {
  const path = `fixtures/${kind}/${folder}`;
  const json = existsSync(`${path}/options.json`) ? readFileSync(`${path}/options.json`, 'utf8') : '{}';
  const { version = defaultPgMajor, server = {}, files = {}, follows = true, harmfulUntil }: Options = JSON.parse(json);
  const main = `pg_${kind}.conf`;
  const tree = { ...files, [main]: Uint8Array.from(readFileSync(`${path}/in.conf`)) };
  return { name: `${kind}/${folder}`, kind, main, tree, version, server, follows, harmfulUntil };
}

/** Parses a fixture's file with its options, or with other options. */
export function parseFixture(fixture: Fixture, other: ParseOptions = {}): HbaFile | IdentFile | HostsFile {
  const { kind, main, tree, version, server, follows } = fixture;
  const readers = follows ? readersOf(tree, directory) : {};
  const options = { version, server, file: `${directory}/${main}`, ...readers, ...other };
  const classes = { hba: HbaFile, ident: IdentFile, hosts: HostsFile };
  return classes[kind].parse(tree[main]!, options);
}

/** Returns the file of a fixture to which a diagnostic belongs: its text, and its path in the tree of the fixture. */
export function fileOfDiagnostic({ tree }: Fixture, { file }: Diagnostic): { path: string; text: string } {
  const path = file!.slice(directory.length + 1);
  return { path, text: decodeText(tree[path]!).text };
}

/**
 * Compares a text with the golden file of a fixture, or writes the file if UPDATE_FIXTURES=1. Look through the written
 * text before you commit it.
 */
export function assertGolden({ name }: Pick<Fixture, 'name'>, file: string, text: string): void {
  const path = `fixtures/${name}/${file}`;
  if (updatesFixtures) writeFileSync(path, text);
  else assert.equal(text, existsSync(path) ? readFileSync(path, 'utf8') : undefined, path);
}

/** `true` if the tests write golden files instead of comparing them. CI never writes them. */
export const updatesFixtures: boolean = process.env.UPDATE_FIXTURES === '1' && process.env.CI === undefined;
