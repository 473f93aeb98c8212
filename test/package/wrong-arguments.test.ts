import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as access from '../../src/access/index.ts';
import { kindOf } from '../../src/arguments.ts';
import * as client from '../../src/client/index.ts';
import * as conf from '../../src/conf/index.ts';
import * as configuration from '../../src/configuration/index.ts';
import * as doctor from '../../src/doctor/index.ts';
import { PgHostsslError } from '../../src/errors.ts';
import * as hbaFiles from '../../src/hba/index.ts';
import * as root from '../../src/index.ts';
import * as pki from '../../src/pki/index.ts';
import * as tls from '../../src/tls/index.ts';

// biome-ignore lint/suspicious/noExplicitAny: The calls are those of a caller without type checks.
type Call = (value: any) => unknown;

const hba = root.HbaFile.parse('local all all trust\n');
const ident = root.IdentFile.parse('m a b\n');
const settings = conf.ConfFile.parse('ssl = on\n');
const made = await client.testBundle({ hosts: ['localhost'], users: ['alice'] });
const bundle = made.client({ user: 'alice' });
const services = client.ServiceFile.parse('port=1\n[app]\nhost=db\n');
const certificate = bundle.certificate;
const promise = Promise.resolve('');

/** Values that are wrong for every argument below. */
const neverRight: readonly unknown[] = [undefined, null, promise, 5, true, {}, new Map(), () => ''];

/** For each function, a call in which one argument is the given value. The other arguments are valid. */
const required: Readonly<Record<string, Call>> = {
  parsePgVersion: (value) => root.parsePgVersion(value === 5 ? undefined : value),
  'renderDiagnostic, diagnostic': (value) => root.renderDiagnostic(value, ''),
  'HbaFile.insert': (value) => hba.insert(value, 'end'),
  'HbaFile.ensure': (value) => hba.ensure(value, 'end'),
  'IdentFile.insert': (value) => ident.insert(value, 'end'),
  'ConfFile.get': (value) => settings.get(value),
  'ConfFile.unset': (value) => settings.unset(value),
  settingDefinition: (value) => conf.settingDefinition(value, 18),
  settingMajors: (value) => conf.settingMajors(value),
  authenticate: (value) => access.authenticate(hba, value),
  removeRule: (value) => access.removeRule(hba, value),
  placeRule: (value) => access.placeRule(hba, value),
  toSarif: (value) => access.toSarif(value),
  toGithubAnnotations: (value) => access.toGithubAnnotations(value),
  inspectCertificate: pki.inspectCertificate,
  describeCertificate: pki.describeCertificate,
  'parseName, a level': (value) => pki.parseName([value]),
  'parseName, an attribute': (value) => pki.parseName([[value]]),
  inspectCrl: pki.inspectCrl,
  certificateFileName: pki.certificateFileName,
  'matchesHost, certificate': (value) => pki.matchesHost(value, 'localhost', 18),
  'matchesHost, host': (value) => pki.matchesHost(certificate, value, 18),
  'matchesHost, libpqMajor': (value) => pki.matchesHost(certificate, 'localhost', value),
  matchesKey: (value) => pki.matchesKey(value, bundle.privateKey()),
  'formatName, name': (value) => pki.formatName(value, 'rfc4514'),
  'formatName, form': (value) => pki.formatName(pki.parseName('/CN=a'), value),
  rolloverSteps: (value) => pki.rolloverSteps(value, certificate),
  checkConfiguration: configuration.checkConfiguration,
  checkCertificates: (value) => configuration.checkCertificates(value),
  signalReload: (value) => tls.signalReload(value),
  recoverApply: (value) => tls.recoverApply(value, { direction: 'complete' }),
  checkBundle: (value) => client.checkBundle(value),
  pgConfig: (value) => client.pgConfig(value),
  bunSqlOptions: client.bunSqlOptions,
  libpqUri: (value) => client.libpqUri(value),
  libpqKeyValue: (value) => client.libpqKeyValue(value),
  libpqParameters: (value) => client.libpqParameters(value),
  libpqEnvironment: (value) => client.libpqEnvironment(value),
  'libpqServiceEntry, name': (value) => client.libpqServiceEntry(value, bundle),
  'libpqServiceEntry, bundle': (value) => client.libpqServiceEntry('app', value),
  libpqFiles: (value) => client.libpqFiles(value, '/d'),
  jdbcFiles: (value) => client.jdbcFiles(value, '/d'),
  jdbcUrl: (value) => client.jdbcUrl(value, { directory: '/d' }),
  kubernetesSecret: (value) => client.kubernetesSecret(value, { name: 'a' }),
  prismaLegacyUrl: (value) => client.prismaLegacyUrl(value, { directory: '/d' } as never),
  'ServiceFile.remove': (value) => services.remove(value),
  'ServiceFile.parameters': (value) => services.parameters(value),
  applyPlan: (value) => tls.applyPlan(value),
  fileLedgerStore: (value) => tls.fileLedgerStore(value),
  'fileState, path': (value) => tls.fileState(value, ''),
};

