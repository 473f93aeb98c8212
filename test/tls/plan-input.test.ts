import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PgHostsslError } from '../../src/errors.ts';
import { CertificateAuthority } from '../../src/pki/index.ts';
import {
  describePlan,
  fileState,
  planCaRollover,
  planClientCertificates,
  planRenewal,
  planRevocation,
  readClient,
  readServer,
  type TlsRequest,
} from '../../src/tls/index.ts';
import { clientState, serverState } from './state.ts';

const authority = await CertificateAuthority.create({ subject: '/CN=Authority' });
const request: TlsRequest = { server: serverState(), authority, connection: 'postgresql://webadmin@localhost/app' };

/** Changes that make a valid request invalid. TypeScript would reject them. The pattern matches the error. */
const requests: readonly [what: string, change: object, named: RegExp][] = [
  ['a misspelt property', { withoutCertificates: 'reject' }, /no property "withoutCertificates"/],
  ['an unknown word', { withoutCertificate: 'deny' }, /withoutCertificate .* must be one of "unchanged", "reject"/],
  ['a misspelt property of the rule', { rule: { option: [] } }, /no property "option"/],
  ['a password that is not a method', { rule: { password: 'trust' } }, /rule\.password/],
  ['a misspelt property of the server', { server: { ...serverState(), autoconf: {} } }, /no property "autoconf"/],
  ['a server that was not awaited', { server: Promise.resolve(serverState()) }, /server/],
  ['no server', { server: undefined }, /server of the request must be an object; got undefined/],
  [
    'a file with its content as a property',
    { server: { ...serverState(), hba: { path: '/x', content: new Uint8Array() } } },
    /server\.hba .*fileState/,
  ],
  ['a target without a path', { server: { ...serverState(), ca: {} } }, /server\.ca/],
  ['an unknown version', { server: { ...serverState(), version: 99 } }, /version/],
  ['a client that is a path', { client: '/home/w' }, /client of the request must be an object/],
  ['an object that is not a CertificateAuthority', { authority: {} }, /authority .* CertificateAuthority/],
  ['hosts that are one string', { hosts: 'db.example.com' }, /hosts .* array/],
  ['an unknown issue option', { issue: { server: { days: 3 } } }, /no property "days"/],
  ['a certificate for hosts beside the hosts', { issue: { server: { hosts: ['x'] } } }, /no property "hosts"/],
  ['a moment that is text', { now: '2026-01-01' }, /now .* Date/],
  ['a new key of nobody', { newKey: 'servers' }, /newKey/],
  ['roots that are not a text', { roots: 5 }, /roots of the request takes a string or a Uint8Array/],
  [
    'an empty certificate',
    { clientCertificate: { roots: authority.certificate, certificate: '' } },
    /clientCertificate\.certificate .* must be PEM/,
  ],
  [
    'a misspelt property of a certificate',
    { serverCertificate: { roots: authority.certificate, cert: 'x' } },
    /serverCertificate of the request has no property "cert"/,
  ],
  [
    'a certificate without its roots',
    { serverCertificate: { certificate: authority.certificate } },
    /serverCertificate\.roots .* must be given/,
  ],
  [
    'a key without its certificate',
    { serverCertificate: { roots: authority.certificate, privateKey: authority.privateKey.toPem() } },
    /serverCertificate\.privateKey .* must not be given without the certificate/,
  ],
  ['no connection', { connection: undefined }, /connection of the request must be an object; got undefined/],
  ['a Boolean as text', { replaceForeign: 'no' }, /replaceForeign/],
];

for (const [what, change, named] of requests) {
  test(`planClientCertificates rejects ${what}`, () =>
    isRefused(() => planClientCertificates({ ...request, ...change } as TlsRequest), named));
}

test('every function rejects values of another kind by name', async () => {
  for (const value of [undefined, null, 5, '', {}, Promise.resolve('/x')] as unknown[]) {
    await isRefused(() => readServer(value as string), /data directory of readServer must be a path/);
    await isRefused(() => readClient(value as string), /directory of readClient must be a path/);
    await isRefused(() => planClientCertificates(value as TlsRequest), /request of planClientCertificates|server/);
    await isRefused(async () => describePlan(value as never), /plan of describePlan/);
    if (value !== '') await isRefused(async () => fileState('/x', value as string), /content of a file/i);
  }
  await isRefused(() => readServer('/x', { path: {} } as never), /no property "path"/);
  await isRefused(() => readServer('/x', { paths: { key: 'x' } } as never), /no property "key"/);
  await isRefused(() => readServer('/x', { paths: { hba: 5 } } as never), /paths\.hba must be a path/);
  await isRefused(() => readClient('/x', { uid: 5 } as never), /no property "uid"/);
});

test('a property with the value undefined counts as not given', async () => {
  const given = { ...request, client: undefined, rule: undefined, hosts: undefined, unknown: undefined };
  const plan = await planClientCertificates(given as unknown as TlsRequest);
  assert.equal(plan.writes.length, 5);
  const options = { files: undefined, owner: undefined } as never;
  assert.equal((await readClient('/nowhere/client', options)).exists, false);
  assert.equal(clientState().exists, false);
});

