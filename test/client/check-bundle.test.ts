import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { derInteger, derSequence } from '../../src/asn1/der.ts';
import { decodePem, encodePem } from '../../src/asn1/pem.ts';
import { readChildren, readDer } from '../../src/asn1/reader.ts';
import {
  type CheckBundleOptions,
  type ClientBundle,
  type ClientBundleParts,
  certificateLogins,
  checkBundle,
  clientBundle,
} from '../../src/client/index.ts';
import { ConfFile, ConfTree } from '../../src/conf/index.ts';
import { HbaFile } from '../../src/hba/index.ts';
import { IdentFile } from '../../src/ident/index.ts';
import { CertificateAuthority, PrivateKey } from '../../src/pki/index.ts';

const root = await CertificateAuthority.create({ subject: 'CN=Root' });
const stranger = await CertificateAuthority.create({ subject: 'CN=Stranger' });
const middle = await root.issueIntermediateAuthority({ subject: 'CN=Middle' });
const server = await middle.issueServerCertificate({ hosts: ['db.example.com'] });
const alice = await middle.issueClientCertificate({ user: 'alice' });
const past = { notBefore: new Date('2020-01-01'), notAfter: new Date('2020-02-01') };
const old = await CertificateAuthority.create({
  subject: 'CN=Old',
  validity: { notBefore: new Date('2019-01-01'), days: 3650 },
  provider: { now: () => new Date('2019-06-01') },
});
const oldAlice = await old.issueClientCertificate({ user: 'alice', validity: past });
const target = { host: 'db.example.com', user: 'alice', database: 'app' };

const good: Required<Pick<CheckBundleOptions, 'serverCertificate' | 'serverCa' | 'keyFile'>> = {
  serverCertificate: server.chain,
  serverCa: root.certificate,
  keyFile: { mode: 0o100600, uid: 1000 },
};

function bundleOf(parts: Partial<ClientBundleParts> = {}): ClientBundle {
  const { chain, privateKey } = alice;
  return clientBundle({ target, ca: root.certificate, certificate: chain, privateKey, ...parts });
}

async function codes(bundle: ClientBundle, options: CheckBundleOptions = {}): Promise<readonly string[]> {
  const verdict = await checkBundle(bundle, { ...good, ...options });
  assert.equal(
    verdict.ok,
    verdict.problems.every(({ severity }) => severity === 'warning'),
  );
  for (const { message, hint } of verdict.problems) assert.ok(message !== '' && hint.endsWith('.'), message);
  return verdict.problems.map(({ code, of, severity }) => `${severity} ${of} ${code}`);
}

test('a good bundle has no problem, also with an encrypted key and without a certificate', async () => {
  assert.deepEqual(await codes(bundleOf()), []);
  const privateKey = await alice.privateKey.toEncryptedPem('open sesame');
  assert.deepEqual(await codes(bundleOf({ privateKey, passphrase: 'open sesame' })), []);
  const serverOnly = await checkBundle(clientBundle({ target, ca: root.certificate }), good);
  assert.deepEqual(serverOnly.problems, []);
  assert.deepEqual(serverOnly.hosts, { 'libpq-14': true, 'libpq-15': true, node: true, go: true, java: true });
});

