import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { keyFileObjection } from '../../src/client/check/key-file.ts';
import { CertificateAuthority } from '../../src/pki/index.ts';
import { forEachMajor, temporaryFolder } from '../server/index.ts';
import { libpqFolder } from './libpq-judge.ts';

const withoutPython = existsSync('/usr/bin/python3') ? false : 'python3, which loads libpq, is not installed';
const owners = process.getuid?.() === 0 ? [0, 65534] : [process.getuid?.() ?? -1];
const modes = [0o600, 0o400, 0o700, 0o640, 0o440, 0o650, 0o660, 0o644, 0o604, 0o601, 0o620, 0o610, 0o777];

/**
 * A Python program that connects with libpq, once for each mode and owner of the key file, and prints the error of
 * libpq in one line.
 */
const program = `
import ctypes, os, sys
library, port, certificate, key, *cases = sys.argv[1:]
libpq = ctypes.CDLL(library)
libpq.PQconnectdb.restype = ctypes.c_void_p
libpq.PQconnectdb.argtypes = [ctypes.c_char_p]
libpq.PQerrorMessage.restype = ctypes.c_char_p
libpq.PQerrorMessage.argtypes = [ctypes.c_void_p]
for case in cases:
    uid, mode = case.split(':')
    os.chown(key, int(uid), -1)
    os.chmod(key, int(mode))
    where = f"host=127.0.0.1 port={port} sslmode=require user=a dbname=a connect_timeout=5 sslcert={certificate} sslkey={key}"
    connection = libpq.PQconnectdb(where.encode())
    print(libpq.PQerrorMessage(connection).decode().replace('\\n', ' '))
`;

describe('libpq and the mode of a private key file', { skip: withoutPython }, () => {
  const folder = temporaryFolder();
  const [certificate, key] = [join(folder, 'postgresql.crt'), join(folder, 'postgresql.key')];
  // A server that accepts TLS and then closes the connection. This is enough, because libpq checks the key file before
  // the TLS handshake.
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => socket.end('S'));
  });
  before(async () => {
    const authority = await CertificateAuthority.create({ subject: 'CN=Authority' });
    const issued = await authority.issueClientCertificate({ user: 'a' });
    writeFileSync(certificate, issued.chain);
    writeFileSync(key, issued.privateKey.toPem(), { mode: 0o600 });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  after(() => server.close());

  forEachMajor([10, 12, 15, 18], (major) => {
    const cases = owners.flatMap((uid) => modes.map((mode) => ({ uid, mode })));

    /** Returns whether libpq refuses the key file, for each case. */
    const refusedWith = async (certificateFile: string): Promise<readonly boolean[]> => {
      const { port } = server.address() as { port: number };
      const { stdout } = await promisify(execFile)('/usr/bin/python3', [
        '-c',
        program,
        join(libpqFolder(major), 'libpq.so.5'),
        String(port),
        certificateFile,
        key,
        ...cases.map(({ uid, mode }) => `${uid}:${mode}`),
      ]);
      const messages = stdout.trimEnd().split('\n');
      assert.equal(messages.length, cases.length);
      return messages.map((message) => message.includes('has group or world access'));
    };

    test('libpq refuses the modes that the rule names', async () => {
      const refused = await refusedWith(certificate);
      for (const [index, each] of cases.entries()) {
        assert.equal(keyFileObjection(each) !== undefined, refused[index], `${each.uid} ${each.mode.toString(8)}`);
      }
      assert.ok(refused.includes(true) && refused.includes(false));
    });

    test('libpq does not read the key file of a client without a certificate', async () => {
      assert.deepEqual([...new Set(await refusedWith(join(folder, 'missing.crt')))], [false]);
    });
  });
});

test('a key file that is a directory or a pipe is rejected', () => {
  assert.equal(keyFileObjection({ mode: 0o040600, uid: 0 }), 'is not a regular file');
  assert.equal(keyFileObjection({ mode: 0o010600, uid: 0 }), 'is not a regular file');
  assert.equal(keyFileObjection({ mode: 0o100600, uid: 0 }), undefined);
  assert.equal(keyFileObjection({ mode: 0o100601, uid: 1 }), 'lets its group or others access the file');
  assert.match(keyFileObjection({ mode: 0o100660, uid: 0 })!, /^lets its group do more than read/);
});