async function isRefused(call: () => Promise<unknown>, named: RegExp): Promise<void> {
  const error = await call().then(
    () => assert.fail('not refused'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof PgHostsslError, String(error));
  assert.match(error.code, /^(?:argument-invalid|version-unknown)$/);
  assert.match(error.message, named);
}

test('an error about a text that is not PEM names the property', async () => {
  const next = (await CertificateAuthority.create({ subject: '/CN=Next' })).certificate;
  const damaged = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
  const [server, roots, connection] = [serverState(), authority.certificate, 'postgresql://a@h/x'] as const;
  const plans: Readonly<Record<string, (text: string) => Promise<unknown>>> = {
    'serverCertificate.certificate': (text) =>
      planRenewal({ server, authority, serverCertificate: { certificate: text, roots } }),
    'serverCertificate.roots': (text) =>
      planRenewal({ server, authority, serverCertificate: { certificate: roots, roots: text } }),
    'clientCertificate.certificate': (text) =>
      planClientCertificates({ server, authority, connection, clientCertificate: { certificate: text, roots } }),
    roots: (text) => planClientCertificates({ server, authority, connection, roots: text }),
    issuers: (text) => planRevocation({ server, authority, crls: '', issuers: text }),
    crls: (text) => planRevocation({ server, authority, crls: text }),
    next: (text) => planCaRollover({ server, current: authority, next: text }),
    current: (text) => planCaRollover({ server, current: text, next }),
    serverCertificate: (text) => planCaRollover({ server, current: authority, next, serverCertificate: text }),
  };
  for (const [name, plan] of Object.entries(plans)) {
    for (const text of ['junk', damaged]) {
      await assert.rejects(plan(text), (error: Error) => {
        assert.match(error.message, new RegExp(`(?:^|property )${name.replace('.', '\\.')} `), error.message);
        return /^(?:certificate|crl)-invalid$/.test((error as PgHostsslError).code);
      });
    }
  }
});

test('an error about a damaged private key names the property', async () => {
  const { chain } = await authority.issueServerCertificate({ hosts: ['localhost'] });
  const privateKey = '-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n';
  const serverCertificate = { roots: authority.certificate, certificate: chain, privateKey };
  await assert.rejects(planClientCertificates({ ...request, serverCertificate }), {
    code: 'private-key-invalid',
    message: /^The property serverCertificate\.privateKey of the request is not usable: The private key is damaged/,
  });
});

test('a plan that issues no CRL refuses issuers without crls', async () => {
  const server = serverState();
  const issuers = authority.certificate;
  for (const plan of [
    () => planClientCertificates({ ...request, issuers }),
    () => planCaRollover({ server, current: authority, next: authority.certificate, issuers }),
  ]) {
    await assert.rejects(plan(), {
      code: 'argument-invalid',
      message: /issuers of the request must be given with crls/,
    });
  }
});

test('planRevocation accepts issuers without crls, and demands the CRLs of the issuers', async () => {
  const { certificate: issuers } = await authority.issueIntermediateAuthority({ subject: '/CN=Issuing' });
  const server = serverState({ ca: authority.certificate });
  await planRevocation({ server, authority, revoked: [] });
  await assert.rejects(planRevocation({ server, authority, revoked: [], issuers }), { code: 'crl-incomplete' });
});

test('issuers of blanks count as not given', async () => {
  for (const issuers of ['', ' \n']) {
    const plan = await planRevocation({ server: serverState(), authority, revoked: [], issuers });
    assert.ok(plan.writes.length > 0, JSON.stringify(issuers));
  }
});

test('a damaged root in force refuses the plan, and the error names the file of roots', async () => {
  const connection = { host: 'localhost', user: 'a1', database: 'app' };
  const conf = "ssl = on\nssl_ca_file = 'root.crt'\n";
  const damaged = [
    `${authority.certificate.slice(0, 200)}\n`,
    `${authority.certificate}-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n`,
    `${authority.certificate}-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n`,
  ];
  for (const ca of damaged) {
    const server = serverState({ conf, ca });
    for (const crls of [undefined, true] as const) {
      await assert.rejects(planClientCertificates({ server, authority, connection, crls }), {
        code: 'plan-refused',
        file: server.ca.path,
      });
    }
    const revocation = planRevocation({ server, authority });
    await assert.rejects(revocation, { code: 'plan-refused', file: server.ca.path });
  }
});

test('a private key given as an object is refused with the way to its text', async () => {
  const issued = await authority.issueServerCertificate({ hosts: ['localhost'], validity: { days: 9 } });
  const serverCertificate = { roots: authority.certificate, certificate: issued.chain, privateKey: issued.privateKey };
  const connection = { host: 'localhost', user: 'a1', database: 'app' };
  const request = { server: serverState(), authority, connection, serverCertificate } as never;
  await assert.rejects(planClientCertificates(request), ({ code, hint }: PgHostsslError) => {
    assert.equal(code, 'argument-invalid');
    assert.match(hint!, /toPem\(\)/);
    return true;
  });
});