test('each public function rejects an argument of a wrong kind with a code', async () => {
  for (const [name, call] of Object.entries(required)) {
    for (const value of neverRight) await assertRefused(call, value, name);
  }
});

test('options, facts and values reject a promise and a Map, which have no properties of their own', async () => {
  const optional: Readonly<Record<string, Call>> = {
    accessTable: (value) => access.accessTable(hba, value),
    searchAccess: (value) => access.searchAccess(hba, value),
    requireTls: (value) => access.requireTls(hba, value, { level: 'tls' }),
    toSarif: (value) => access.toSarif([], value),
    'ConfFile.setAll': (value) => settings.setAll(value),
    alterSystem: (value) => conf.alterSystem(value),
    libpqUri: (value) => client.libpqUri(bundle, value),
    explain: (value) => doctor.explain('', value),
    memoryFiles: tls.memoryFiles,
    'fileState, facts': (value) => tls.fileState('/a', '', value),
  };
  for (const [name, call] of Object.entries(optional)) {
    for (const value of [promise, new Map()]) await assertRefused(call, value, name);
  }
});

test('a property of a wrong kind is rejected', async () => {
  const calls: Readonly<Record<string, Call>> = {
    'ident of an access input': (value) => access.accessTable({ hba, ident: value }),
    'conf of an access input': (value) => access.accessTable({ hba, conf: value }),
    'purpose of verifyChain': (value) => {
      return pki.verifyChain({ chain: certificate, roots: bundle.ca, purpose: value });
    },
    'keyFile of checkBundle': (value) => client.checkBundle(bundle, { keyFile: value }),
    'index of certificateFileName': (value) => pki.certificateFileName(certificate, { index: value }),
    'warnDays of checkCertificates': (value) => {
      const contents = { '/data/postgresql.conf': '', '/data/pg_hba.conf': '' };
      const server = configuration.Configuration.fromContents(contents, { dataDirectory: '/data', version: 18 });
      return configuration.checkCertificates(server, { warnDays: value });
    },
  };
  for (const [name, call] of Object.entries(calls)) {
    for (const value of [promise, Number.NaN, '18', {}, hba]) await assertRefused(call, value, name);
  }
});

const server = {
  version: 18,
  dataDirectory: '/data',
  conf: tls.fileState('/data/postgresql.conf', "listen_addresses = '*'\n"),
  hba: tls.fileState('/data/pg_hba.conf', 'local all all trust\nhost all c all md5\n'),
  certificate: { path: '/data/server.crt' },
  privateKey: { path: '/data/server.key' },
  ca: { path: '/data/root.crt' },
} as const;
const authority = await pki.CertificateAuthority.create({ subject: 'CN=a' });

test('a wrong value at any property of a request, a rule or a plan is accepted or rejected with a code', async () => {
  const address = '10.0.0.0/8';
  const request: tls.TlsRequest = {
    ...{ server, authority, connection: { host: 'db', port: 5432, user: 'a', database: 'd' }, hosts: ['db'] },
    ...{ rule: { databases: ['d', 'e'], address, password: 'md5' }, withoutCertificate: 'reject' },
    users: [{ user: 'b', database: 'e', rule: { databases: ['e'], address }, withoutCertificate: 'reject' }],
    keep: { transport: 'plain', address: '10.0.0.1', user: 'c', database: 'd', method: 'md5' },
  };
  const rule = {
    type: 'host',
    databases: ['d'],
    users: ['a', 'b'],
    address,
    method: 'ldap',
    options: [{ name: 'ldaptls', value: '1' }],
    comment: ' c',
  };
  const target = {
    database: 'd',
    user: 'a',
    transport: 'ssl',
    address: '10.0.0.1',
    certificate: { subject: 'CN=a', subjectAltNames: [] },
  };
  const plan = await tls.planClientCertificates(request);
  const calls: readonly (readonly [name: string, call: Call, right: unknown])[] = [
    ['planClientCertificates', tls.planClientCertificates, request],
    ['planMigration', tls.planMigration, { ...request, step: 'require' }],
    ['planMigration, back', tls.planMigration, { ...request, step: 'back' }],
    ['planServerCertificate', tls.planServerCertificate, { server, authority, hosts: ['db'], keep: request.keep }],
    ['planUserRemoval', tls.planUserRemoval, { server, user: 'a', keep: [request.keep] }],
    ['planRenewal', tls.planRenewal, { server, authority, keep: request.keep }],
    ['describePlan', tls.describePlan, { ...plan, diagnostics: [] }],
    ['authenticate', (value) => access.authenticate(hba, value), target],
    [
      'searchAccess',
      (value) => access.searchAccess(hba, value),
      { users: ['a'], databases: ['d'], from: [address], outcome: 'admitted' },
    ],
    ['HbaFile.insert', (value) => hba.insert(value, 'end'), rule],
    ['HbaFile.ensure', (value) => hba.ensure(value, 'end'), rule],
    ['placeRule', (value) => access.placeRule(hba, value), rule],
    ['removeRule', (value) => access.removeRule(hba, value), rule],
    ['replace', (value) => hba.replace(hba.rules[0]!, value), rule],
    ['libpqUri', client.libpqUri, { ...bundle }],
    ['checkBundle', client.checkBundle, { ...bundle }],
  ];
  for (const [name, call, right] of calls) {
    for (const path of pathsIn(right)) {
      for (const value of [...neverRight, '', '\0', [], [null], new Date(Number.NaN)]) {
        try {
          await call(changed(right, path, value));
        } catch (error) {
          assert.ok(
            error instanceof PgHostsslError,
            `${name}, ${path.join('.')} = ${kindOf(value)}: ${(error as Error).stack}`,
          );
        }
      }
    }
  }
});

