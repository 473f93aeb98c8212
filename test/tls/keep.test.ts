import assert from 'node:assert/strict';
import { test } from 'node:test';
import { authenticate, placeRule } from '../../src/access/index.ts';
import { HbaFile } from '../../src/hba/index.ts';
import { CertificateAuthority } from '../../src/pki/index.ts';
import {
  fileState,
  type KeptAccess,
  planCaRollover,
  planClientCertificates,
  planMigration,
  planRenewal,
  planRevocation,
  planServerCertificate,
  planUserRemoval,
  type TlsPlan,
} from '../../src/tls/index.ts';
import { opensslFiles, withoutOpenssl } from '../pki/openssl.ts';
import { type StateParts, serverState as stateOf, stockConf } from './state.ts';

const authority = await CertificateAuthority.create({ subject: '/CN=First' });
const address = '10.1.2.3';

/** Returns the state of a server that listens on all addresses. */
const serverState = (parts: StateParts = {}) =>
  stateOf({ ...parts, conf: `${parts.conf ?? stockConf}listen_addresses = '*'\n` });

/** Returns the verdict of a plan for `alice` about a login: `kept`, `lost` or `unknown`. */
async function verdict(hba: string, keep: KeptAccess, ident = ''): Promise<string> {
  const server = { ...serverState({ hba }), ident: fileState('/nowhere/data/pg_ident.conf', ident) };
  const connection = 'postgresql://alice@db.example.com/app';
  return said(planClientCertificates({ server, authority, connection, withoutCertificate: 'reject', keep }));
}

function said(plan: Promise<TlsPlan>): Promise<string> {
  return plan.then(
    ({ diagnostics }) => (diagnostics.some(({ code }) => code === 'tls-way-in-unknown') ? 'unknown' : 'kept'),
    (error) => {
      assert.equal(error.code, 'way-in-lost', error);
      return 'lost';
    },
  );
}

test('with db_user_namespace, a login is kept by the rule for the role with the database in its name', async () => {
  const keep: KeptAccess = { transport: 'plain', address, user: 'alice', database: 'app', method: 'scram-sha-256' };
  for (const [user, expected] of [
    ['alice', 'lost'],
    ['alice@app', 'kept'],
  ] as const) {
    const parts = {
      version: 16,
      conf: 'db_user_namespace = on\n',
      hba: `host all ${user} all scram-sha-256\n`,
    } as const;
    const request = { server: serverState(parts), authority, hosts: ['db.example.com'], keep };
    assert.equal(await said(planServerCertificate(request)), expected);
  }
});

test('a login is kept, lost or unknown depending on the methods that its client can use', async () => {
  const cases: readonly (readonly [hba: string, keep: KeptAccess, expected: string, ident?: string])[] = [
    // The files do not tell whether the client gets in, but the plan does not change the rule that decides, so the
    // login is kept.
    ['local all all peer\n', { transport: 'local', user: 'alice', method: 'peer' }, 'kept'],
    [
      'host all all all ldap ldapserver=x ldapprefix=cn=\n',
      { transport: 'plain', address, user: 'bob', method: 'ldap' },
      'kept',
    ],
    ['host all +staff all md5\n', { transport: 'plain', address, user: 'bob', method: 'md5' }, 'kept'],
    // In these cases, the rule that decides has a method that the client can or cannot use.
    ['local all all md5\n', { transport: 'local', user: 'alice', method: 'peer' }, 'lost'],
    ['local all all peer\n', { transport: 'local', user: 'alice', method: 'md5' }, 'kept'],
    ['host all all all scram-sha-256\n', { transport: 'plain', address, user: 'bob', method: 'ldap' }, 'lost'],
    [
      'host all all all ldap ldapserver=x ldapprefix=cn=\n',
      { transport: 'plain', address, user: 'bob', method: 'md5' },
      'lost',
    ],
    ['host all all all md5\n', { transport: 'plain', address, user: 'bob', method: 'scram-sha-256' }, 'kept'],
    ['host all all all password\n', { transport: 'plain', address, user: 'bob', method: 'md5' }, 'kept'],
    ['host all all all trust\n', { transport: 'plain', address, user: 'bob', method: 'md5' }, 'kept'],
    ['host all all all md5\n', { transport: 'plain', address, user: 'bob', method: 'trust' }, 'lost'],
    ['host all bob all reject\n', { transport: 'plain', address, user: 'bob', method: 'md5' }, 'lost'],
    ['host all carol all md5\n', { transport: 'plain', address, user: 'bob', method: 'md5' }, 'lost'],
    // The rule for members of staff may let alice in before the plan. After the plan, the rule for alice demands a
    // certificate.
    ['host all +staff all md5\n', { transport: 'plain', address, user: 'alice', method: 'md5' }, 'lost'],
    // In these cases, the request gives the operating-system user of the client.
    ['local all all peer\n', { transport: 'local', user: 'alice', method: 'peer', systemUser: 'root' }, 'lost'],
    // krb_caseins_users is off.
    [
      'host all all all gss include_realm=0\n',
      { transport: 'plain', address, user: 'bob', method: 'gss', systemUser: 'BOB@EXAMPLE.COM' },
      'lost',
    ],
    [
      'local all all peer map=m\n',
      { transport: 'local', user: 'alice', method: 'peer', systemUser: 'root' },
      'kept',
      'm root alice\n',
    ],
    [
      'local all all peer map=m\n',
      { transport: 'local', user: 'alice', method: 'peer', systemUser: 'root' },
      'lost',
      'm root bob\n',
    ],
  ];
  for (const [hba, keep, expected, ident] of cases) {
    assert.equal(await verdict(hba, keep, ident), expected, `${hba}${JSON.stringify(keep)}`);
  }
});

