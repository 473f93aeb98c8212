import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  type AccessDifference,
  type Connection,
  checkPolicy,
  diffAccess,
  matchRule,
  newAccess,
} from '../../src/access/index.ts';
import { ConfFile, ConfTree } from '../../src/conf/index.ts';
import { HbaFile, type HbaRule } from '../../src/hba/index.ts';
import { IdentFile } from '../../src/ident/index.ts';
import { runs, seed } from '../property.ts';
import { ruleLines } from './generate.ts';
import { universe, winners } from './universe.ts';

/** Pairs of texts: a generated pg_hba.conf, and this file after some edits. */
const pairs = fc
  .tuple(
    fc.array(ruleLines, { minLength: 1, maxLength: 8 }),
    fc.array(fc.tuple(fc.constantFrom('add', 'remove', 'move', 'replace'), fc.nat(7), fc.nat(7), ruleLines), {
      minLength: 1,
      maxLength: 3,
    }),
  )
  .map(([before, edits]) => {
    const after = [...before];
    for (const [kind, at, to, line] of edits) {
      if (kind === 'add') after.splice(at, 0, line);
      else if (kind === 'remove' && after.length > 1) after.splice(at % after.length, 1);
      else if (kind === 'replace') after.splice(at % after.length, 1, line);
      else after.splice(to % after.length, 0, ...after.splice(at % after.length, 1));
    }
    return [`${before.join('\n')}\n`, `${after.join('\n')}\n`] as const;
  });

const ranks: Readonly<Record<string, number>> = { trust: 0, password: 2, md5: 3, 'scram-sha-256': 4, reject: 9 };

test('finds exactly the pairs of deciding rules with different outcomes, as trying all connections does', (t) => {
  const numRuns = runs(150);
  const counts = { equal: 0, classes: 0, changes: 0, looser: 0, tighter: 0, both: 0, new: 0 };
  const check = ([from, to]: readonly [string, string]): void => {
    const [before, after] = [HbaFile.parse(from), HbaFile.parse(to)];
    const expected = classesOf(before.rules, after.rules);
    const difference = diffAccess(before, after);
    const classes = keysOf(difference);
    assert.deepEqual(classes, [...expected].sort());
    assert.ok(difference.kind === 'changes');
    assert.equal(
      difference.changes.reduce((sum, { count }) => sum + count, 0),
      classes.length,
    );
    for (const change of difference.classes()) {
      assert.equal(change.certainty, 'certain');
      confirm(before, change.witness!.connection, change.before.rule?.line);
      confirm(after, change.witness!.connection, change.after.rule?.line);
    }
    const weaker = [...expected].filter((key) => isWeaker(key, before.rules, after.rules));
    assert.deepEqual(keysOf(newAccess(before, after)), weaker.sort());
    const summary =
      expected.size === 0
        ? 'equal'
        : weaker.length === expected.size
          ? 'looser'
          : weaker.length === 0
            ? 'tighter'
            : 'both';
    assert.equal(difference.summary, summary);
    counts[summary] += 1;
    counts.classes += classes.length;
    counts.changes += difference.changes.length;
    counts.new += weaker.length;
    assert.deepEqual(keysOf(diffAccess(before, HbaFile.parse(from))), []);
  };
  fc.assert(fc.property(pairs, check), { numRuns, seed });
  t.diagnostic(
    `${numRuns} pairs of files, ${universe.length} connections each, seed ${seed}: ${JSON.stringify(counts)}`,
  );
  assert.ok(counts.classes > 0 && counts.equal > 0 && counts.both > 0);
});

test('a repeated rule at the end of a file changes no comparison', () => {
  const three = fc.tuple(pairs, fc.nat(7)).map(([[a, b], at]) => {
    const lines = b.trimEnd().split('\n');
    // A rule that repeats an earlier rule at the end of the file has no effect.
    return [a, b, `${lines.toSpliced(lines.length, 0, lines[at % lines.length]!).join('\n')}\n`] as const;
  });
  const isEmpty = (a: string, b: string): boolean =>
    keysOf(diffAccess(HbaFile.parse(a), HbaFile.parse(b))).length === 0;
  const check = ([a, b, c]: readonly [string, string, string]): void => {
    assert.ok(isEmpty(b, c));
    assert.equal(isEmpty(a, b), isEmpty(a, c));
  };
  fc.assert(fc.property(three, check), { numRuns: runs(100), seed });
});

