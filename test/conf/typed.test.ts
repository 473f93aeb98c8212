import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfFile, duration, memorySize, type Quantity } from '../../src/conf/index.ts';
import { PgHostsslError } from '../../src/errors.ts';

test('settings have the types of their values', () => {
  const file = ConfFile.parse('')
    .set('shared_buffers', '4GB')
    .set('work_mem', 4096)
    .set('ssl', true)
    .set('log_min_duration_statement', '250ms')
    .set('max_connections', 200)
    .set('unix_socket_permissions', '0770')
    .set('wal_level', 'logical')
    .set('synchronous_commit', false)
    .set('search_path', ['$user', 'My Schema', 'public'])
    .set('log_line_prefix', '%m ')
    .set('auto_explain.log_min_duration', '3s')
    .set('random_page_cost', 1.1);
  // @ts-expect-error a boolean setting takes no number
  assert.throws(() => file.set('ssl', 3), { code: 'setting-refused' });
  // @ts-expect-error there is no such setting
  assert.throws(() => file.set('shared_bufers', '4GB'), {
    code: 'setting-refused',
    message: /^No known version has a setting shared_bufers\. Use shared_buffers\. /,
  });
  // @ts-expect-error the server knows no unit `gb`
  assert.throws(() => file.set('shared_buffers', '4gb'), { code: 'setting-refused' });
  // @ts-expect-error a time is not an amount of memory
  assert.throws(() => file.set('shared_buffers', '4min'), { code: 'setting-refused' });
  // @ts-expect-error an enum setting accepts only its own words
  assert.throws(() => file.set('wal_level', 'maximal'), { code: 'setting-refused' });
  // @ts-expect-error a setting of context `internal` cannot be set
  assert.throws(() => file.set('server_version', '18'), { code: 'setting-refused' });
  // @ts-expect-error `after` must be the name of a setting
  file.set('ssl', true, { after: 'sll' });

  const ssl: boolean | undefined = file.value('ssl');
  const buffers: Quantity | undefined = file.value('shared_buffers');
  const level: string | undefined = file.value('wal_level');
  const path: string | readonly string[] | undefined = file.value('search_path');
  assert.deepEqual(
    [ssl, buffers, level, path],
    [true, { amount: 524288, unit: '8kB' }, 'logical', ['$user', 'My Schema', 'public']],
  );
  assert.deepEqual(file.value('work_mem'), { amount: 4096, unit: 'kB' });
  assert.deepEqual(file.value('max_connections'), 200);
  assert.deepEqual(file.value('unix_socket_permissions'), 0o770);
  assert.deepEqual(file.value('log_min_duration_statement'), { amount: 250, unit: 'ms' });
  assert.deepEqual(file.value('auto_explain.log_min_duration'), '3s');
  assert.equal(file.value('random_page_cost'), 1.1);
  assert.equal(file.value('port'), undefined);
  assert.equal(file.get('search_path'), '"$user", "My Schema", public');
  assert.deepEqual(file.diagnostics, []);
});

test('set rejects a value that the server refuses', () => {
  assert.equal(ConfFile.parse('ssl = maybe').value('ssl'), undefined);
  assert.equal(ConfFile.parse("work_mem = '1.5MB'", { version: 11 }).value('work_mem'), undefined);
  assert.deepEqual(ConfFile.parse("work_mem = '1.5MB'", { version: 12 }).value('work_mem'), {
    amount: 1536,
    unit: 'kB',
  });
});

test('a byte order mark inside a name stays when the name is cut', () => {
  const name = `\ufeff${'a'.repeat(80)}`;
  assert.deepEqual(ConfFile.parse('').set('search_path', [name]).value('search_path'), [name.slice(0, 61)]);
});

test('setAll adds settings below the setting that after names, in the order of the object', () => {
  const file = ConfFile.parse('ssl = off\nport = 5432\n#ssl_ciphers = x\n');
  const group = {
    ssl: true,
    ssl_ca_file: 'root.crt',
    ssl_crl_file: 'root.crl',
    ssl_ciphers: 'HIGH',
    'x.y': 1,
  } as const;
  assert.equal(
    file.setAll(group, { after: 'ssl' }).toString(),
    "ssl = on\nssl_ca_file = 'root.crt'\nssl_crl_file = 'root.crl'\nport = 5432\nssl_ciphers = HIGH\nx.y = 1\n",
  );
  assert.equal(
    file.setAll(group).toString(),
    "ssl = on\nport = 5432\nssl_ciphers = HIGH\nssl_ca_file = 'root.crt'\nssl_crl_file = 'root.crl'\nx.y = 1\n",
  );
});

test('amounts are written in the largest unit that is exact', () => {
  assert.deepEqual(
    [
      memorySize('4GB'),
      memorySize('4096MB'),
      memorySize(1536),
      memorySize(2 ** 40),
      memorySize('1.5GB'),
      memorySize(0),
      memorySize('1023kB'),
    ],
    ['4GB', '4GB', '1536B', '1TB', '1536MB', '0kB', '1023kB'],
  );
  assert.deepEqual(
    [
      duration('30s'),
      duration('120s'),
      duration(30_000),
      duration(1.001),
      duration('1.5h'),
      duration('48h'),
      duration(0),
    ],
    ['30s', '2min', '30s', '1001us', '90min', '2d', '0ms'],
  );
  const refused = (error: unknown) => error instanceof PgHostsslError && error.code === 'quantity-invalid';
  for (const amount of ['4gb', '0.1GB', '-1kB', '', 'GB', '1 GB']) {
    assert.throws(() => memorySize(amount as '1GB'), refused, amount);
  }
  for (const time of [Number.NaN, -1, 0.0001, Number.POSITIVE_INFINITY]) assert.throws(() => duration(time), refused);
});