test('a plan after which another rule decides about a login reports the login as unknown', async () => {
  const hba = 'local all alice md5\nlocal all all scram-sha-256\n';
  const keep: KeptAccess = { transport: 'local', user: 'alice', method: 'md5' };
  const plan = await planUserRemoval({ server: serverState({ hba }), user: 'alice', keep });
  const [diagnostic] = plan.diagnostics.filter(({ code }) => code === 'tls-way-in-unknown');
  assert.equal(
    diagnostic?.message,
    'The plan changes a rule or a file that decides about the connection of "alice" to database "alice" by method md5 over the Unix socket. It is not known whether the server still accepts that connection: its method is md5, and the rule that decides asks for scram-sha-256',
  );
  const peer = { transport: 'local', user: 'alice', method: 'peer' } as const;
  const peers = 'local all alice peer\nlocal all all peer map=m\n';
  assert.equal(
    await said(planUserRemoval({ server: serverState({ hba: peers }), user: 'alice', keep: peer })),
    'unknown',
  );
});

test('each kind of plan is refused if it does not keep a login', async () => {
  const { chain: certificate, privateKey } = await authority.issueServerCertificate({ hosts: ['db.example.com'] });
  const server = serverState({
    ...{ conf: "ssl = on\nssl_ca_file = 'root.crt'\n", hba: 'host all bob all reject\nhost all all all md5\n' },
    ...{ certificate, privateKey: privateKey.toPem(), ca: authority.certificate },
  });
  const keep = { transport: 'plain', address, user: 'bob', method: 'md5' } as const;
  const connection = 'postgresql://alice@db.example.com/app';
  const next = await CertificateAuthority.create({ subject: '/CN=Second' });
  const plans = [
    planClientCertificates({ server, authority, connection, keep }),
    planServerCertificate({ server, authority, hosts: ['db.example.com'], keep }),
    ...(['offer', 'require', 'back'] as const).map((step) =>
      planMigration({ server, authority, connection, keep, step }),
    ),
    planRenewal({ server, authority, keep }),
    planRevocation({ server, authority, keep }),
    planUserRemoval({ server, user: 'carol', keep }),
    planCaRollover({ server, current: authority, next, keep }),
    planCaRollover({ server, current: next, next: authority, retireCurrent: true, keep }),
  ];
  assert.deepEqual(await Promise.all(plans.map(said)), Array(plans.length).fill('lost'));
});

test('the error says who is refused, and why', async () => {
  const server = serverState({ hba: 'host all all all md5\n' });
  const keep = { transport: 'plain', address, user: 'alice', method: 'md5' } as const;
  const connection = 'postgresql://alice@db.example.com/app';
  await assert.rejects(
    planClientCertificates({ server, authority, connection, withoutCertificate: 'reject', keep: [keep] }),
    {
      code: 'way-in-lost',
      file: '/nowhere/data/pg_hba.conf',
      message:
        /After this plan the connection of "alice" to database "alice" by method md5 without encryption from 10\.1\.2\.3 is refused: pg_hba\.conf rejects connection/,
    },
  );
});