function keysOf(difference: AccessDifference): string[] {
  assert.ok(difference.kind === 'changes');
  return difference
    .classes()
    .map(({ before, after }) => `${before.rule?.line ?? 0} ${after.rule?.line ?? 0}`)
    .sort();
}

/** Returns the pairs of deciding lines (0 for no line) whose outcomes differ. */
function classesOf(before: readonly HbaRule[], after: readonly HbaRule[]): Set<string> {
  const [from, to] = [winners(before), winners(after)];
  const keys = universe.flatMap((_, i) => {
    const [a, b] = [from[i]!, to[i]!];
    return methodOf(before[a]) === methodOf(after[b]) ? [] : [`${a + 1} ${b + 1}`];
  });
  return new Set(keys);
}

function methodOf(rule: HbaRule | undefined): string {
  return rule?.method ?? 'reject';
}

function isWeaker(key: string, before: readonly HbaRule[], after: readonly HbaRule[]): boolean {
  const [a, b] = key.split(' ').map(Number);
  return ranks[methodOf(after[b! - 1])]! < ranks[methodOf(before[a! - 1])]!;
}

function confirm(file: HbaFile, connection: Connection, line: number | undefined): void {
  const match = matchRule(file, connection);
  assert.equal(match.kind === 'rule' ? match.line : undefined, line);
}

test('newAccess and noNewAccess name a way in with less proof, and answer maybe for methods that cannot be ranked', () => {
  const policy = { version: 1, statements: [{ id: 'no-new', noNewAccess: {} }] } as const;
  const cases: readonly (readonly [string, string, 'certain' | 'maybe' | undefined])[] = [
    ['cert', 'password', 'certain'],
    ['cert', 'scram-sha-256', 'certain'],
    ['cert', 'ldap ldapserver=a ldapprefix=b', 'certain'],
    ['scram-sha-256 clientcert=verify-full', 'scram-sha-256 clientcert=verify-ca', 'certain'],
    ['trust clientcert=verify-ca', 'scram-sha-256', 'certain'],
    ['scram-sha-256', 'trust clientcert=verify-ca', 'certain'],
    ['ldap ldapserver=a ldapprefix=b', 'scram-sha-256', 'maybe'],
    ['gss', 'ldap ldapserver=a ldapprefix=b', 'maybe'],
    ['scram-sha-256', 'cert', undefined],
    ['ldap ldapserver=a ldapprefix=b', 'cert', undefined],
    ['md5', 'scram-sha-256', undefined],
    ['ldap ldapserver=a ldapprefix=b', 'reject', undefined],
  ];
  const verdicts = { certain: 'violated', maybe: 'unknown' } as const;
  for (const [from, to, certainty] of cases) {
    const [before, after] = [from, to].map((way) => HbaFile.parse(`hostssl app bob all ${way}\n`, { version: 18 }));
    const found = newAccess(before!, after!);
    assert.ok(found.kind === 'changes');
    assert.deepEqual(
      found.changes.map((change) => change.certainty),
      certainty === undefined ? [] : [certainty],
      `${from} to ${to}`,
    );
    const check = checkPolicy(after!, policy, before!);
    const verdict = certainty === undefined ? 'holds' : verdicts[certainty];
    assert.equal(check.kind === 'checked' && check.verdict, verdict, `${from} to ${to}`);
  }
});

