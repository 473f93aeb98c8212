import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type AccessRow, accessTable } from '../../src/access/index.ts';
import { HbaFile, type HbaRule } from '../../src/hba/index.ts';
import { readersOf } from '../hba/tree.ts';
import { runs, seed } from '../property.ts';
import { files } from './generate.ts';
import { holds, levelOf, matches, type Point, universe, winners } from './universe.ts';

/**
 * Returns whether a row of the table contains a connection. The columns of the row are parsed as columns of
 * pg_hba.conf.
 */
function isInRow(row: AccessRow, columns: HbaRule, point: Point): boolean {
  if (!row.transport.includes(point.transport)) return false;
  if (point.address !== undefined && !row.from.some((network) => holds(network, point.address!))) return false;
  return matches(columns, { ...point, transport: 'local' });
}

/** Texts of pg_hba.conf with similar rules, so that `accessTable` joins rules into one row. */
const alike = fc
  .array(
    fc.tuple(
      fc.constantFrom('a', 'b'),
      fc.constantFrom('a', 'all'),
      fc.constantFrom('10.0.0.0/9', '10.128.0.0/9', '10.0.0.0/8'),
      fc.constantFrom('md5', 'md5', 'reject'),
    ),
    { minLength: 2, maxLength: 6 },
  )
  .map((lines) => lines.map((columns) => `host ${columns.join(' ')}\n`).join(''));

/** Names of databases and users that look like keywords or contain separators. */
const oddNames = ['"all"', '"+a"', '"replication"', '"sameuser"', '"a,b"', '"b c"', '"a#"', '"@a"', '"a""b"'];
const oddFiles = fc
  .array(fc.tuple(fc.constantFrom('all', 'a', ...oddNames), fc.constantFrom('all', 'a', ...oddNames)), { minLength: 1 })
  .map((list) => list.map(([database, user]) => `local ${database} ${user} md5\n`).join(''));

test('a row contains exactly the connections of its rules, and the first line decides as the server does', (t) => {
  const numRuns = runs(80);
  const counts = { rows: 0, joined: 0, refused: 0, letIn: 0 };
  const check = (text: string): void => {
    const file = HbaFile.parse(text);
    const table = accessTable(file);
    assert.ok(table.kind === 'table');
    const rows = table.rows.map((row) => {
      const columns = HbaFile.parse(`local ${row.databases.join()} ${row.users.join()} trust\n`).rules[0]!;
      return { row, columns };
    });
    for (const [i, at] of winners(file.rules).entries()) {
      const point = universe[i]!;
      const decisions = rows.flatMap(({ row, columns }) => {
        const rules = row.rules.filter(({ rule }) => matches(rule!, point));
        assert.equal(isInRow(row, columns, point), rules.length > 0, `${JSON.stringify({ row, point })}\n${text}`);
        return rules.map(({ line }) => ({ line, outcome: row.outcome }));
      });
      const [first] = decisions.sort((a, b) => a.line - b.line);
      const rule = file.rules[at];
      const outcome = first?.outcome ?? { kind: 'refused' };
      const shown = `${JSON.stringify({ point, first })}\n${text}`;
      if (rule === undefined || rule.method === 'reject') assert.equal(outcome.kind, 'refused', shown);
      else assert.deepEqual([first?.line, outcome], [at + 1, wayIn(rule)], shown);
      // A reader of the Markdown table sees only the rows that match, and takes the row with the first line.
      const [firstRow] = rows
        .filter(({ row, columns }) => isInRow(row, columns, point))
        .sort((a, b) => a.row.rules[0]!.line - b.row.rules[0]!.line);
      assert.deepEqual(firstRow?.row.outcome ?? { kind: 'refused' }, outcome, shown);
    }
    counts.rows += rows.length;
    for (const { row } of rows) {
      counts[row.outcome.kind === 'refused' ? 'refused' : 'letIn'] += 1;
      if (row.rules.length > 1) counts.joined += 1;
    }
    assert.equal(table.toMarkdown().split('\n').length, rows.length + 5);
  };
  fc.assert(fc.property(fc.oneof(files(), alike), check), { numRuns, seed });
  t.diagnostic(`${numRuns} files, ${universe.length} connections each, seed ${seed}: ${JSON.stringify(counts)}`);
  assert.ok(counts.joined > 0 && counts.refused > 0);
});

function wayIn(rule: HbaRule): object {
  return { kind: 'way-in', method: rule.method, certificate: levelOf(rule) };
}