test('a login over TLS is lost if the server offers no TLS after the plan', async () => {
  const hba = 'hostssl all bob all md5\nhost all alice,bob all md5\n';
  const server = serverState({ hba, conf: 'ssl = off\n' });
  const keep = { transport: 'ssl', address, user: 'bob', database: 'app', method: 'md5' } as const;
  await assert.rejects(planUserRemoval({ server, user: 'alice', keep }), {
    code: 'way-in-lost',
    message: /is refused: the server offers no TLS/,
  });
  const plain = { ...keep, transport: 'plain' } as const;
  assert.equal(await said(planUserRemoval({ server, user: 'alice', keep: plain })), 'kept');
});

test('the hint names a way that works: a rule above the others, or a rule after the plan', async () => {
  const keep = { transport: 'ssl', address: '10.1.2.3', user: 'alice', database: 'app', method: 'md5' } as const;
  const plan = (hba: string, user = 'alice', kept: KeptAccess | readonly KeptAccess[] = keep) =>
    planClientCertificates({
      server: serverState({ hba }),
      authority,
      connection: `postgresql://${user}@db.example.com/app`,
      ...(kept && { keep: kept }),
    });
  const rule = { type: 'hostssl', databases: ['app'], users: ['alice'], address: '10.1.2.3', method: 'md5' } as const;
  const hintOf = (planned: Promise<TlsPlan>) =>
    planned.then(
      () => undefined,
      (error) => error.hint,
    );
  // A rule above the others does not help, because the rule of the plan goes above it.
  const above = 'hostssl app alice 10.1.2.3/32 md5\nhost all all all md5\n';
  assert.match(await hintOf(plan(above)), /a plan puts its rules above every rule .* with `placeRule`/);
  const planned = await plan(above, 'alice', []);
  const written = new TextDecoder().decode(planned.writes.find(({ path }) => path.endsWith('hba.conf'))!.content());
  const { file, outcome } = placeRule(HbaFile.parse(written, { version: 18 }), rule);
  assert.equal(outcome, 'added');
  const login = authenticate(file, { transport: 'ssl', address: '10.1.2.3', user: 'alice', database: 'app' });
  assert.equal(login.kind, 'password');
  // The plan is for another user. A rule that was there before refuses the kept connection.
  const rejecting = 'host all alice all reject\nhost all all all md5\n';
  assert.match(await hintOf(plan(rejecting, 'bob')), /Put a rule for this connection above the others/);
  const mended = placeRule(HbaFile.parse(rejecting, { version: 18 }), rule, { place: 'start' }).file.toString();
  assert.equal(await hintOf(plan(mended, 'bob')), undefined);
});

test('an invalid keep is rejected', async () => {
  const server = serverState();
  const wrong: readonly (readonly [keep: unknown, message: RegExp])[] = [
    [{ transport: 'local', user: 'a', method: 'oauth2' }, /keep\.method .* must be an authentication method/],
    [{ transport: 'local', user: 'a' }, /keep\.method/],
    [{ transport: 'ssl', address, user: 'a', method: 'cert' }, /keep\.certificate .* must be given for method cert/],
    [{ transport: 'plain', address, user: 'a', method: 'md5', certificate: 'x' }, /is for the transport ssl/],
    [{ transport: 'tcp', address, user: 'a', method: 'md5' }, /transport of the connection must be one of/i],
    [{ transport: 'local', user: 'a', method: 'peer', sslmode: 'require' }, /no property "sslmode"/],
  ];
  for (const [keep, message] of wrong) {
    await assert.rejects(planRevocation({ server, authority, keep: keep as KeptAccess }), {
      code: 'argument-invalid',
      message,
    });
  }
  const revocation = { authority, keep: { transport: 'local', user: 'a', method: 'peer' } } as object;
  await assert.rejects(
    planUserRemoval({ server, user: 'bob', revocation: revocation as { authority: typeof authority } }),
    {
      code: 'argument-invalid',
      message: /revocation\.keep/,
    },
  );
});