test('a rule with another map or other options can admit other users, whatever certificate and secret it demands', () => {
  const ident = IdentFile.parse('open /.* postgres\nadmins root postgres\n');
  const cases: readonly (readonly [string, string, string, 'certain' | 'maybe' | undefined])[] = [
    ['scram-sha-256', 'cert map=open', 'both', 'maybe'],
    ['ident', 'cert map=open', 'both', 'maybe'],
    ['ident map=admins', 'scram-sha-256', 'both', 'maybe'],
    ['cert map=admins', 'scram-sha-256 clientcert=verify-full', 'both', 'maybe'],
    ['ident', 'ident map=open clientcert=verify-ca', 'both', 'maybe'],
    ['ident map=admins clientcert=verify-ca', 'ident map=open', 'both', 'certain'],
    ['ldap ldapserver=a ldapprefix=b', 'ldap ldapserver=c ldapprefix=b clientcert=verify-ca', 'both', 'maybe'],
    ['trust clientcert=verify-full clientname=DN', 'scram-sha-256 clientcert=verify-full', 'both', 'maybe'],
    // The names that the maps admit do not count if one of the rules admits every user.
    ['trust', 'cert map=open', 'tighter', undefined],
    ['ident map=admins', 'trust', 'looser', 'certain'],
    // Here only the certificate differs.
    ['ident map=admins', 'ident map=admins clientcert=verify-ca', 'tighter', undefined],
    ['scram-sha-256', 'scram-sha-256 clientcert=verify-full clientname=DN', 'tighter', undefined],
  ];
  for (const [from, to, summary, certainty] of cases) {
    const [before, after] = [from, to].map((way) => ({ hba: HbaFile.parse(`hostssl all all all ${way}\n`), ident }));
    const [changed, opened] = [diffAccess(before!, after!), newAccess(before!, after!)];
    assert.ok(changed.kind === 'changes' && opened.kind === 'changes');
    assert.deepEqual([changed.summary, opened.changes[0]?.certainty], [summary, certainty], `${from} to ${to}`);
  }
});

test('compares maps by the users that their mappings let in', () => {
  const hba = HbaFile.parse('hostssl all all all cert map=m\n');
  const withMap = (text: string) => ({ hba, ident: IdentFile.parse(text) });
  const compared = (before: string, after: string): readonly (string | undefined)[] => {
    const inputs = [withMap(before), withMap(after)] as const;
    const [changed, opened] = [diffAccess(...inputs), newAccess(...inputs)];
    assert.ok(changed.kind === 'changes' && opened.kind === 'changes');
    return [changed.summary, opened.changes[0]?.certainty];
  };
  assert.deepEqual(compared('m a b\nm c d\n', 'm c d\nm a b\nm c d\nother x y\n'), ['equal', undefined]);
  // A file that was not read can have mappings of any map. If a line of pg_ident.conf is invalid, the server ignores
  // all maps.
  assert.deepEqual(compared('m a b\n', 'm a b\ninclude more\n'), ['both', 'maybe']);
  assert.deepEqual(compared('m a b\n', 'm a b\nm\n'), ['both', 'maybe']);
  assert.deepEqual(compared('m a b\n', 'm a b\nm /.* all\n'), ['both', 'maybe']);
});

test('a rule whose map lets in none of the users of the rule is a refusal', () => {
  const cases: readonly (readonly [users: string, mappings: string, isRefusal: boolean])[] = [
    ['a', 'm x b\n', true],
    ['a,c', 'm x b\n', true],
    ['all', 'other x a\n', true],
    // The server stops its search at a mapping with \\1 and without a parenthesis.
    ['all', 'm /x \\1\nother x a\n', true],
    ['a,b', 'm x b\n', false],
    ['all', 'm x b\n', false],
    ['+g', 'm x b\n', false],
    ['a', 'm x all\n', false],
    ['a', 'm x +b\n', false],
    ['a', 'm /^(.*)$ \\1\n', false],
    ['a', 'm x b\ninclude more\n', false],
  ];
  for (const [users, mappings, isRefusal] of cases) {
    const ident = IdentFile.parse(mappings);
    const [cert, reject] = ['cert map=m', 'reject'].map((way) => HbaFile.parse(`hostssl all ${users} all ${way}\n`));
    const found = diffAccess({ hba: cert!, ident }, { hba: reject!, ident });
    assert.equal(found.kind === 'changes' && found.summary === 'equal', isRefusal, `${users}: ${mappings}`);
  }
});

