import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkClientKeyFile, checkSslKeyFilePermissions } from '../../src/c/key-file-permissions.ts';

type Fault = 'owner' | 'mode' | undefined;

// `broken-setups.server.test.ts` and `key-file.test.ts` compare the same modes and owners with servers and with libpq.
const rows: readonly (readonly [
  mode: number,
  account: number,
  uid: number | undefined,
  server: Fault,
  client: Fault,
])[] = [
  // a file of the account itself, or of an unknown owner
  ...[26, undefined].flatMap((uid) => [
    [0o600, 26, uid, undefined, undefined] as const,
    [0o400, 26, uid, undefined, undefined] as const,
    [0o700, 26, uid, undefined, undefined] as const,
    ...[0o640, 0o620, 0o610, 0o604, 0o602, 0o601].map((mode) => [mode, 26, uid, 'mode', 'mode'] as const),
  ]),
  // a file of root that another account reads
  ...[0o600, 0o640, 0o440, 0o700].map((mode) => [mode, 26, 0, undefined, undefined] as const),
  ...[0o660, 0o650, 0o620, 0o610, 0o644, 0o604, 0o602, 0o601].map((mode) => [mode, 26, 0, 'mode', 'mode'] as const),
  // a file of root that root reads: the server treats it as its own file, and libpq does not look at the account
  [0o600, 0, 0, undefined, undefined],
  [0o640, 0, 0, 'mode', undefined],
  // a file of a third account
  [0o600, 26, 1000, 'owner', undefined],
  [0o400, 0, 1000, 'owner', undefined],
  [0o640, 26, 1000, 'owner', 'mode'],
];

test('the server and libpq judge the mode and the owner of a key file by their own rules', () => {
  for (const [mode, account, uid, server, client] of rows) {
    const what = `mode ${mode.toString(8)}, account ${account}, owner ${uid}`;
    assert.equal(checkSslKeyFilePermissions({ mode, uid }, account), server, what);
    assert.equal(checkClientKeyFile({ mode, uid }), client, what);
  }
});