test('a plan with a wrong value at any property is not a plan', async () => {
  const owner = { uid: 5, gid: 6 };
  const made = await tls.planClientCertificates({
    server: { ...server, owner },
    client: {
      ...{ directory: '/home/a', exists: false, owner },
      ...{ certificate: { path: '/home/a/c' }, privateKey: { path: '/home/a/k' }, ca: { path: '/home/a/r' } },
    },
    authority,
    connection: 'postgresql://a@db/d?hostaddr=10.0.0.1',
  });
  const { host, hostaddr, port, user, database } = made.client.target;
  const secret = () => '';
  const client = {
    target: { host, hostaddr, port, user, database },
    ca: '',
    certificate: '',
    privateKey: secret,
    passphrase: secret,
  };
  const [write] = made.writes;
  const plan = {
    ...made,
    client,
    clients: [client],
    requests: [{ holder: 'server', request: '' }],
    writes: [{ ...write, content: secret, realPath: '/x', expected: '' }],
    removals: [{ path: '/x', sha256: '', what: '' }],
    diagnostics: [],
  };
  const files = tls.memoryFiles();
  assert.match(tls.describePlan(plan as never), /server.key -> .x/);
  for (const path of pathsIn(plan)) {
    for (const value of [new Map(), Symbol.iterator, null]) {
      if (value === null && path.at(-1) === 'sha256') continue;
      const wrong = changed(plan, path, value) as never;
      const name = `${path.join('.')} = ${String(value)}`;
      assert.throws(() => tls.describePlan(wrong), { code: 'argument-invalid' }, name);
      await assert.rejects(tls.applyPlan(wrong, { files }), { code: 'argument-invalid' }, name);
    }
  }
});

test('a port without one of its methods is rejected, naming the method', async () => {
  const plan = await tls.planServerCertificate({ server, authority, hosts: ['localhost'] });
  const calls: Readonly<Record<string, Call>> = {
    readServer: (files) => tls.readServer('/data', { files }),
    readClient: (files) => tls.readClient('/client', { files }),
    applyPlan: (files) => tls.applyPlan(plan, { files }),
    recoverApply: (files) => tls.recoverApply('/data', { direction: 'complete', files }),
    loadOrCreateAuthority: (files) => tls.loadOrCreateAuthority('/authority', { subject: 'CN=a', files }),
    fileLedgerStore: (files) => tls.fileLedgerStore('/ledger', files),
    readConfiguration: (files) => configuration.readConfiguration('/data', { files }),
    locateConfiguration: (files) => configuration.locateConfiguration({}, { files }),
    checkTlsFiles: (files) => tls.checkTlsFiles(files, '/tmp'),
  };
  const { realPath, ...others } = tls.memoryFiles();
  for (const [name, call] of Object.entries(calls)) {
    for (const value of [promise, new Map(), 5, others]) await assertRefused(call, value, name);
    await assert.rejects(async () => call(others), { message: /has no method realPath\(\)/ }, name);
  }
});