test('trust in a certificate is unknown if the plan did not read the roots or CRLs', async () => {
  const { chain } = await authority.issueClientCertificate({ user: 'alice' });
  const keep: KeptAccess = { transport: 'ssl', address, user: 'alice', method: 'cert', certificate: chain };
  const hba = 'hostssl all all all cert\n';
  const withConf = (conf: string) => serverState({ hba, conf: `ssl = on\n${conf}`, ca: authority.certificate });
  const revocation = (conf: string) => planRevocation({ server: withConf(conf), authority, keep });
  assert.equal(await said(revocation("ssl_ca_file = 'root.crt'\n")), 'kept');
  // The settings name a root file that was not read, so it is not known whether the server trusts the certificate.
  assert.equal(await said(revocation("ssl_ca_file = 'other.crt'\n")), 'unknown');
  const connection = 'postgresql://bob@db.example.com/app';
  const setUp = (conf: string) => planClientCertificates({ server: withConf(conf), authority, connection, keep });
  assert.equal(await said(setUp("ssl_ca_file = 'other.crt'\n")), 'kept');
  assert.equal(await said(setUp("ssl_ca_file = 'other.crt'\nssl_crl_dir = 'crls'\n")), 'unknown');
  assert.equal(await said(setUp("ssl_ca_file = 'root.crt'\nssl_crl_dir = 'crls'\n")), 'kept');
});

test('while ssl_sni is on, trust in a certificate is unknown, and a plan that does not change it is made', async () => {
  const [own, foreign] = [authority, await CertificateAuthority.create({ subject: '/CN=Other' })];
  const conf = "ssl = on\nssl_sni = on\nssl_ca_file = 'root.crt'\n";
  const hba = 'hostssl all all all cert\n';
  for (const [issuer, value, planning, expected] of [
    // This plan changes neither the roots nor the rule that decides.
    [own, 'on', own, 'kept'],
    [foreign, 'on', own, 'kept'],
    // This plan changes a file of roots, which a record may name, too.
    [own, 'on', foreign, 'unknown'],
    [own, 'off', foreign, 'kept'],
    [foreign, 'off', own, 'lost'],
  ] as const) {
    const { certificate } = await issuer.issueClientCertificate({ user: 'admin' });
    const keep: KeptAccess = { transport: 'ssl', address, user: 'admin', database: 'app', method: 'cert', certificate };
    const parts = { version: 19, conf: conf.replace('sni = on', `sni = ${value}`), hba } as const;
    const request = { server: serverState({ ...parts, ca: authority.certificate }), authority: planning, keep };
    const connection = 'postgresql://alice@db.example.com/app';
    assert.equal(await said(planClientCertificates({ ...request, connection })), expected, value);
  }
  const { certificate } = await own.issueClientCertificate({ user: 'admin' });
  const keep: KeptAccess = { transport: 'ssl', address, user: 'admin', database: 'app', method: 'cert', certificate };
  const unread = { version: 19, conf: "ssl = on\nssl_ca_file = 'root.crt'\ninclude 'x.conf'\n", hba } as const;
  const server = serverState({ ...unread, ca: authority.certificate });
  const connection = 'postgresql://alice@db.example.com/app';
  const { diagnostics } = await planClientCertificates({ server, authority: foreign, connection, keep });
  const [found] = diagnostics.filter(({ code }) => code === 'tls-way-in-unknown').map(({ message }) => message);
  assert.match(found ?? '', /a file that was not read may set ssl_sni/);
});

