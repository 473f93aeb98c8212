import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ConfFile } from '../../src/conf/index.ts';
import { withFix } from '../hba/with-fix.ts';
import { runs, seed } from '../property.ts';
import { judgingMajors, loadConf } from './postgres.ts';

const line = fc.constantFrom(
  ...['work_mem = 64MB', 'port = 5432', 'ssl = on', "listen_addresses = '*'", "search_path = 'a, b'"],
  ...[
    "archive_command = 'cp %p /x/%f'",
    'max_connections = 100',
    "log_line_prefix = '%m '",
    'checkpoint_timeout = 5min',
  ],
  ...["ssl_cert_file = 'a.crt'", 'unix_socket_permissions = 0770', 'a.b = 5'],
);

/** Functions that turn a valid line into a line with a mistake that people often make. */
const mistakes: readonly ((text: string) => string)[] = [
  (text) => `${text};`,
  (text) => `${text} ;`,
  (text) => `${text},`,
  (text) => `${text} // note`,
  (text) => `${text} -- note`,
  (text) => `${text} /* note */`,
  (text) => `// ${text}`,
  (text) => `-- ${text}`,
  (text) => `;${text}`,
  (text) => `SET ${text}`,
  (text) => `ALTER SYSTEM SET ${text};`,
  (text) => `export ${text}`,
  (text) => `{ "${text.replace(' = ', '": "')}" }`,
  (text) => text.replace(' = ', ' == '),
  (text) => text.replace(' = ', ': '),
  (text) => text.replace(' = ', ' := '),
  (text) => text.replace(' = ', '\u00a0= '),
  (text) => text.replaceAll("'", '"'),
  (text) => text.replaceAll("'", ''),
  (text) => text.replace("'", '\u2018').replace("'", '\u2019'),
  (text) => text.replace(/(\d)([A-Za-z]+)$/, '$1 $2'),
  (text) => text.replace(/(\d+)(\d{3})/, '$1,$2'),
  (text) => text.replace(/(\d+)/, '$1%'),
  (text) => text.replace(/'$/, ''),
  (text) => `${text} ${text}`,
  (text) => `[section]\n${text}`,
];

const broken = fc
  .tuple(line, fc.constantFrom(...mistakes), fc.option(fc.constantFrom(...mistakes)))
  .map(([text, one, other]) => `${other === null ? one(text) : other(one(text))}\n`);

for (const version of judgingMajors) {
  test(`${version} accepts the line that is suggested for a malformed line (seed ${seed})`, (t) => {
    let tried = 0;
    for (const text of fc.sample(broken, { seed, numRuns: runs(40) })) {
      const file = ConfFile.parse(text, { version });
      const found = file.diagnostics.filter(({ code }) => code === 'conf-syntax');
      for (const { message, fix } of found) {
        if (fix === undefined) {
          assert.doesNotMatch(message, /single quotes$/, text);
          continue;
        }
        tried += 1;
        const mended = withFix(text, fix);
        const errors = ConfFile.parse(mended, { version }).diagnostics.filter(({ severity }) => severity === 'error');
        assert.equal(errors.length, found.length - 1, `${text} -> ${mended}`);
        if (found.length > 1) continue;
        const { accepted, messages } = loadConf(version, { 'postgresql.conf': mended });
        assert.ok(accepted, `${text} -> ${mended}: ${messages.join('; ')}`);
      }
    }
    assert.ok(tried > 0);
    t.diagnostic(`${tried} fixes of ${runs(40)} lines`);
  });
}
