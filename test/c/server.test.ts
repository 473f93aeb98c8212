import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseBool } from '../../src/c/boolean.ts';
import { splitDirectoriesString, splitGucList, splitIdentifierString } from '../../src/c/lists.ts';
import { truncateIdentifier } from '../../src/c/names.ts';
import { HbaFile } from '../../src/hba/index.ts';
import { runs, seed } from '../property.ts';
import { forEachMajor, queryWithFiles, withServer } from '../server/index.ts';
import { allTexts, textsOf } from './generate.ts';

const majors = [10, 11, 12, 13, 14, 15, 16, 17, 18, 19] as const;

/**
 * SQL that shows how SplitIdentifierString splits a qualified name (separator: dot). A name that is too long is an
 * error.
 */
const splitName = `
CREATE FUNCTION pg_temp.split(name text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE message text;
BEGIN
  PERFORM ('a.b.c.' || name)::regclass;
  RETURN NULL;
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS message = MESSAGE_TEXT;
  RETURN message;
END $$`;

const blanks = [' ', '\t', '\n', '\v', '\f', '\r'];

forEachMajor(majors, (version) => {
  test(`splitIdentifierString splits names as the server does (seed ${seed})`, (t) =>
    withServer({ major: version }, async (server) => {
      const texts = [
        ...allTexts(['"', '.', 'A', ' ', '\v'], 4),
        ...fc.sample(textsOf([...blanks, '"', '""', '.', 'a', 'Z', 'É', 'x'.repeat(61), '😀', "'", '\\'], 8), {
          seed,
          numRuns: runs(5000),
        }),
      ];
      const session = await server.connect();
      await session.query(splitName);
      const { rows } = await session.query('SELECT pg_temp.split(name) AS message FROM unnest($1::text[]) AS name', [
        texts,
      ]);
      await session.end();
      for (const [i, text] of texts.entries()) {
        // SQL shows the names of this function only for lists with dots instead of commas.
        const list = `a,b,c,${text.replaceAll('.', ',')}`;
        const names = splitIdentifierString(list, version)?.map((name) => name.replaceAll(',', '.'));
        const expected =
          names === undefined
            ? 'invalid name syntax'
            : `improper relation name (too many dotted names): ${names.join('.')}`;
        assert.equal(rows[i].message, expected, JSON.stringify(text));
      }
      t.diagnostic(`${texts.length} texts`);
    }));

  test(`splitDirectoriesString splits lists of libraries as the server does (seed ${seed})`, (t) =>
    withServer({ major: version }, async (server) => {
      const texts = [
        ...allTexts(['""', '"', ',', 'A', ' '], 2),
        ...fc.sample(textsOf([...blanks, '"', '""', ',', 'a', 'Z', 'é', '/', './', '../', '//'], 8), {
          seed,
          numRuns: runs(150),
        }),
      ];
      let refused = 0;
      for (const text of texts) {
        // The server loads the libraries of the list in turn, and names the first library that does not exist.
        const options = `-c session_preload_libraries=${text.replace(/[ \t-\r\\]/g, '\\$&')}`;
        const message = await server.connect({ options }).then(
          async (session) => session.end(),
          (error: Error) => error.message,
        );
        const named = /^could not (?:access file|load library) "([\s\S]*?)"(?:: |$)/.exec(message ?? '')?.[1];
        const first = splitDirectoriesString(text, version)?.[0];
        if (first !== '') assert.equal(named, first, JSON.stringify([text, message]));
        if (message !== undefined) refused += 1;
      }
      t.diagnostic(`${texts.length} lists, ${refused} with a library`);
    }));

  test(`parseBool and truncateIdentifier read as the server does (seed ${seed})`, (t) =>
    withServer({ major: version }, async (server) => {
      const words = fc.sample(textsOf(['t', 'r', 'u', 'e', 'E', 'o', 'O', 'n', 'f', 'F', 'y', 's', '0', '1', ' '], 4), {
        seed,
        numRuns: runs(2000),
      });
      const booleans = [...allTexts(['t', 'T', 'o', 'f', 'n', '1', '0'], 3), ...words, 'true', 'FALSE', 'yes', 'yess'];
      const session = await server.connect();
      const shown = await session.query(
        `CREATE FUNCTION pg_temp.bool(word text) RETURNS text LANGUAGE plpgsql AS $$
        BEGIN
          RETURN set_config('enable_sort', word, false);
        EXCEPTION WHEN OTHERS THEN
          RETURN NULL;
        END $$`,
      );
      assert.ok(shown);
      const { rows } = await session.query('SELECT pg_temp.bool(word) AS value FROM unnest($1::text[]) AS word', [
        booleans,
      ]);
      for (const [i, word] of booleans.entries()) {
        const value = parseBool(word);
        assert.equal(rows[i].value, value === undefined ? null : value ? 'on' : 'off', JSON.stringify(word));
      }
      const names = fc.sample(
        fc
          .tuple(fc.integer({ min: 55, max: 64 }), textsOf(['a', 'é', '€', '😀', '\ufeff'], 6))
          .map(([length, end]) => 'x'.repeat(length) + end),
        { seed, numRuns: runs(2000) },
      );
      const cut = await session.query('SELECT name::name::text AS name FROM unnest($1::text[]) AS name', [names]);
      for (const [i, name] of names.entries()) {
        assert.equal(cut.rows[i].name, truncateIdentifier(name), JSON.stringify(name));
      }
      await session.end();
      t.diagnostic(`${booleans.length} words, ${names.length} names`);
    }));

  const skip = version > 18 ? 'RADIUS, whose lists show the result, is in the versions up to 18' : false;
  test(`splitGucList splits RADIUS lists as the server does (seed ${seed})`, { skip }, (t) =>
    withServer({ major: version }, async (server) => {
      const texts = [
        ...allTexts(['""', ',', 'A', ' ', '\v'], 4),
        ...fc.sample(textsOf([...blanks.filter((c) => c !== '\n'), '""', '""""', ',', 'a', 'Z', 'é', "'"], 8), {
          seed,
          numRuns: runs(3000),
        }),
      ].filter((text) => !/[\r\\]$/.test(text));
      // With seven servers, the message shows the number of secrets, unless the number is one or seven.
      const servers = Array.from({ length: 7 }, () => '127.0.0.1').join();
      const lines = texts.map((text) => `host all all all radius radiusservers="${servers}" radiussecrets="${text}"\n`);
      const files = { 'pg_hba.conf': lines.join('') };
      const rows = await queryWithFiles<{ type: string | null; error: string | null }>(
        server,
        files,
        'SELECT type, error FROM pg_hba_file_rules ORDER BY line_number',
      );
      assert.equal(rows.length, texts.length);
      for (const [i, text] of texts.entries()) {
        const count = splitGucList(text.replaceAll('""', '"'), version)?.length;
        const taken = count === 1 || count === 7;
        const { type, error } = rows[i]!;
        assert.equal(type !== null, taken, JSON.stringify([text, error]));
        const told = /number of RADIUS secrets \((\d+)\)/.exec(error ?? '')?.[1];
        if (told !== undefined) assert.equal(count, Number(told), JSON.stringify(text));
      }
      const accepted = HbaFile.parse(files['pg_hba.conf'], { version }).rules.length;
      t.diagnostic(`${texts.length} lists, ${accepted} of them taken`);
    }),
  );
});
