import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { clientFilePaths, connectionTarget, toConnectionString } from '../../src/client/index.ts';
import { CertificateAuthority, type KeyAlgorithm, PrivateKey } from '../../src/pki/index.ts';
import { forEachMajor, psql, startServer, withoutPsql } from '../server/index.ts';

const authority = await CertificateAuthority.create({ subject: 'CN=Root' });
const serverKey = await PrivateKey.generate();
const passphrase = "p\\ä's w";

/** Returns a key in each form that the library writes. */
async function keyFiles(key: PrivateKey): Promise<Readonly<Record<string, string | Uint8Array>>> {
  return {
    'PKCS#8 in PEM': key.toPem(),
    'PKCS#8 in DER (.pk8)': key.toDer(),
    'encrypted PKCS#8': await key.toEncryptedPem(passphrase),
  };
}

forEachMajor([10, 18], (major) => {
  test('psql logs in with a key in each form that the library writes', { skip: withoutPsql }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'pg-hostssl-keys-'));
    const issued = await authority.issueServerCertificate({ hosts: ['localhost', '127.0.0.1'], key: serverKey });
    const server = await startServer({
      major,
      hba: 'local all all trust\nhostssl all all 127.0.0.1/32 cert\n',
      conf: "ssl = on\nssl_ca_file = 'root.crt'\n",
      files: { 'server.key': issued.privateKey.toPem(), 'server.crt': issued.chain, 'root.crt': authority.certificate },
    });
    try {
      await server.query('create role alice login');
      const { host, port } = server;
      const target = connectionTarget({ host: 'localhost', hostaddr: host, port, user: 'alice', database: 'postgres' });
      const { ca, certificate, privateKey } = clientFilePaths(folder);
      const parameters = { sslmode: 'verify-full', sslrootcert: ca, sslcert: certificate, sslkey: privateKey };
      const connection = toConnectionString(target, { form: 'key-value', parameters });
      writeFileSync(join(folder, 'root.crt'), authority.certificate);
      for (const kind of ['ecdsa-p256', 'rsa-2048', 'ed25519'] satisfies KeyAlgorithm[]) {
        const key = await PrivateKey.generate(kind);
        const { chain } = await authority.issueClientCertificate({ user: 'alice', key });
        writeFileSync(join(folder, 'postgresql.crt'), chain);
        for (const [name, content] of Object.entries(await keyFiles(key))) {
          writeFileSync(join(folder, 'postgresql.key'), content);
          chmodSync(join(folder, 'postgresql.key'), 0o600);
          const logIn = (more: string) => psql(`${connection} ${more}`, 'select current_user');
          const quoted = passphrase.replace(/['\\]/g, '\\$&');
          assert.equal(await logIn(`sslpassword='${quoted}'`), 'alice\n', `${kind} ${name}`);
          if (name.startsWith('encrypted')) {
            // A wrong passphrase is given, because psql would ask for a missing one at the terminal.
            await assert.rejects(logIn("sslpassword='wrong'"), /private key|decrypt/);
          }
        }
      }
    } finally {
      await server.remove();
      rmSync(folder, { recursive: true });
    }
  });

  test('an Ed25519 CA breaks SCRAM logins on 11 and later, and no other CA does', { skip: withoutPsql }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'pg-hostssl-scram-'));
    const server = await startServer({
      major,
      hba: 'local all all trust\nhostssl all all 127.0.0.1/32 scram-sha-256\n',
      conf: "ssl = on\npassword_encryption = 'scram-sha-256'\n",
      files: { 'server.key': authority.privateKey.toPem(), 'server.crt': authority.certificate },
    });
    try {
      await server.query("create role alice login password 'open sesame'");
      const target = {
        host: 'localhost',
        hostaddr: server.host,
        port: server.port,
        user: 'alice',
        database: 'postgres',
      };
      const parameters = { sslmode: 'verify-full', sslrootcert: join(folder, 'root.crt') };
      const connection = toConnectionString(connectionTarget(target), { form: 'key-value', parameters });
      const outcomes: Record<string, string> = {};
      for (const ofAuthority of ['ecdsa-p256', 'ed25519'] satisfies KeyAlgorithm[]) {
        const root = await CertificateAuthority.create({ subject: 'CN=Root', keyAlgorithm: ofAuthority });
        writeFileSync(join(folder, 'root.crt'), root.certificate);
        for (const keyAlgorithm of ['ecdsa-p256', 'ed25519'] satisfies KeyAlgorithm[]) {
          const issued = await root.issueServerCertificate({ hosts: ['localhost'], keyAlgorithm });
          server.writeFiles({ 'server.key': issued.privateKey.toPem(), 'server.crt': issued.chain });
          await server.reload();
          const run = (more: string) =>
            psql(`${connection} ${more}`, 'select 1', { PGPASSWORD: 'open sesame' }).then(
              () => 'in',
              (error: Error) => (/find digest/.test(error.message) ? 'no digest' : error.message),
            );
          outcomes[`${ofAuthority} > ${keyAlgorithm}`] = await run('');
          outcomes[`${ofAuthority} > ${keyAlgorithm}, not bound`] = await run('channel_binding=disable');
        }
      }
      const broken = major === 10 ? 'in' : 'no digest';
      assert.deepEqual(outcomes, {
        'ecdsa-p256 > ecdsa-p256': 'in',
        'ecdsa-p256 > ecdsa-p256, not bound': 'in',
        'ecdsa-p256 > ed25519': 'in',
        'ecdsa-p256 > ed25519, not bound': 'in',
        'ed25519 > ecdsa-p256': broken,
        'ed25519 > ecdsa-p256, not bound': 'in',
        'ed25519 > ed25519': broken,
        'ed25519 > ed25519, not bound': 'in',
      });
    } finally {
      await server.remove();
      rmSync(folder, { recursive: true });
    }
  });
});
