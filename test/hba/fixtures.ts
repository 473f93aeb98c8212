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

/** The files of which there are fixtures, by the names of their folders. */
export const kinds = ['hba', 'ident', 'hosts'] as const;

/** A kind of file of which there are fixtures. */
export type Kind = (typeof kinds)[number];

/** The folder that the files of all fixtures are said to be in. */
export const directory = '/data';

/** A fixture: `in.conf` in a folder of its own, with an `options.json` where there is more to say. */
export interface Fixture {
  /** Its kind and the name of its folder: `hba/byte-order-mark`. */
  readonly name: string;
  /** What kind of file it is. */
  readonly kind: Kind;
  /** The path of the file below {@link directory}. */
  readonly main: string;
  /** The file and those that it takes in. */
  readonly tree: Files;
  /** The major that the diagnostics are for. */
  readonly version: PgMajor;
  /** Facts of the server that the diagnostics are for. */
  readonly server: ServerFacts;
  /** Whether other files are read. */
  readonly follows: boolean;
  /** The majors of which a server would not survive it. */
  readonly harmfulUntil: PgMajor | undefined;
}

interface Options {
  readonly version?: PgMajor;
  readonly server?: ServerFacts;
  readonly files?: Readonly<Record<string, string>>;
  readonly follows?: boolean;
  readonly harmfulUntil?: PgMajor;
}

/** All fixtures of a kind. */
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

/** Reads a fixture's file as its options say, or in another way. */
export function parseFixture(fixture: Fixture, other: ParseOptions = {}): HbaFile | IdentFile | HostsFile {
  const { kind, main, tree, version, server, follows } = fixture;
  const readers = follows ? readersOf(tree, directory) : {};
  const options = { version, server, file: `${directory}/${main}`, ...readers, ...other };
  const classes = { hba: HbaFile, ident: IdentFile, hosts: HostsFile };
  return classes[kind].parse(tree[main]!, options);
}

/** The text of the file of a fixture that a diagnostic is in, and its path in the fixture's tree. */
export function fileOfDiagnostic({ tree }: Fixture, { file }: Diagnostic): { path: string; text: string } {
  const path = file!.slice(directory.length + 1);
  return { path, text: decodeText(tree[path]!).text };
}

/**
 * Holds a text against the golden file of a fixture, or with UPDATE_FIXTURES=1 writes it there. What is written is to be
 * looked through before it is committed.
 */
export function assertGolden({ name }: Pick<Fixture, 'name'>, file: string, text: string): void {
  const path = `fixtures/${name}/${file}`;
  if (updatesFixtures) writeFileSync(path, text);
  else assert.equal(text, existsSync(path) ? readFileSync(path, 'utf8') : undefined, path);
}

/** Whether golden files are written instead of compared, which a continuous integration never does. */
export const updatesFixtures: boolean = process.env.UPDATE_FIXTURES === '1' && process.env.CI === undefined;
