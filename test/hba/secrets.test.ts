import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { HbaFile, type HbaOption } from '../../src/hba/index.ts';
import { IdentFile } from '../../src/ident/index.ts';
import { withoutControlsInColumns } from '../../src/text/control-characters.ts';
import { renderDiagnostic } from '../../src/text/diagnostic.ts';
import { type PgMajor, pgMajors } from '../../src/version.ts';
import { runs, seed } from '../property.ts';

/**
 * Secrets for generated files. They contain a mark that is nowhere else in the file, and characters that have a special
 * meaning to the server.
 */
const mark = 'zq9';
const secret = fc
  .array(fc.constantFrom(mark, mark, ' ', ',', '#', '=', "'", '\\', '/', '@', '?', '\t', '""', 'é'), { maxLength: 8 })
  .map((parts) => mark + parts.join('') + mark);

const name = fc.constantFrom(
  ...['ldapbindpasswd', 'radiussecrets', 'radiussecret', 'LDAPBINDPASSWD', 'ldapbindpassword'],
  ...['ldapbindpaswd', 'ldapbindpwd', 'ldappasswd', 'radiusecrets', 'radiussercets'],
);

/** An option with a secret, in valid form and with typical mistakes. */
const option = fc.oneof(
  fc.tuple(name, secret).map(([option, value]) => `${option}="${value}"`),
  fc.tuple(name, secret).map(([option, value]) => `"${option}=${value}"`),
  fc.tuple(name, secret).map(([option, value]) => `"${option}"="${value}"${mark}`),
  fc
    .tuple(name, fc.constantFrom('=', ' = ', '= ', ' ', '=\\\n', ' \t=', ':', ':='))
    .map((parts) => `${parts.join('')}${mark},${mark} ${mark}`),
  fc
    .tuple(
      name,
      secret.map((text) => text.replaceAll('"', '')),
    )
    .map((parts) => parts.join('=')),
  fc.constantFrom(
    `ldapurl=ldap://cn:${mark}@host/dc=x`,
    `ldapurl="ldap://host/dc=x?uid?sub??!X-BINDPW=${mark},a ${mark}"`,
  ),
);

const other = fc.constantFrom(
  'ldapserver=x',
  'ldapport=0',
  'radiusports=x',
  'map=x',
  'foo=1',
  'bar',
  '"all"',
  '',
  '@more',
);
const head = fc.constantFrom(
  'host all all all ldap',
  'host all all 1.2.3.4 radius',
  'hosts all',
  '',
  '#host a b c ldap',
  'host "all" ALL * ldap',
  'host all\u00a0all 1.2.3.4 radius',
);
const ending = fc.constantFrom('', ' # x\\\nlocal all all trust', '\r ', '\0', ' "', ' \\', ' ,x', '\\\nmap=x');

const line = fc
  .tuple(head, other, option, other, ending)
  .map(([start, before, secrets, after, end]) => `${start} ${before} ${secrets} ${after}${end}\n`);

test('no message shows a part of an unquoted secret as an unknown option', () => {
  const file = HbaFile.parse('host all all all ldap ldapserver=x ldapbindpasswd=my zq9=zq9 map=x\n');
  const unknown = file.diagnostics.find(({ code }) => code === 'hba-option-unknown');
  assert.equal(unknown?.message, 'PostgreSQL 18 knows no option of this name. Correct the name, or remove the option');
});

test('no message shows a secret in an odd place', () => {
  const texts = [
    `host all all all ldap "x ldapbindpasswd: ${mark} y=z"\n`,
    `local "/ldapbindpasswd=${mark}(" all trust\n`,
    `local "/(?i)ldapbindpasswd=${mark}" all trust\n`,
    `ldapbindpasswd\u00a0=${mark} x\n`,
    `host all all all ldap ldapserver=x ldapbindpasswd\u2003=${mark}\n`,
    `host all all all ldap ldapserver=x db_pass=${mark}\n`,
    `host all all all ldap ldapserver=x ldapbindpasswd = ${mark}\n`,
    `host all all all ldap ldapserver=x ldapbindpasswd=my // ${mark}\n`,
  ];
  const idents = [`m /ldapbindpasswd=${mark}$ \\1\n`, `m "/ldapbindpasswd=${mark}(" \\1\n`];
  const files = [...texts.map((text) => HbaFile.parse(text)), ...idents.map((text) => IdentFile.parse(text))];
  for (const file of files) {
    assert.ok(file.diagnostics.length > 0, file.toString());
    for (const diagnostic of file.diagnostics) {
      const shown = `${JSON.stringify(diagnostic)} ${renderDiagnostic(diagnostic, file.toString())}`;
      assert.ok(!shown.includes(mark), shown);
    }
  }
});

test('a fix that would repeat a secret is left out', () => {
  const text = `host all\u00a0all 10.0.0.0/8 radius radiussecrets=${mark}\u00a0radiusservers=a\n`;
  const [diagnostic] = HbaFile.parse(text).diagnostics;
  assert.match(diagnostic!.message, /write a blank$/);
  assert.equal(diagnostic!.fix, undefined);
});