test('the names of a row read back as the names of its rules, also keywords in quotes', () => {
  const check = (text: string): void => {
    const file = HbaFile.parse(text);
    const table = accessTable(file);
    assert.ok(table.kind === 'table');
    for (const row of table.rows) {
      const { databases, users } = HbaFile.parse(`local ${row.databases.join()} ${row.users.join()} trust\n`).rules[0]!;
      for (const { rule } of row.rules) assert.deepEqual(rule!.databases, databases, text);
      assert.ok(row.rules.some(({ rule }) => JSON.stringify(rule!.users) === JSON.stringify(users)));
      const isAll = JSON.stringify(users) === '[{"keyword":"all"}]';
      for (const { rule } of row.rules) if (!isAll) assert.deepEqual(rule!.users, users, text);
    }
  };
  fc.assert(fc.property(oddFiles, check), { numRuns: runs(200), seed });
});

test('rules share no row if a rule between them decides some of their connections in another way', () => {
  const linesOf = (text: string): unknown => {
    const table = accessTable(HbaFile.parse(text));
    return table.kind === 'table' && table.rows.map(({ rules }) => rules.map(({ line }) => line));
  };
  const rule = (network: string, method: string): string => `host all all ${network} ${method}\n`;
  const between = (method: string, network = '10.0.1.0/24'): string =>
    rule('10.0.0.0/24', 'trust') + rule(network, method) + rule('10.0.0.0/8', 'trust');
  assert.deepEqual(linesOf(between('reject')), [[1], [3], [2]]);
  assert.deepEqual(linesOf(between('md5')), [[1], [3], [2]]);
  assert.deepEqual(linesOf(between('md5', '192.168.0.0/16')), [[1, 3], [2]]);
  assert.deepEqual(linesOf(`${rule('10.0.0.0/24', 'trust')}include more\n${rule('10.0.0.0/8', 'trust')}`), [
    [2],
    [1],
    [3],
  ]);
  const tenants = [1, 2, 3, 4, 5, 6].map((i) => `host t${i} u${i} 10.0.${i}.0/24 md5\n`);
  const separated = [...tenants.slice(0, 5), 'host t6 all all reject\n', 'host t6 u6 10.0.0.0/8 md5\n'].join('');
  assert.deepEqual(linesOf(tenants.join('')), [[1, 2, 3, 4, 5, 6]]);
  assert.deepEqual(linesOf(`${separated}local all all trust\n`), [[8], [1, 2, 3, 4, 5]]);
});

const five = [1, 2, 3, 4, 5];

for (const [name, lines, from] of [
  [
    'host names',
    five.map((i) => `h${i}.example.org`),
    '5 rules: h1.example.org, h2.example.org, h3.example.org and 2 more',
  ],
  [
    'masks',
    five.map((i) => `10.0.0.${i} 255.0.0.255`),
    '5 rules: 10.0.0.1 255.0.0.255, 10.0.0.2 255.0.0.255, 10.0.0.3 255.0.0.255 and 2 more',
  ],
  [
    'networks of two families',
    ['10.0.1.0/24', '10.0.2.0/28', 'fd00:1::/64', 'fd00:2::/64', 'fd00:3::/64'],
    '5 rules, 5 networks: /24 to /28 and /64 each',
  ],
] as const) {
  test(`the row of many similar rules for ${name} shows their addresses`, () => {
    const table = accessTable(HbaFile.parse(lines.map((each, i) => `host t${i} u${i} ${each} md5\n`).join('')));
    assert.ok(table.kind === 'table');
    assert.equal(table.toMarkdown().split('\n')[2]!.split(' | ')[0], `| ${from}`);
  });
}