test('each fault is named, and no other', async () => {
  const other = await middle.issueClientCertificate({ user: 'bob' });
  const wrong = await stranger.issueClientCertificate({ user: 'alice' });
  const asServer = await middle.issueServerCertificate({ hosts: ['alice'] });
  const { certificate, privateKey } = alice;
  const encrypted = await privateKey.toEncryptedPem('open sesame');
  const client = 'error client-certificate';
  const faults: readonly (readonly [string, Partial<ClientBundleParts>, CheckBundleOptions?])[] = [
    ['error private-key key-mismatch', { privateKey: other.privateKey }],
    ['error private-key passphrase-wrong', { privateKey: encrypted, passphrase: 'wrong' }],
    [`${client} user-not-named`, { certificate: other.chain, privateKey: other.privateKey }],
    [`${client} issuer-missing`, { certificate }],
    [`${client} issuer-missing`, { certificate: wrong.chain, privateKey: wrong.privateKey }],
    [
      'warning client-certificate issuer-missing',
      { certificate: wrong.chain, privateKey: wrong.privateKey },
      { serverCa: undefined as never },
    ],
    [`${client} wrong-purpose`, { certificate: asServer.chain, privateKey: asServer.privateKey }],
    [
      `${client} expired`,
      { certificate: oldAlice.chain, privateKey: oldAlice.privateKey },
      { serverCa: old.certificate },
    ],
    ['error key-file key-file-mode', {}, { keyFile: { mode: 0o100644, uid: 1000 } }],
    ['error server-certificate host-not-covered', { target: { ...target, host: 'localhost' } }],
    ['error server-certificate issuer-missing', { ca: stranger.certificate }],
    ['error server-certificate wrong-purpose', {}, { serverCertificate: alice.chain }],
  ];
  for (const [expected, parts, options] of faults) {
    const found = await codes(bundleOf(parts), options);
    const others =
      expected.endsWith('wrong-purpose') && expected.includes('server')
        ? ['error server-certificate host-not-covered']
        : [];
    assert.deepEqual(found, [expected, ...others], expected);
  }
});

test('the mode of the key file does not matter to a client without a certificate', async () => {
  const { ca } = bundleOf();
  const { problems } = await checkBundle(clientBundle({ target, ca }), { keyFile: { mode: 0o100644, uid: 1000 } });
  assert.deepEqual(problems, []);
});

test('the hint for a key that is not a regular file says to replace the file', async () => {
  for (const [mode, hint] of [
    [0o040700, /^Replace it by a regular file/],
    [0o010600, /^Replace it by a regular file/],
    [0o100640, /^Give the file mode 0600 \(chmod 600\)/],
    [0o640, /^Give the file mode 0600 \(chmod 600\)/],
  ] as const) {
    const { problems } = await checkBundle(bundleOf(), { ...good, keyFile: { mode, uid: 1000 } });
    assert.match(problems[0]!.hint, hint);
  }
});

test('a revoked certificate is a problem if the CRLs of the server are given', async () => {
  const crl = await root.issueCrl({ revoked: [] });
  const ofMiddle = await middle.issueCrl({ revoked: [{ serialNumber: alice.serialNumber }] });
  assert.deepEqual(await codes(bundleOf(), { crls: crl.crl + ofMiddle.crl }), ['error client-certificate revoked']);
});

test('a host that some clients accept is a warning that names the others', async () => {
  const { chain } = await root.issueServerCertificate({ hosts: ['*.com'] });
  const verdict = await checkBundle(bundleOf({ target: { ...target, host: 'example.com' } }), {
    ...good,
    serverCertificate: chain,
  });
  assert.deepEqual(verdict.hosts, { 'libpq-14': true, 'libpq-15': true, node: false, go: true, java: true });
  assert.ok(verdict.ok);
  assert.match(verdict.problems[0]!.message, /according to node$/);
});

test('with the files of a server, its rules and maps decide if the certificate names the user', async () => {
  const hba = HbaFile.parse(
    'hostssl app all 10.0.0.0/8 cert map=m\nhostssl all bob all cert\nhost all all all reject\n',
  );
  const ident = IdentFile.parse('m alice reports\n');
  const as = (user: string, database = 'app') => bundleOf({ target: { ...target, user, database } });
  assert.deepEqual(await codes(as('reports'), { configuration: { hba, ident } }), []);
  assert.deepEqual(await codes(as('alice'), { configuration: { hba, ident } }), [
    'error client-certificate map-without-match',
  ]);
  const rejected = ['error configuration rejected-by-rule'];
  assert.deepEqual(await codes(as('reports', 'other'), { configuration: { hba, ident } }), rejected);
  const elsewhere = { configuration: { hba, ident }, clientAddress: '192.168.0.1' };
  assert.deepEqual(await codes(as('reports'), elsewhere), rejected);
  const { problems } = await checkBundle(as('alice'), { configuration: { hba, ident }, clientAddress: '10.0.0.1' });
  assert.match(problems[0]!.message, /no match in usermap "m" for user "alice" authenticated as "alice"/);
});