for (const version of pgMajors) {
  test(`PostgreSQL ${version}: no secret shows in a diagnostic, and every column keeps its place`, (t) => {
    let shown = 0;
    const property = fc.property(fc.array(line, { minLength: 1, maxLength: 3 }), (lines) => {
      const text = lines.join('');
      const readFile = (): Uint8Array => new TextEncoder().encode(`ldapbindpasswd= ${mark}\n${mark}`);
      for (const diagnostic of HbaFile.parse(text, { version, readFile }).diagnostics) {
        const rendered = renderDiagnostic(diagnostic, text);
        shown += 1;
        assert.ok(!rendered.includes(mark), rendered);
        assert.ok(!JSON.stringify(diagnostic).includes(mark), JSON.stringify(diagnostic));
        const physical = withoutControlsInColumns(
          text.split('\n')[diagnostic.range.start.line - 1]!.replace(/\r+$/, ''),
        );
        assert.equal(rendered.split('\n')[1], `${diagnostic.range.start.line} | ${hide(physical, rendered)}`);
      }
    });
    fc.assert(property, { seed, numRuns: runs(300) });
    t.diagnostic(`${shown} diagnostics, seed ${seed}`);
    assert.ok(shown > runs(300));
  });
}

/** Returns the physical line with a star for each character that is a star in the rendered line. */
function hide(physical: string, rendered: string): string {
  const line = rendered.split('\n')[1]!.replace(/^\d+ \| /, '');
  assert.equal(line.length, physical.length);
  return Array.from({ length: line.length }, (_, i) => (line[i] === '*' ? '*' : physical[i])).join('');
}

test('no secret of a typed rule shows in an error', () => {
  const versions: readonly PgMajor[] = [9.6, 14, 18, 19];
  const secretOption = fc.record({
    name,
    value: fc.oneof(
      secret,
      secret.map((text) => `${text}\n\ud800\0`),
    ),
  });
  const property = fc.property(
    fc.array(secretOption, { minLength: 1, maxLength: 3 }),
    fc.constantFrom('ldap', 'radius', 'md5', 'ldap map=x'),
    fc.constantFrom('x\\', `ldapbindpasswd=${mark}\n`, `password=${mark}\r`, ''),
    fc.constantFrom(...versions),
    (options, method, comment, version) => {
      const file = HbaFile.parse('host all all all reject\n', { version });
      const changes = { method, options: options as readonly HbaOption[], comment } as { method: 'ldap' };
      const rule = { type: 'host', databases: ['a'], users: ['a'], address: '::1', ...changes } as const;
      for (const edit of [() => file.insert(rule, 'end'), () => file.replace(file.rules[0]!, changes)]) {
        try {
          edit();
        } catch (error) {
          assert.ok(!String(error).includes(mark), String(error));
        }
      }
    },
  );
  fc.assert(property, { seed, numRuns: runs(500) });
});

/**
 * Lines that end in a backslash, which people read as one line, whereas a server before version 14 reads several lines.
 */
const continued = fc.tuple(
  fc.constantFrom(
    'host all all all ldap ldapbindpasswd=',
    'host all all 1.2.3.4 radius radiussecrets="',
    '# radiussecret =',
  ),
  fc.constantFrom('\\\n', '\0\n', '\\\n\\\r\n', 'x\\\n#\\\n'),
  fc.constantFrom(`${mark}\n`, `${mark} ${mark}\n`, `host ${mark}\n`, `${mark} all all\n`, `@${mark} x\n`),
);

for (const version of [9.6, 10, 13, 14, 18] as const) {
  test(`PostgreSQL ${version}: a secret that begins in a line above shows in no diagnostic`, (t) => {
    let shown = 0;
    const property = fc.property(fc.array(continued, { minLength: 1, maxLength: 3 }), (lines) => {
      const text = lines.map((parts) => parts.join('')).join('');
      for (const diagnostic of HbaFile.parse(text, { version }).diagnostics) {
        shown += 1;
        const all = `${renderDiagnostic(diagnostic, text)} ${JSON.stringify(diagnostic)}`;
        assert.ok(!all.includes(mark), all);
      }
    });
    fc.assert(property, { seed, numRuns: runs(200) });
    t.diagnostic(`${shown} diagnostics, seed ${seed}`);
    assert.ok(shown > runs(200));
  });

  test(`PostgreSQL ${version}: a secret in a line that is longer than the buffer shows in no diagnostic`, () => {
    for (const before of [0, 8000, 8170, 8185, 20_470, 40_000]) {
      const line = `host all all all ldap ldapserver=${'x'.repeat(before)} ldapbindpasswd="${`${mark} `.repeat(6000)}`;
      const text = `# ${mark} is shown here\n${line}\nhost all all all trust\n`;
      const { diagnostics } = HbaFile.parse(text, { version });
      assert.ok(diagnostics.length > 0);
      for (const diagnostic of diagnostics) {
        const all = `${renderDiagnostic(diagnostic, text)} ${JSON.stringify(diagnostic)}`;
        assert.ok(!all.includes(mark), all.slice(0, 2000));
        assert.ok(diagnostic.range.start.column <= line.length + 1);
      }
    }
  });
}

test('a diagnostic of the whole file shows no secret of the line at its place', () => {
  for (const text of [
    `# ldapbindpasswd=${mark}\n# x\n`,
    `host all all 0.0.0.0/0 ldap ldapserver=x ldapprefix=a ldapbindpasswd=${mark}\n`,
    `# radiussecrets=${mark}\n@include\n`,
  ]) {
    const { diagnostics } = HbaFile.parse(text);
    assert.ok(diagnostics.length > 0);
    for (const diagnostic of diagnostics) {
      const all = `${renderDiagnostic(diagnostic, text)} ${JSON.stringify(diagnostic)}`;
      assert.ok(!all.includes(mark), all);
    }
  }
});