test('the hint for a certificate that the server does not trust is about the CRL or the root', async () => {
  const { chain } = await authority.issueClientCertificate({ user: 'alice' });
  const stranger = await CertificateAuthority.create({ subject: '/CN=Stranger' });
  const { crl } = await stranger.issueCrl({ revoked: [] });
  const keep: KeptAccess = { transport: 'ssl', address, user: 'alice', method: 'cert', certificate: chain };
  const hints: readonly (readonly [ca: string, settings: string, hint: RegExp])[] = [
    [
      stranger.certificate,
      '',
      /planned\. Give a certificate as `certificate` that the server trusts, or .*ssl_ca_file/,
    ],
    [authority.certificate, "ssl_crl_file = 'root.crl'\n", /planned\. Install the next CRL of that CA with `planRevo/],
  ];
  for (const [ca, settings, message] of hints) {
    const conf = `ssl = on\nssl_ca_file = 'root.crt'\n${settings}`;
    const server = {
      ...serverState({ hba: 'hostssl all all all cert\n', conf, ca }),
      crl: fileState('/nowhere/data/root.crl', crl),
    };
    await assert.rejects(planUserRemoval({ server, user: 'zed', keep }), { code: 'way-in-lost', message });
  }
});

test('whether a server accepts a weak key is reported as unknown', { skip: withoutOpenssl }, async () => {
  const files = {
    ca: authority.certificate,
    key: authority.privateKey.toPem(),
    ext: 'extendedKeyUsage = clientAuth\n',
  };
  const { c: certificate = '' } = opensslFiles(
    [
      'req -newkey rsa:1024 -nodes -subj /CN=alice -keyout k -out csr'.split(' '),
      'x509 -req -in csr -CA ca -CAkey key -set_serial 9 -days 1 -extfile ext -out c'.split(' '),
    ],
    ['c'],
    files,
  );
  const server = serverState({
    hba: 'hostssl all all all cert\n',
    conf: "ssl = on\nssl_ca_file = 'root.crt'\n",
    ca: authority.certificate,
  });
  const keep: KeptAccess = { transport: 'ssl', address, user: 'alice', method: 'cert', certificate };
  assert.equal(await said(planRevocation({ server, authority, keep })), 'unknown');
});

test('a login is lost where the server does not listen, and unknown where the settings do not tell', async () => {
  const hba = 'local all all trust\nhost all all all trust\n';
  const tcp = { transport: 'plain', address, user: 'bob', method: 'trust' } as const;
  const here = { ...tcp, address: '127.0.0.1' };
  const socket = { transport: 'local', user: 'bob', method: 'trust' } as const;
  const cases: readonly (readonly [conf: string, keep: KeptAccess, expected: string])[] = [
    ["listen_addresses = '*'\n", tcp, 'kept'],
    ["listen_addresses = '0.0.0.0'\n", tcp, 'kept'],
    ["listen_addresses = '10.0.0.5'\n", tcp, 'kept'],
    ["listen_addresses = 'localhost'\n", tcp, 'lost'],
    ["listen_addresses = '127.0.0.1, ::1'\n", tcp, 'lost'],
    ['', tcp, 'lost'],
    ["listen_addresses = ''\n", here, 'lost'],
    ["listen_addresses = '::'\n", tcp, 'lost'],
    ["listen_addresses = '::1'\n", here, 'lost'],
    ["listen_addresses = '*'\n", { ...tcp, address: '2001:db8::1' }, 'kept'],
    ['', here, 'kept'],
    ["listen_addresses = '10.0.0.5'\n", here, 'unknown'],
    ["listen_addresses = '10.0.0.5'\n", { ...tcp, host: '10.0.0.5' }, 'kept'],
    ["listen_addresses = '10.0.0.5'\n", { ...tcp, host: '10.0.0.6' }, 'lost'],
    ["listen_addresses = '10.0.0.5'\n", { ...tcp, host: 'db.example.com' }, 'unknown'],
    ["listen_addresses = 'db.example.com'\n", { ...tcp, host: 'DB.example.com' }, 'kept'],
    ["listen_addresses = 'db.example.com'\n", { ...tcp, host: '10.0.0.5' }, 'unknown'],
    ["listen_addresses = '*'\nport = 6432\n", { ...tcp, port: 5432 }, 'lost'],
    ["listen_addresses = '*'\nport = 6432\n", { ...tcp, port: 6432 }, 'kept'],
    ["listen_addresses = '*'\n", { ...tcp, port: 5432 }, 'kept'],
    ["unix_socket_directories = ''\n", socket, 'lost'],
    ['', socket, 'kept'],
    ['', { ...socket, host: '/run/postgresql' }, 'unknown'],
    ["unix_socket_directories = '/run/postgresql, /tmp'\n", { ...socket, host: '/run/postgresql/' }, 'kept'],
    ["unix_socket_directories = '/tmp'\n", { ...socket, host: '/run/postgresql' }, 'lost'],
    ["unix_socket_directories = '/tmp'\nport = 6432\n", { ...socket, host: '/tmp', port: 5432 }, 'lost'],
    ["include 'more.conf'\n", tcp, 'unknown'],
  ];
  for (const [conf, keep, expected] of cases) {
    const removal = planUserRemoval({ server: stateOf({ hba, conf }), user: 'carol', keep });
    assert.equal(await said(removal), expected, `${conf}${JSON.stringify(keep)}`);
  }
  for (const wrong of [{ host: '' }, { host: 5 }, { port: 0 }, { port: '5432' }]) {
    const keep = { ...tcp, ...wrong } as KeptAccess;
    await assert.rejects(planUserRemoval({ server: stateOf({ hba }), user: 'bob', keep }), {
      code: 'argument-invalid',
    });
  }
  await assert.rejects(planUserRemoval({ server: stateOf({ hba }), user: 'carol', keep: tcp }), {
    code: 'way-in-lost',
    file: '/nowhere/data/postgresql.conf',
    message:
      /the server does not listen for the connection of "bob" .*: listen_addresses is localhost, and the client is on/,
  });
});
