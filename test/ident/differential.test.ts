import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { IdentFile, identFileMappings } from '../../src/ident/index.ts';
import type { FileTree } from '../hba/generate.ts';
import { linesWithErrors } from '../hba/lines-with-errors.ts';
import { readersOf } from '../hba/tree.ts';
import { runs, seed } from '../property.ts';
import { forEachMajor, queryWithFiles, startServer, type TestServer } from '../server/index.ts';
import { identFiles, identTrees } from './generate.ts';

function pathOf(server: TestServer): string {
  return join(server.dataDirectory, 'pg_ident.conf');
}

/**
 * The server takes a file beyond the depth limit as missing if the last file that it could not open was missing: its
 * `include_if_exists` then has no error.
 */
const missingBelowLimit: FileTree = {
  'pg_ident.conf': '@a.conf\n',
  'a.conf': 'local @b.conf all trust\n',
  'b.conf': 'include_if_exists missing\nlocal @a.conf all trust\n',
};

function parse(tree: FileTree, server: TestServer): IdentFile {
  const file = IdentFile.parse(new TextEncoder().encode(tree['pg_ident.conf']), {
    version: server.major,
    file: pathOf(server),
    ...readersOf(tree, server.dataDirectory),
  });
  fc.pre(file.diagnostics.every(({ code }) => code !== 'regex-unchecked'));
  return file;
}

forEachMajor([15, 16, 17, 18, 19], (major) => {
  let server: TestServer;
  before(async () => {
    server = await startServer({ major });
  });
  after(() => server.remove());

  test('reads generated files as the server does', async (t) => {
    const numRuns = runs(400);
    const property = fc.asyncProperty(identTrees(major), async (tree) => {
      const fromServer = await queryWithFiles(server, tree, 'SELECT * FROM pg_ident_file_mappings');
      const file = parse(tree, server);
      assert.deepEqual(
        identFileMappings(file).map((row) => ({ ...row })),
        fromServer,
      );
      const refused = fromServer.filter((row) => row.error !== null);
      assert.equal(
        file.diagnostics.some(({ severity }) => severity === 'error'),
        refused.length > 0,
      );
      if (file.toString().includes('\0')) return;
      const path = pathOf(server);
      const refusedHere = refused.filter((row) => (row.file_name ?? path) === path);
      assert.deepEqual(linesWithErrors(file, path), new Set(refusedHere.map((row) => row.line_number)));
    });
    // 15 reads no include lines and has no depth limit: the files that include themselves would end its session.
    await fc.assert(property, { numRuns, seed, examples: major >= 16 ? [[missingBelowLimit]] : [] });
    t.diagnostic(`${numRuns} trees of files, seed ${seed}`);
  });
});

// Servers before 15 have no view of pg_ident.conf. On a reload, they log every line that they refuse, but no `@file`
// that they cannot open.
forEachMajor([10, 11, 12, 13, 14], (major) => {
  let server: TestServer;
  before(async () => {
    server = await startServer({ major });
  });
  after(() => server.remove());

  test('rejects the lines that the server refuses on reload', async (t) => {
    const numRuns = runs(60);
    const property = fc.asyncProperty(identFiles, async (tree) => {
      const refused = identFileMappings(parse(tree, server)).filter((row) => row.error !== null);
      server.writeFiles(tree);
      const logStart = server.log().length;
      await server.reload();
      const log = server.log().slice(logStart);
      assert.equal(/pg_ident\.conf was not reloaded/.test(log), refused.length > 0, log);
      // Servers of these major versions do not log the line number of an invalid regular expression.
      const withLine = refused.filter((row) => !row.error?.startsWith('invalid regular expression'));
      const lines = log.matchAll(/line (\d+) of configuration file|at end of line (\d+)/g);
      assert.deepEqual(
        new Set([...lines].map(([, line, end]) => Number(line ?? end))),
        new Set(withLine.map((row) => row.line_number)),
        log,
      );
    });
    await fc.assert(property, { numRuns, seed });
    t.diagnostic(`${numRuns} trees of files, seed ${seed}`);
  });
});
