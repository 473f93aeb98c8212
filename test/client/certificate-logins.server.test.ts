import assert from 'node:assert/strict';
import { test } from 'node:test';
import { certificateLogins, clientBundle, pgConfig } from '../../src/client/index.ts';
import { HbaFile } from '../../src/hba/index.ts';
import { IdentFile } from '../../src/ident/index.ts';
import { CertificateAuthority } from '../../src/pki/index.ts';
import { forEachMajor, startServer } from '../server/index.ts';

const authority = await CertificateAuthority.create({ subject: 'CN=Root' });
const issuedServer = await authority.issueServerCertificate({ hosts: ['127.0.0.1'] });

const roles = ['alice', 'alice@example.com', 'bob', 'reports', 'staff', 'carol', 'root', '+staff'];
const certificates = ['alice', 'alice@example.com', 'carol', '+staff'];
/** The roles that are members of `staff`. */
const staff = ['carol', 'bob', 'staff'];

/** The tested pg_hba.conf and pg_ident.conf files, each with the first major version that can read them. */
const configurations: readonly { readonly since: number; readonly hba: string; readonly ident?: string }[] = [
  { since: 10, hba: 'hostssl all all 127.0.0.1/32 cert\n' },
  { since: 10, hba: 'hostssl all "+staff" 127.0.0.1/32 cert\nhostssl all all all reject\n' },
  { since: 10, hba: 'hostssl all "+staff" all reject\nhostssl all all all cert\n' },
  { since: 10, hba: 'hostssl all alice,bob 127.0.0.1/32 cert\nhostssl all all all reject\n' },
  {
    since: 10,
    hba: 'hostssl all all 127.0.0.1/32 cert map=m\n',
    ident: 'm /^(.*)@example\\.com$ \\1\nm alice@example.com reports\nm carol bob\n',
  },
  { since: 10, hba: 'hostssl all +staff 127.0.0.1/32 cert\nhostssl all reports 127.0.0.1/32 trust clientcert=1\n' },
  {
    since: 12,
    hba: 'hostssl all bob all trust clientcert=verify-ca\nhostssl all all all trust clientcert=verify-full\n',
  },
  {
    since: 14,
    hba: 'hostssl all all 127.0.0.1/32 cert clientname=DN map=d\n',
    ident: 'd "/^CN=(.*),O=x$" \\1\nd CN=carol bob\n',
  },
  {
    since: 16,
    hba: 'hostssl all /^[a-c] all cert map=m\n',
    ident: 'm carol all\nm alice +staff\nm alice@example.com /^a\n',
  },
];

forEachMajor([10, 18, 19], (major) => {
  test('a certificate logs in as exactly the roles of certificateLogins', async (t) => {
    const server = await startServer({
      major,
      hba: 'local all all trust\n',
      conf: "ssl = on\nssl_ca_file = 'root.crt'\n",
      files: {
        'server.key': issuedServer.privateKey.toPem(),
        'server.crt': issuedServer.chain,
        'root.crt': authority.certificate,
      },
    });
    const counts = { in: 0, out: 0, complete: 0 };
    try {
      for (const role of roles) await server.query(`create role "${role}" login`);
      for (const role of staff) if (role !== 'staff') await server.query(`grant staff to ${role}`);
      for (const { since, hba, ident = '' } of configurations) {
        if (major < since || (hba.includes('clientcert=1') && major >= 14)) continue;
        const file = `local all all trust\n${hba}`;
        server.writeFiles({ 'pg_hba.conf': file, 'pg_ident.conf': ident });
        await server.reload();
        const input = {
          hba: HbaFile.parse(file, { version: major }),
          ident: IdentFile.parse(ident, { version: major }),
        };
        const memberOf = (user: string, role: string) => role === user || (role === 'staff' && staff.includes(user));
        for (const user of certificates) {
          const { chain, privateKey } = await authority.issueClientCertificate({ user });
          const answer = await certificateLogins(chain, input, { roles, memberOf });
          assert.ok(answer.kind === 'logins' && answer.complete);
          const expected = new Set(answer.logins.map((login) => login.user));
          const open = await certificateLogins(chain, input);
          assert.ok(open.kind === 'logins');
          const named = new Set(open.logins.map((login) => login.user));
          if (open.complete)
            for (const role of expected) assert.ok(named.has(role), `${hba}${ident}${user} as ${role}`);
          counts.complete += open.complete ? 1 : 0;
          for (const role of roles) {
            const target = { host: '127.0.0.1', port: server.port, user: role, database: 'postgres' };
            const bundle = clientBundle({ target, ca: authority.certificate, certificate: chain, privateKey });
            const isIn = await server.connect(pgConfig(bundle)).then(
              (client) => client.end().then(() => true),
              () => false,
            );
            assert.equal(expected.has(role), isIn, `${hba}${ident}${user} as ${role}`);
            counts[isIn ? 'in' : 'out'] += 1;
          }
        }
      }
    } finally {
      await server.remove();
    }
    t.diagnostic(JSON.stringify(counts));
    assert.ok(counts.in > 5 && counts.out > 5 && counts.complete > 3);
  });
});