test('no name can add Markdown markup', () => {
  const names = ['a|b', '<b>', '&lt;', '~~a~~', '`a`', '[a](b)', '*a*', 'a\\b', '_a_'];
  const table = accessTable(HbaFile.parse(`local ${names.map((name) => `"${name}"`).join()} all md5\n`));
  assert.ok(table.kind === 'table');
  const [row] = table.toMarkdown().split('\n').slice(2);
  // In Markdown, each of these characters is literal after a backslash (CommonMark, "Backslash escapes").
  assert.doesNotMatch(row!.replaceAll(/\\./g, '').replaceAll(' | ', ' '), /[`*_<>[\]&~]|.[|]./);
});

test('names that differ in white space stay apart in Markdown', () => {
  const names = ['a b', 'a  b', 'a   b', 'a\tb', 'a\vb'];
  const table = accessTable(HbaFile.parse(names.map((name) => `host all "${name}" all md5\n`).join('')));
  assert.ok(table.kind === 'table');
  const cells = table.toMarkdown().split('\n').slice(2, 7);
  assert.deepEqual(
    cells.map((row) => row.split(' | ')[3]),
    ['"a b"', '"a &nbsp;b"', '"a &nbsp;&nbsp;b"', '"a\\\\tb"', '"a\\\\u000bb"'],
  );
});

test('the way in of a rule with a map names the map', () => {
  const text = 'local all all peer map=os\nhostssl a all all cert map=m\nhostssl b all all cert\n';
  const gss = 'hostssl c all all gss clientcert=verify-full map=m\nhostssl d all all gss clientcert=verify-full\n';
  const table = accessTable(HbaFile.parse(text + gss));
  assert.ok(table.kind === 'table');
  const ways = [...table.toMarkdown().matchAll(/ \| ([^|]*) \| (\d) \|$/gm)].map(([, way, line]) => `${line}: ${way}`);
  assert.deepEqual(ways.toSorted(), [
    '1: operating-system account that map os lets in (peer)',
    '2: certificate that map m lets in (cert)',
    '3: certificate of the user (cert)',
    '4: gss, with a certificate that map m lets in',
    '5: gss, with a certificate of the user',
  ]);
});

test('the Markdown table shows a network with its prefix length, and one address without', () => {
  const lengths = [...Array(33).keys()].map((length) => `0.0.0.0/${length}`);
  for (const network of [...lengths, ...[...Array(129).keys()].map((length) => `::/${length}`)]) {
    const table = accessTable(HbaFile.parse(`host all all ${network} md5\n`));
    assert.ok(table.kind === 'table');
    const [, cell = ''] = /\n\| ([^|]*) \|[^\n]*\n\nIf several/.exec(table.toMarkdown()) ?? [];
    const shown = cell === 'anywhere' ? network : cell.replace('this machine, ', '');
    assert.equal(shown.includes('/') ? shown : `${shown}/${shown.includes(':') ? 128 : 32}`, network);
  }
});

test('rows of equal rank are in the order in which the server reads the files', () => {
  const included = '\n\n\nhost b all 10.0.0.0/8 trust\n';
  const text = 'include more.conf\nhost a all 10.0.0.0/8 trust\n';
  const options = { file: '/pg/pg_hba.conf', ...readersOf({ 'more.conf': included }, '/pg') };
  const table = accessTable(HbaFile.parse(text, options));
  assert.ok(table.kind === 'table');
  assert.deepEqual(
    table.rows.map(({ databases, rules }) => [databases[0], rules[0]!.line]),
    [
      ['b', 4],
      ['a', 2],
    ],
  );
});

test('a Markdown table of rules in several files names the files and the order in which the server reads the rules', () => {
  const text = 'include more.conf\nhost app all 10.1.0.0/16 md5\ninclude more.conf\nhost all all 10.0.0.0/8 trust\n';
  const more = 'host app all 10.1.0.0/24 scram-sha-256\nhost app bob all reject\n';
  const options = { file: '/pg/pg_hba.conf', ...readersOf({ 'more.conf': more }, '/pg') };
  const table = accessTable(HbaFile.parse(text, options));
  assert.ok(table.kind === 'table');
  const cells = table.toMarkdown().split('\n');
  assert.deepEqual(
    cells.filter((line) => line.startsWith('| ')).map((line) => line.slice(2, -2).split(' | ').slice(-3)),
    [
      ['way in', 'lines', 'order'],
      ['---', '---', '---'],
      ['nothing: anybody who can connect (trust)', '/pg/pg\\_hba.conf: 4', '6'],
      ['password (MD5)', '/pg/pg\\_hba.conf: 2', '3'],
      ['password (SCRAM)', '/pg/more.conf: 1', '1'],
      ['refused', '/pg/more.conf: 2', '2'],
    ],
  );
  assert.match(cells.at(-2)!, /the row with the lowest number in the last column decides/);
  const only = accessTable(HbaFile.parse('include more.conf\n', options));
  assert.ok(only.kind === 'table');
  assert.match(only.toMarkdown(), /\| \/pg\/more\.conf: 1 \| 1 \|/);
});
