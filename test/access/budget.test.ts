import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  accessTable,
  authenticate,
  checkPolicy,
  checkUpgrade,
  diffAccess,
  lintAccess,
  newAccess,
  placeRule,
  requireTls,
  searchAccess,
  unreachableRules,
} from '../../src/access/index.ts';
import { all, HbaFile } from '../../src/hba/index.ts';
import { IdentFile } from '../../src/ident/index.ts';
import { endsSoon } from '../ends-soon.ts';

/**
 * Returns rules with masks that each fix three bits of an IPv6 address. The question whether these rules together match
 * all addresses is the satisfiability problem of a random formula with 128 variables, at the hardest ratio of clauses
 * to variables.
 */
function hardMasks(method: string): string[] {
  let state = 12345;
  const random = (below: number): number => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 8) % below;
  };
  const address = (bits: ReadonlySet<number>): string =>
    Array.from({ length: 8 }, (_, word) => {
      const value = [...bits].reduce((sum, bit) => (bit >> 4 === word ? sum | (1 << (bit & 15)) : sum), 0);
      return value.toString(16);
    }).join(':');
  return Array.from({ length: 550 }, () => {
    const fixed = new Set<number>();
    while (fixed.size < 3) fixed.add(random(128));
    const ones = new Set([...fixed].filter(() => random(2) === 1));
    return `hostssl all all ${address(ones)} ${address(fixed)} ${method}`;
  });
}

const last = 'hostssl all all ::/0 md5';
const hard = HbaFile.parse([...hardMasks('reject'), last, ''].join('\n'));

describe('functions that take too many computing steps', () => {
  test('unreachableRules: the rule is perhaps unreachable', () => {
    const found = unreachableRules(hard);
    assert.ok(found.kind === 'rules');
    assert.equal(found.unreachable.at(-1)!.line, 551);
    assert.ok(found.unreachable.every(({ certainty }) => certainty === 'maybe'));
  });

  test('accessTable keeps the row of the rule and of each rejection in front of the rule', () => {
    const table = accessTable(hard);
    assert.ok(table.kind === 'table');
    const lines = table.rows.flatMap(({ rules }) => rules.map(({ line }) => line));
    assert.deepEqual([lines[0], lines.length], [551, 551]);
  });

  test('searchAccess says that the rule perhaps decides, without an example', () => {
    const search = searchAccess(hard, { outcome: 'way-in' });
    assert.ok(search.kind === 'connections');
    assert.deepEqual(
      search.found.map(({ rule, witness, certainty }) => [rule?.line, witness, certainty]),
      [[551, undefined, 'maybe']],
    );
  });

  test('diffAccess and newAccess report a possible change', () => {
    const after = HbaFile.parse(hard.toString().replace(last, last.replace('md5', 'trust')));
    for (const compare of [diffAccess, newAccess]) {
      const found = compare(hard, after);
      assert.ok(found.kind === 'changes');
      assert.deepEqual(
        found.changes.map(({ rule, witness, change, certainty }) => [rule.line, witness, change, certainty]),
        [[551, undefined, 'weaker', 'maybe']],
      );
    }
  });

  test('checkPolicy answers unknown for the statement', () => {
    const statements = [
      { id: 'search', forbid: { method: ['md5'] } },
      { id: 'change', noNewAccess: {} },
    ] as const;
    const check = checkPolicy(hard, { version: 1, statements }, HbaFile.parse([...hardMasks('reject'), ''].join('\n')));
    assert.ok(check.kind === 'checked');
    assert.deepEqual(
      check.statements.map(({ id, verdict }) => [id, verdict]),
      [
        ['search', 'unknown'],
        ['change', 'unknown'],
      ],
    );
  });

  test('placeRule adds the rule and names the rules in front', () => {
    const rule = { type: 'hostssl', databases: [all], users: [all], address: '::/0', method: 'cert' } as const;
    const placed = placeRule(hard, rule);
    assert.equal(placed.outcome, 'added');
    assert.equal(placed.inFront.length, 550);
  });

  test('requireTls adds a rejection that may not be needed', () => {
    const text = hard.toString().replaceAll('hostssl', 'host');
    const required = requireTls(HbaFile.parse(text), {}, { level: 'tls' });
    assert.equal(required.outcome, 'changed');
  });

  test('lintAccess says "perhaps" in the message', () => {
    const found = lintAccess(hard).filter(({ code }) => code === 'access-unreachable');
    assert.equal(found.at(-1)!.range.start.line, 551);
    assert.ok(found.every(({ message }) => message.startsWith('Perhaps ')));
  });
});

/**
 * The lines of files with ten thousand rules: a function from the index of a rule to its line without the method. Each
 * rule shares connections with many other rules.
 */
