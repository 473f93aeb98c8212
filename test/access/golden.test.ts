import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import {
  accessTable,
  type Connection,
  checkPolicy,
  diffAccess,
  lintAccess,
  matchRule,
  type Policy,
  toGithubAnnotations,
  toSarif,
} from '../../src/access/index.ts';
import { HbaFile } from '../../src/hba/index.ts';
import { IdentFile } from '../../src/ident/index.ts';
import { assertGolden } from '../hba/fixtures.ts';
import { repositoryRoot } from '../repository.ts';
import { schemaErrors } from './json-schema.ts';

const folder = join(repositoryRoot, 'fixtures', 'access');
const names = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
const sarifSchema = JSON.parse(readFileSync(join(folder, 'sarif-2.1.0.schema.json'), 'utf8'));

interface Case {
  readonly connections?: readonly Connection[];
  readonly policy?: Policy;
  readonly version?: 18;
}

for (const { name } of names) {
  describe(name, () => {
    const read = (file: string): string | undefined => {
      const path = join(folder, name, file);
      return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
    };
    const fixture = { name: `access/${name}` };
    const given: Case = JSON.parse(read('case.json') ?? '{}');
    const hba = HbaFile.parse(read('pg_hba.conf')!, { version: given.version ?? 18, server: { ssl: true } });
    const identText = read('pg_ident.conf');
    const input = identText === undefined ? { hba } : { hba, ident: IdentFile.parse(identText) };
    const afterText = read('after.conf');

    test('accessTable prints who gets in as a table', () => {
      const table = accessTable(input);
      assert.ok(table.kind === 'table');
      assertGolden(fixture, 'table.md', table.toMarkdown());
    });

    test('lintAccess prints the diagnostics of the rules', () => {
      const diagnostics = lintAccess(input);
      assertGolden(fixture, 'lint.txt', lines(toGithubAnnotations(diagnostics)));
      const log = JSON.parse(JSON.stringify(toSarif(diagnostics)));
      assert.deepEqual(schemaErrors(log, sarifSchema), []);
    });

    if (given.connections !== undefined) {
      test('matchRule names the deciding rule, and why the other rules do not match', () => {
        const explained = given.connections!.map((connection) => explain(hba, connection));
        assertGolden(fixture, 'matches.txt', explained.join('\n'));
      });
    }

    if (given.policy !== undefined) {
      test('checkPolicy prints the violations', () => {
        const check = checkPolicy(input, given.policy!, hba);
        assert.ok(check.kind === 'checked');
        const shown = check.statements.flatMap(({ id, level, verdict, violations }) => [
          `${id} (${level}): ${verdict}`,
          ...violations.map(({ message, certainty }) => `  ${certainty}: ${message}`),
        ]);
        assertGolden(fixture, 'violations.txt', lines([check.verdict, ...shown]));
      });
    }

    if (afterText !== undefined) {
      test('diffAccess prints what changes for whom', () => {
        const difference = diffAccess(hba, HbaFile.parse(afterText, { version: 18 }));
        assert.ok(difference.kind === 'changes');
        const shown = difference.changes.map(({ change, count, witness, before, after, rule }) =>
          JSON.stringify({
            rule: rule.line,
            count,
            change,
            ...witness,
            before: before.rule?.line,
            after: after.rule?.line,
          }),
        );
        assertGolden(fixture, 'difference.txt', lines([difference.summary, ...shown]));
      });
    }
  });
}

function explain(file: HbaFile, connection: Connection): string {
  const match = matchRule(file, connection);
  const place = match.kind === 'rule' ? `line ${match.line}` : match.kind;
  const skipped =
    match.kind === 'file-refused'
      ? []
      : match.skipped.map(({ line, because }) => `  line ${line}: another ${because}\n`);
  const needs = match.kind === 'unknown' ? match.needs.map((need) => `  needed: ${JSON.stringify(need)}\n`) : [];
  return `${JSON.stringify(connection)}: ${place}\n${[...skipped, ...needs].join('')}`;
}

function lines(list: readonly string[]): string {
  return list.map((line) => `${line}\n`).join('');
}