test('a rule of any method with an undefined map is a refusal', () => {
  const ident = IdentFile.parse('other a b\n');
  for (const way of ['gss', 'cert', 'ident']) {
    const [before, after] = [`${way} map=m`, 'reject'].map((end) => HbaFile.parse(`hostssl all all all ${end}\n`));
    const found = diffAccess({ hba: before!, ident }, { hba: after!, ident });
    assert.equal(found.kind === 'changes' && found.summary, 'equal', way);
  }
});

test('new access is uncertain if a file was not read, or if the connections may not exist', () => {
  const reject = 'host all +h all reject\n';
  for (const [before, after, outcomes] of [
    ['include more\n', 'hostssl all all all cert\n', ['unknown', 'refused']],
    [reject, `${reject}host all +g all trust\n`, ['refused']],
  ] as const) {
    const found = newAccess(HbaFile.parse(before), HbaFile.parse(after));
    assert.ok(found.kind === 'changes');
    assert.deepEqual(
      found.changes.map((change) => [change.before.outcome.kind, change.certainty]),
      outcomes.map((outcome) => [outcome, 'maybe']),
    );
  }
});

test('an option with the default value is not a change', () => {
  const same: readonly (readonly [string, string])[] = [
    ['host all all all gss', 'include_realm=1'],
    ['host all all all gss', 'krb_realm='],
    ['host all all all gss', 'map='],
    ['host all all all sspi', 'compat_realm=1'],
    ['host all all all sspi', 'upn_username=no'],
    ['host all all all pam', 'pamservice=postgresql pam_use_hostname=0'],
    ['host all all all ldap ldapserver=x ldapprefix=y', 'ldaptls=on'],
    ['hostssl all all all cert', 'clientname=CN clientcert=verify-full'],
    ['hostssl all all all md5 clientcert=verify-ca', 'clientname=DN'],
    ['host all all all oauth issuer=i scope=s', 'delegate_ident_mapping=true'],
  ];
  const changed: readonly (readonly [string, string])[] = [
    ['host all all all gss', 'include_realm=0'],
    ['host all all all gss', 'include_realm=yes'],
    ['host all all all sspi', 'upn_username=1'],
    ['host all all all pam', 'pamservice=other'],
    ['host all all all ldap ldapserver=x ldapprefix=y', 'ldaptls=1'],
    ['hostssl all all all cert', 'clientname=DN'],
  ];
  const summaryOf = (rule: string, options: string): string => {
    const found = diffAccess(HbaFile.parse(`${rule}\n`), HbaFile.parse(`${rule} ${options}\n`));
    return found.kind === 'changes' ? found.summary : found.kind;
  };
  for (const [rule, options] of same) assert.equal(summaryOf(rule, options), 'equal', `${rule} ${options}`);
  for (const [rule, options] of changed) assert.equal(summaryOf(rule, options), 'both', `${rule} ${options}`);
});

test('krb_caseins_users changes who gets in by gss', () => {
  const inputOf = (setting: string, method: string) => ({
    hba: HbaFile.parse(`host all all all ${method}\n`),
    conf: ConfTree.read({ main: ConfFile.parse(`krb_caseins_users = ${setting}\n`) }),
  });
  for (const [method, summary] of [
    ['gss', 'both'],
    ['ident', 'equal'],
  ] as const) {
    const found = diffAccess(inputOf('off', method), inputOf('on', method));
    assert.equal(found.kind === 'changes' && found.summary, summary);
  }
});

test('finds the one name of a long list that the other file leaves out', () => {
  const users = Array.from({ length: 100 }, (_, i) => `u${i}`);
  const fileFor = (names: readonly string[]): HbaFile => HbaFile.parse(`host app ${names.join()} all trust\n`);
  const [all, others] = [fileFor(users), fileFor(users.filter((name) => name !== 'u35'))];
  for (const [before, after, summary] of [
    [all, others, 'tighter'],
    [others, all, 'looser'],
  ] as const) {
    const difference = diffAccess(before, after);
    assert.ok(difference.kind !== 'file-refused');
    assert.equal(difference.summary, summary);
    assert.deepEqual(
      difference.changes.map(({ witness }) => witness?.connection.user),
      ['u35'],
    );
  }
});