const shapes: Readonly<Record<string, (i: number) => string>> = {
  nested: (i) => `host all all 10.${(i * 7) & 255}.${(i * 13) & 255}.0/${16 + (i % 9)}`,
  crossing: (i) =>
    i % 2 === 0 ? `hostssl d${i % 100} all 10.${i & 255}.0.0/16` : `host all u${i % 100} 10.0.0.0/${8 + (i % 9)}`,
  'with masks': (i) =>
    `host all all 10.${(i >> 8) & 255}.${i & 255}.1 255.${255 - (i % 7) * 2}.${170 + (i % 80)}.${85 + (i % 160)}`,
};

for (const [name, shape] of Object.entries(shapes)) {
  const textWith = (methods: readonly string[]): string =>
    Array.from({ length: 10_000 }, (_, i) => `${shape(i)} ${methods[(i >> 1) % methods.length]}\n`).join('');
  const parsed = (methods: readonly string[]): HbaFile => HbaFile.parse(textWith(methods));
  const methods = ['md5', 'trust', 'scram-sha-256'];

  test(`10,000 rules ${name}: lintAccess and diffAccess end`, async () => {
    const file = parsed(methods);
    assert.equal(file.diagnostics.filter(({ severity }) => severity === 'error').length, 0);
    // Without the limit of computing steps, each call would take minutes.
    await endsSoon(() => lintAccess(file), 30);
    const found = await endsSoon(() => diffAccess(file, parsed(['password', 'trust', 'md5'])), 30);
    assert.ok(found.kind === 'changes');
    if (found.notCompared.length > 0) assert.equal(found.summary, 'both');
  });
}

/**
 * Returns rules with long lists of databases and users. No two rules have equal lists, and together these rules match
 * all connections of the last rule.
 */
function hugeLists(count: number, length: number, method: string): string {
  const list = (prefix: string, i: number): string =>
    Array.from({ length }, (_, j) => `${prefix}${(i * 7 + j * (1 + (i % 13))) % (3 * length)}`).join(',');
  const lines = Array.from({ length: count }, (_, i) => `local ${list('d', i)} ${list('u', 3 * i)} ${method}\n`);
  return lines.join('');
}

test('long lists of names: unreachableRules ends, and each certain answer is right', async (t) => {
  const text = hugeLists(60, 100, 'md5');
  const found = await endsSoon(() => unreachableRules(HbaFile.parse(text)), 30);
  assert.ok(found.kind === 'rules');
  const rules = HbaFile.parse(text).rules.map(({ databases, users }) => ({
    databases: new Set(databases),
    users: new Set(users),
  }));
  const isReached = (i: number): boolean =>
    [...rules[i]!.databases].some((database) => {
      const earlier = rules.slice(0, i).filter(({ databases }) => databases.has(database));
      return [...rules[i]!.users].some((name) => !earlier.some(({ users }) => users.has(name)));
    });
  const certainty = new Map(found.unreachable.map((each) => [each.line - 1, each.certainty]));
  const counts = { certain: 0, maybe: 0, reached: 0 };
  for (const i of rules.keys()) {
    counts[certainty.get(i) ?? 'reached'] += 1;
    if (certainty.get(i) !== 'maybe') assert.equal(certainty.has(i), !isReached(i), `line ${i + 1}`);
  }
  t.diagnostic(JSON.stringify(counts));
  assert.ok(counts.reached > 0 && counts.certain + counts.maybe > 0);
});

test('many regular expressions: unreachableRules ends, and no answer is certain', async () => {
  const lines = Array.from({ length: 2_000 }, (_, i) => `local "/^d${i}(x|y)*z" "/^u${i}(x|y)*z" md5\n`);
  const found = await endsSoon(() => unreachableRules(HbaFile.parse(lines.join(''))), 60);
  assert.ok(found.kind === 'rules');
  assert.ok(found.unreachable.every(({ certainty }) => certainty === 'maybe'));
});

test('thousands of unread files: searchAccess ends, and no rule below one of them is certain', async () => {
  const lines = Array.from({ length: 4_000 }, (_, i) => `include rules${i}.conf\n`);
  const file = HbaFile.parse(`local all all peer\n${lines.join('')}host all all all trust\n`, { version: 18 });
  // A search that compared each example with each line took 40 seconds.
  const search = await endsSoon(() => searchAccess(file, {}));
  assert.ok(search.kind === 'connections');
  assert.deepEqual(
    search.found.map(({ rule, certainty }) => [rule?.line, certainty]),
    // The last element is for replication connections, which no rule matches.
    Array.from({ length: 4_003 }, (_, i) => [i === 4_002 ? undefined : i + 1, i === 0 ? 'certain' : 'maybe']),
  );
});