test('a name with the form of a group, a keyword or a regular expression is one role', async () => {
  const all = { keyword: 'all' } as const;
  const [everything, nothing] = [{ type: 'hostssl', databases: [all], address: all } as const, HbaFile.parse('')];
  for (const user of ['+staff', '+', 'all', '/staff', '/']) {
    const { certificate, chain, privateKey } = await middle.issueClientCertificate({ user });
    const bundle = bundleOf({ target: { ...target, user }, certificate: chain, privateKey });
    const named = nothing.insert({ ...everything, users: [user], method: 'cert' }, 'end');
    const password = nothing.insert({ ...everything, users: [all], method: 'scram-sha-256' }, 'end');
    const rejected = password.insert({ ...everything, users: [user], method: 'reject' }, 'start');
    const memberOf = (role: string, group: string): boolean => role === 'alice' && group === 'staff';
    for (const facts of [{}, { roles: [user, 'staff', 'alice'], memberOf }]) {
      assert.deepEqual(await codes(bundle, { configuration: { hba: named }, facts }), [], user);
      const refused = await codes(bundle, { configuration: { hba: rejected }, facts });
      assert.deepEqual(refused, ['error configuration rejected-by-rule'], user);
      const answer = await certificateLogins(certificate, { hba: named }, facts);
      assert.ok(answer.kind === 'logins' && answer.complete);
      assert.deepEqual(
        answer.logins.map((login) => login.user),
        [user],
      );
      const none = await certificateLogins(certificate, { hba: rejected }, facts);
      assert.ok(none.kind === 'logins' && none.logins.length === 0);
    }
  }
});

test('the rules of a server also decide about a client without a certificate', async () => {
  const bundle = clientBundle({ target, ca: root.certificate });
  const problems = async (hba: string, more: CheckBundleOptions = {}): Promise<readonly string[]> => {
    const configuration = { hba: HbaFile.parse(hba) };
    const verdict = await checkBundle(bundle, { ...good, configuration, ...more });
    for (const { message } of verdict.problems) assert.doesNotMatch(message, /[Tt]he certificate/);
    return verdict.problems.map(({ code, of, severity }) => `${severity} ${of} ${code}`);
  };
  assert.deepEqual(await problems('hostssl all all all scram-sha-256\n'), []);
  assert.deepEqual(await problems('host all all all reject\n'), ['error configuration rejected-by-rule']);
  assert.deepEqual(await problems('local all all peer\n'), ['error configuration no-rule-with-tls']);
  const missing = ['error client-certificate certificate-missing'];
  assert.deepEqual(await problems('hostssl all all all cert\n'), missing);
  assert.deepEqual(await problems('hostssl all all all scram-sha-256 clientcert=verify-ca\n'), missing);
  assert.deepEqual(await problems('hostssl all +staff all scram-sha-256\n'), [
    'warning configuration no-rule-with-tls',
  ]);
  const mixed = 'hostssl app all 10.0.0.0/8 cert\nhostssl app all all scram-sha-256\n';
  assert.deepEqual(await problems(mixed), []);
  assert.deepEqual(await problems(mixed, { clientAddress: '10.0.0.1' }), missing);
});