test('a function, a signal, a time limit or a list of paths of a wrong kind is rejected before anything is done', async () => {
  const plan = await tls.planServerCertificate({ server, authority, hosts: ['localhost'] });
  // A call that goes on finds no data directory.
  const files = tls.memoryFiles();
  const direction = 'complete';
  const calls: Readonly<Record<string, Call>> = {
    'reload of applyPlan': (reload) => tls.applyPlan(plan, { files, reload }),
    'verify of applyPlan': (verify) => tls.applyPlan(plan, { files, verify }),
    'signal of applyPlan': (signal) => tls.applyPlan(plan, { files, signal }),
    'paths of applyPlan': (paths) => tls.applyPlan(plan, { files, paths }),
    'signal of recoverApply': (signal) => tls.recoverApply('/data', { direction, files, signal }),
    'paths of recoverApply': (paths) => tls.recoverApply('/data', { direction, files, paths }),
    'clientDirectory of recoverApply': (clientDirectory) =>
      tls.recoverApply('/data', { direction, files, clientDirectory: clientDirectory === '/a' ? 5 : clientDirectory }),
    'signal of verifyServer': (signal) => tls.verifyServer({ expected: {}, signal, timeout: 1 }),
    'timeout of verifyServer': (timeout) => tls.verifyServer({ expected: {}, timeout }),
    'timeout of recoverApply': (timeout) => tls.recoverApply('/data', { direction, files, timeout }),
    'a time limit of applyPlan': (lock) => tls.applyPlan(plan, { files, timeout: { lock } }),
  };
  for (const [name, call] of Object.entries(calls)) {
    for (const value of [promise, Number.NaN, '/a', {}, Object.create(null), Symbol('a'), hba, null, [5]]) {
      await assert.rejects(async () => call(value), { code: 'argument-invalid' }, `${name} with ${kindOf(value)}`);
    }
  }
});

test('an unknown version is rejected, naming its value', async () => {
  const calls: Readonly<Record<string, Call>> = {
    explain: (version) => doctor.explain('', { version }),
    'HbaFile.parse': (version) => root.HbaFile.parse('', { version }),
    'IdentFile.parse': (version) => root.IdentFile.parse('', { version }),
    'HostsFile.parse': (version) => root.HostsFile.parse('', { version }),
    'ConfFile.parse': (version) => conf.ConfFile.parse('', { version }),
    settingDefinition: (version) => conf.settingDefinition('port', version),
    alterSystem: (version) => conf.alterSystem({ port: 5433 }, version),
    confFileSettings: (version) => conf.confFileSettings({ main: '' }, version),
    clientCertOption: (version) => hbaFiles.clientCertOption('verify-full', version),
    checkUpgrade: (version) => access.checkUpgrade({ hba }, 15, version),
    matchesHost: (version) => pki.matchesHost(certificate, 'localhost', version),
    parsePgVersion: root.parsePgVersion,
  };
  for (const [name, call] of Object.entries(calls)) {
    for (const version of [8, 99, 18.1, Number.NaN]) {
      const refused = { code: 'version-unknown', message: new RegExp(`\\b${version}\\b`) };
      await assert.rejects(async () => call(version), refused, `${name} with ${version}`);
    }
    if (name !== 'parsePgVersion') await assertRefused(call, '18', name);
  }
});

test('a record without a required property is rejected, naming the property', () => {
  const rule = { type: 'hostssl', databases: ['app'], users: ['bob'], address: '10.0.0.0/8', method: 'cert' } as const;
  for (const name of ['type', 'databases', 'users', 'method']) {
    assert.throws(() => hba.insert({ ...rule, [name]: undefined }, 'end'), {
      code: 'argument-invalid',
      message: `The rule given to HbaFile must have the property "${name}"`,
    });
  }
  assert.throws(() => hba.insert({ ...rule, address: {} as never }, 'end'), { code: 'argument-invalid' });
});

async function assertRefused(call: Call, value: unknown, name: string): Promise<void> {
  await assert.rejects(
    async () => call(value),
    (error: Error) => error instanceof PgHostsslError && error.code !== undefined,
    `${name} with ${String(value)}`,
  );
}

test('a misspelled name of a file beside hba is rejected, and does not count as missing', () => {
  const input = { hba, identt: ident };
  assert.throws(() => access.authenticate(input, { transport: 'local', database: 'a', user: 'b' }), {
    code: 'argument-invalid',
    message: /"identt"/,
  });
});

/** Returns the paths of all properties of the plain objects and arrays in a value. */
function pathsIn(value: unknown, before: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [];
  if (!Array.isArray(value) && Object.getPrototypeOf(value) !== Object.prototype) return [];
  return Object.entries(value).flatMap(([name, part]) => {
    const path = [...before, name];
    return [path, ...pathsIn(part, path)];
  });
}

/** Returns a copy of a value in which the property at a path has another value, or is missing. */
function changed(right: unknown, [name, ...path]: readonly string[], value: unknown): unknown {
  if (name === undefined) return value;
  if (Array.isArray(right)) return right.map((each, i) => (String(i) === name ? changed(each, path, value) : each));
  const part = changed((right as Readonly<Record<string, unknown>>)[name], path, value);
  return { ...(right as object), [name]: part };
}