test('masks with holes: unreachableRules is certain and right if the network is small', (t) => {
  // Each mask fixes only some of the lowest 12 bits, so that the test can enumerate all addresses of the network
  // 10.0.0.0/20.
  let state = 4242;
  const random = (below: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state >>> 9) % below;
  };
  const masks = Array.from({ length: 200 }, () => {
    let mask = 0;
    while (mask === 0 || ((mask + 1) & mask) === 0) mask = (1 << random(12)) | (1 << random(12)) | (1 << random(12));
    return { mask, bits: random(4096) & mask };
  });
  const dotted = (low: number, high: string): string => `${high}.${low >> 8}.${low & 255}`;
  const text = masks.map(({ mask, bits }) => {
    return `hostssl all all ${dotted(bits, '10.0')} ${dotted(mask | 0xf000, '255.255')} md5\n`;
  });
  const found = unreachableRules(HbaFile.parse(`${text.join('')}hostssl all all 10.0.0.0/20 md5\n`));
  assert.ok(found.kind === 'rules');
  const taken = new Set<number>();
  const unreached = [...masks, { mask: 0, bits: 0 }].flatMap(({ mask, bits }, i) => {
    const size = taken.size;
    for (let low = 0; low < 4096; low++) if ((low & mask) === bits) taken.add(low);
    return taken.size === size ? [i + 1] : [];
  });
  t.diagnostic(`${unreached.length} of ${masks.length + 1} rules are unreachable`);
  assert.ok(unreached.length > 10 && unreached.length < masks.length);
  assert.deepEqual(
    found.unreachable.map(({ line, certainty }) => [line, certainty]),
    unreached.map((line) => [line, 'certain']),
  );
});

test('crossing() stops after too many steps and names the line', () => {
  const columns = (i: number): string => (i % 2 === 0 ? `d${i} all` : `all u${i}`);
  const lines = Array.from({ length: 10_000 }, (_, i) => `local ${columns(i)} ${i % 2 === 0 ? 'md5' : 'trust'}\n`);
  const found = unreachableRules(HbaFile.parse(lines.join('')));
  assert.ok(found.kind === 'rules');
  const { pairs, stoppedAt } = found.crossing();
  assert.ok(pairs.length > 0);
  assert.ok(pairs.every(({ later }) => later.line <= stoppedAt!.line));
  const last = lintAccess(HbaFile.parse(lines.join(''))).findLast(({ code }) => code === 'access-crossing');
  assert.match(last!.message, /^Too many rules share connections, .* only above this rule/);
  assert.equal(last!.range.start.line, stoppedAt!.line);
});

test('a rule with thousands of names that a new version reads as expressions is compared', async () => {
  const names = Array.from({ length: 6_000 }, (_, i) => `/n${i}`).join(',');
  for (const columns of [`all ${names}`, `${names} all`]) {
    const file = HbaFile.parse(`host ${columns} all md5\n`, { version: 15 });
    const found = await endsSoon(() => checkUpgrade(file, 15, 16));
    assert.ok(found.some(({ code }) => code === 'upgrade-access'));
  }
});

test('one map for each rule: the rules are read in linear time, and once for an input', async () => {
  const numbers = Array.from({ length: 20_000 }, (_, i) => i);
  const hba = HbaFile.parse(numbers.map((i) => `hostssl all u${i} all cert map=m${i}\n`).join(''));
  const ident = IdentFile.parse(numbers.map((i) => `m${i} a${i} u${i}\n`).join(''));
  const client = { transport: 'ssl', address: '10.0.0.1', user: 'u19999' } as const;
  const certificate = { subject: 'CN=a19999' };
  const answers = await endsSoon(() =>
    Array.from({ length: 50 }, () => authenticate({ hba, ident }, { ...client, certificate })),
  );
  assert.ok(answers.every(({ kind }) => kind === 'admitted'));
});

test('10,000 rules: placeRule and requireTls take linear time', async () => {
  const linesWith = (line: (address: string, i: number) => string): string =>
    Array.from({ length: 10_000 }, (_, i) => `${line(`10.0.${i >> 8}.${i & 255}/32`, i)}\n`).join('');
  const rejections = HbaFile.parse(`${linesWith((address) => `host all all ${address} reject`)}host all all all md5\n`);
  const tenants = HbaFile.parse(linesWith((address, i) => `hostssl d${i} u${i} ${address} scram-sha-256`));
  const rule = { type: 'hostssl', databases: ['app'], users: ['x'], address: '10.0.0.0/8', method: 'cert' } as const;
  // An index of all rejections for each rejection took 20 seconds, and a new file for each added rule took 12 seconds.
  const { inFront } = await endsSoon(() => placeRule(rejections, rule));
  assert.equal(inFront.length, 10_000);
  const { added } = await endsSoon(() => requireTls(tenants, {}, { level: 'certificate' }));
  assert.equal(added.length, 10_000);
});

test('thousands of rules with one long map share the text of the map', () => {
  const lines = Array.from({ length: 5_000 }, (_, i) => `hostssl d${i} all all cert map=m\n`);
  const mappings = Array.from({ length: 5_000 }, (_, i) => `m os${i} db${i}\n`);
  const input = { hba: HbaFile.parse(lines.join('')), ident: IdentFile.parse(mappings.join('')) };
  // With a text of its own for each rule, this comparison needs gigabytes.
  const difference = diffAccess(input, { ...input, hba: HbaFile.parse(lines.slice(0, -1).join('')) });
  assert.ok(difference.kind === 'changes');
  assert.deepEqual([difference.summary, difference.changes.length], ['tighter', 1]);
});