test('the rules and the name in the certificate are different problems, and unknown facts are a warning', async () => {
  const { chain: certificate, privateKey } = await middle.issueClientCertificate({ user: 'bob' });
  const unknown = 'warning client-certificate user-not-named: is not known: ';
  const withoutSocket = ConfTree.read({ main: ConfFile.parse("ssl = on\nlisten_addresses = ''\n") });
  const rows: readonly (readonly [hba: string, problem: string])[] = [
    ['hostssl other all all cert\n', 'error configuration no-rule-with-tls: no pg_hba.conf entry'],
    ['local all all peer\nhostnossl all all all trust\n', 'error configuration no-rule-with-tls: no pg_hba.conf entry'],
    ['hostssl all all all reject\n', 'error configuration rejected-by-rule: pg_hba.conf rejects connection'],
    ['hostssl all all 10.0.0.0/8 cert\n', 'error client-certificate user-not-named: authenticated user name (bob)'],
    [
      'hostssl all all all md5 clientcert=verify-full\n',
      'error client-certificate certificate-name-and-password: authenticated user name (bob)',
    ],
    [
      'hostssl all all all trust clientcert=verify-full\n',
      'error client-certificate user-not-named: authenticated user name (bob)',
    ],
    [
      'hostssl all all 10.0.0.0/8 reject\nhostssl all all all trust # no role\n',
      'error configuration role-missing: role "alice" does not exist',
    ],
    ['hostssl all all all trust # no role\n', 'error configuration role-missing: role "alice" does not exist'],
    ['host all all all trust # off\n', 'error configuration server-without-tls: ssl is off'],
    ['hostssl all all all cert # no socket\n', 'error configuration server-without-tls: listen_addresses is empty'],
    ['hostssl all all all cert # no CA\n', 'error configuration ca-file-unset: root certificate store'],
    ['hostssl all +staff all cert\n', `${unknown}the matching rule depends on facts`],
    ['include other.conf\n', `${unknown}the matching rule depends on facts`],
    ['hostssl all all all gss\n', `${unknown}method gss asks another service`],
    ['hostssl all all all crt\n', `${unknown}the server refuses its authentication files`],
  ];
  for (const [text, expected] of rows) {
    const configuration = {
      hba: HbaFile.parse(text, { server: { ssl: !text.includes('# off'), sslCa: !text.includes('# no CA') } }),
      ...(text.includes('# no socket') ? { conf: withoutSocket } : {}),
    };
    const { problems } = await checkBundle(bundleOf({ certificate, privateKey }), {
      ...good,
      configuration,
      facts: text.includes('# no role') ? { roles: ['bob'] } : {},
    });
    assert.equal(problems.length, 1, text);
    const [{ severity, of, code, message } = assert.fail()] = problems;
    const [start, words] = expected.split(/: (.*)/s);
    assert.equal(`${severity} ${of} ${code}`, start, text);
    assert.ok(message.includes(words!), message);
    const configurationOpenings: Readonly<Record<string, string>> = {
      'server-without-tls': 'The server offers no TLS over TCP, ',
      'role-missing': 'There is no role "alice". The server says, for example: ',
    };
    const opening = {
      'client-certificate':
        severity === 'error' ? 'The certificate does not let "alice" in: ' : 'Whether the certificate ',
      configuration: configurationOpenings[code] ?? 'No rule lets "alice" in over TLS. The server says, for example: ',
    }[of as 'configuration'];
    assert.ok(message.startsWith(opening), message);
  }
  // A group decides with the fact, in both directions.
  const configuration = { hba: HbaFile.parse('hostssl all +staff all cert\n') };
  for (const isMember of [true, false]) {
    const found = await codes(bundleOf(), { configuration, facts: { memberOf: () => isMember } });
    assert.deepEqual(found, isMember ? [] : ['error configuration no-rule-with-tls']);
  }
});

test('no verdict shows a key or a passphrase', async () => {
  const privateKey = await (await PrivateKey.generate()).toEncryptedPem('open sesame');
  for (const passphrase of ['open sesame', 'xyzzy']) {
    const verdict = await checkBundle(bundleOf({ privateKey, passphrase }), good);
    assert.ok(!verdict.ok);
    assert.doesNotMatch(inspect(verdict, { depth: 9 }), /PRIVATE|sesame|xyzzy/);
  }
});

test('the clock of `at`, or of the provider, decides whether the certificates are valid', async () => {
  const later = new Date(Date.now() + 20 * 365 * 86_400_000);
  for (const options of [{ at: later }, { provider: { now: () => later } }]) {
    const found = await codes(bundleOf(), options);
    assert.ok(found.includes('error client-certificate expired') && found.includes('error server-certificate expired'));
  }
});

test('the hint is the solution of this problem', async () => {
  const hints = async (parts: Partial<ClientBundleParts>, options: CheckBundleOptions) => {
    const { problems } = await checkBundle(bundleOf(parts), { ...good, ...options });
    return problems.map(({ code, message, hint }) => `${code} | ${message.slice(0, 39)} | ${hint}`);
  };
  const client = 'In the chain of the client certificate';
  const server = 'In the chain of the server certificate';
  const crl = 'Issue a CRL for each CA of the chain, the root included.';
  assert.deepEqual(await hints({}, { crls: 'x' }), [
    `crl-missing | ${client}: | ${crl}`,
    `crl-missing | ${client}  | ${crl}`,
    `crl-missing | ${client}  | ${crl}`,
  ]);
  assert.deepEqual(await hints({ ca: stranger.certificate }, { serverCa: root.certificate }), [
    `issuer-missing | ${server}  | Send the intermediate CA certificates after the leaf, and trust the root.`,
  ]);
});

test('a key that OpenSSL reads and this library does not is a warning, and a damaged key is an error', async () => {
  const keys = [
    generateKeyPairSync('ed448').privateKey,
    generateKeyPairSync('rsa-pss', { modulusLength: 2048 }).privateKey,
    generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).privateKey,
  ].map((key) => String(key.export({ type: 'pkcs8', format: 'pem' })));
  for (const privateKey of keys) {
    const { ok, problems } = await checkBundle(bundleOf({ privateKey }));
    assert.ok(ok);
    assert.deepEqual(
      problems.map(({ of, code, hint }) => [of, code, /passphrase/.test(hint)]),
      [['private-key', 'key-unreadable', false]],
    );
  }
  const slow = withManyIterations(await alice.privateKey.toEncryptedPem('open sesame'));
  assert.deepEqual(await codes(bundleOf({ privateKey: slow, passphrase: 'open sesame' })), [
    'warning private-key key-unreadable',
  ]);
  const damaged = bundleOf({ privateKey: encodePem('PRIVATE KEY', Uint8Array.of(0x30, 0)) });
  assert.deepEqual(await codes(damaged), ['error private-key key-unreadable']);
});

/** Returns an encrypted key whose encryption says that it has 2147483647 iterations. */
function withManyIterations(pem: string): string {
  const [{ der } = assert.fail()] = decodePem(pem);
  const [algorithm, encrypted] = readChildren(readDer(der));
  const [pbes2, parameters] = readChildren(algorithm!);
  const [derivation, cipher] = readChildren(parameters!);
  const [pbkdf2, numbers] = readChildren(derivation!);
  const [salt, , ...rest] = readChildren(numbers!).map(({ bytes }) => bytes);
  const slow = derSequence(salt!, derInteger(Uint8Array.of(0x7f, 0xff, 0xff, 0xff)), ...rest);
  const slowly = derSequence(derSequence(pbkdf2!.bytes, slow), cipher!.bytes);
  return encodePem('ENCRYPTED PRIVATE KEY', derSequence(derSequence(pbes2!.bytes, slowly), encrypted!.bytes));
}

test('the address of the client is one IP address', async () => {
  const configuration = { hba: HbaFile.parse('hostssl all all 10.0.0.0/8 cert\n') };
  for (const clientAddress of ['10.0.0.7', '::ffff:10.0.0.7']) {
    assert.deepEqual(await codes(bundleOf(), { configuration, clientAddress }), []);
  }
  for (const clientAddress of ['10.0.0.0/8', 'db', '', 5 as never, null as never]) {
    const refused = checkBundle(bundleOf(), { configuration, clientAddress });
    await assert.rejects(refused, { code: 'argument-invalid', message: /^clientAddress must be an IP address/ });
  }
});

test('rejects unknown options, and options of a wrong kind', async () => {
  assert.deepEqual(await checkBundle(bundleOf()), { ok: true, problems: [] });
  await assert.rejects(checkBundle(bundleOf(), { configuration: {} as never }), { code: 'argument-invalid' });
  await assert.rejects(checkBundle(bundleOf(), { server: '' } as never), {
    code: 'argument-invalid',
    message: /"server"/,
  });
  await assert.rejects(checkBundle(bundleOf(), { serverCertificate: '' }), { code: 'certificate-invalid' });
});
