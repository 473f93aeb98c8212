import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import {
  CertificateAuthority,
  inspectCrl,
  Ledger,
  memoryLedgerStore,
  PrivateKey,
  verifyChain,
} from '../../src/pki/index.ts';
import { openssl, opensslFiles, withoutOpenssl } from './openssl.ts';

const root = await CertificateAuthority.create({ subject: 'CN=Root' });
const middle = await root.issueIntermediateAuthority({ subject: 'CN=Middle' });
const key = await PrivateKey.generate();
const client = (user: string) => middle.issueClientCertificate({ user, key });

test('revokes all valid certificates of a role, and no other', async () => {
  const ledger = new Ledger(memoryLedgerStore());
  const [alice1, alice2, bob] = [await client('alice'), await client('alice'), await client('bob')];
  const over = await middle.issueClientCertificate({
    user: 'alice',
    key,
    validity: { notAfter: new Date(Date.now() + 2000) },
  });
  const server = await middle.issueServerCertificate({ hosts: ['alice'], key });
  const all = [middle, alice1, alice2, bob, over, server].map(({ certificate }) => certificate);
  const entries = await ledger.record(...all);
  assert.deepEqual(
    entries.map(({ kind, name }) => `${kind} ${name}`),
    ['authority Middle', 'client alice', 'client alice', 'client bob', 'client alice', 'server alice'],
  );
  const at = new Date(Date.now() + 10_000);
  const revoked = await ledger.revoke({ user: 'alice' }, { reason: 'privilegeWithdrawn', at });
  assert.deepEqual(
    revoked.map(({ serialNumber }) => serialNumber),
    [alice1.serialNumber, alice2.serialNumber],
  );
  assert.deepEqual(await ledger.revoke({ user: 'alice' }, { at }), [], 'a second time there is nothing left');
  await assert.rejects(ledger.revoke({ user: 'nobody' }), { code: 'ledger-entry-unknown' });
  const [ofMiddle, ofRoot] = [await ledger.issueCrl(middle), await ledger.issueCrl(root)];
  const { revoked: listed } = inspectCrl(ofMiddle.crl);
  assert.deepEqual(
    listed.map(({ serialNumber, reason }) => [serialNumber, reason]),
    [alice1, alice2].map(({ serialNumber }) => [serialNumber, 'privilegeWithdrawn']),
  );
  assert.deepEqual(inspectCrl(ofRoot.crl).revoked, []);
  const verify = async (chain: string) =>
    (
      await verifyChain({
        chain,
        roots: root.certificate,
        purpose: 'clientAuth',
        crls: ofMiddle.crl + ofRoot.crl,
      })
    ).ok;
  assert.deepEqual(
    [await verify(alice1.chain), await verify(alice2.chain), await verify(bob.chain)],
    [false, false, true],
  );
});

test('revokes by certificate and by serial number', async () => {
  const ledger = new Ledger(memoryLedgerStore());
  const [one, two, three] = [await client('a'), await client('b'), await client('c')];
  await ledger.record(one.certificate, two.certificate);
  await ledger.revoke({ certificate: one.certificate });
  await ledger.revoke({ serialNumber: two.serialNumber.toUpperCase() });
  assert.ok((await ledger.certificates()).every(({ revokedAt }) => revokedAt !== undefined));
  for (const target of [{ certificate: three.certificate }, { serialNumber: three.serialNumber }]) {
    await assert.rejects(ledger.revoke(target), { code: 'ledger-entry-unknown' });
  }
});

test('a certificate without extensions, as in the how-to, is in the CRL of its CA', {
  skip: withoutOpenssl,
}, async () => {
  const { l, c, k } = opensslFiles(
    [
      ['req', '-x509', '-nodes', '-newkey', 'rsa:2048', '-keyout', 'k', '-out', 'c', '-subj', '/O=x/CN=Root'],
      ['req', '-new', '-nodes', '-newkey', 'rsa:2048', '-keyout', 'j', '-out', 'r', '-subj', '/CN=webadmin'],
      ['x509', '-req', '-in', 'r', '-CA', 'c', '-CAkey', 'k', '-CAcreateserial', '-out', 'l'],
    ],
    ['l', 'c', 'k'],
  );
  const authority = await CertificateAuthority.load({ certificate: c!, privateKey: k! });
  const ledger = new Ledger(memoryLedgerStore());
  await ledger.record(l!, (await client('webadmin')).certificate);
  assert.equal((await ledger.revoke({ user: 'webadmin' })).length, 2);
  const { crl } = await ledger.issueCrl(authority);
  assert.equal(inspectCrl(crl).revoked.length, 1);
  const args = ['verify', '-crl_check', '-CAfile', 'c', '-CRLfile', 'crl', 'l'];
  assert.match(openssl(args, { c: c!, l: l!, crl: crl }).output, /certificate revoked/);
});

test('certificates that were revoked before there was a ledger stay revoked', async () => {
  const [before, after] = [await client('a'), await client('b')];
  const old = await middle.issueCrl({ revoked: [{ certificate: before.certificate }], number: '41' });
  const ledger = new Ledger(memoryLedgerStore());
  await ledger.record(after.certificate);
  await ledger.revoke({ user: 'b' });
  const next = await ledger.issueCrl(middle, { previous: old.crl });
  const last = await ledger.issueCrl(middle, { previous: next.crl });
  assert.deepEqual([next.number, last.number], ['42', '43']);
  const serials = inspectCrl(last.crl).revoked.map(({ serialNumber }) => serialNumber);
  assert.deepEqual(serials.toSorted(), [before, after].map(({ serialNumber }) => serialNumber).toSorted());
});

test('concurrent calls lose nothing, and no two CRLs have the same number', async () => {
  // A slow store, in which other calls come between reading and writing.
  const inner = memoryLedgerStore();
  const slow = {
    read: async () => {
      await turn();
      return inner.read();
    },
    write: async (text: string, previous: string | undefined) => {
      await turn();
      return inner.write(text, previous);
    },
  };
  const ledgers = [new Ledger(slow), new Ledger(slow)];
  const certificates = await Promise.all(Array.from({ length: 20 }, (_, i) => client(`role ${i}`)));
  await Promise.all(certificates.map(({ certificate }, i) => ledgers[i % 2]!.record(certificate)));
  const recorded = (await ledgers[0]!.certificates()).map(({ serialNumber }) => serialNumber);
  assert.deepEqual(recorded.toSorted(), certificates.map(({ serialNumber }) => serialNumber).toSorted());
  const lists = await Promise.all(Array.from({ length: 10 }, (_, i) => ledgers[i % 2]!.issueCrl(middle)));
  const numbers = lists.map(({ number }) => Number(number)).sort((a, b) => a - b);
  assert.deepEqual(numbers, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
});

test('the text of a ledger can be stored and read, and a damaged text is rejected', async () => {
  const store = memoryLedgerStore();
  const { certificate, serialNumber } = await client('alice');
  await new Ledger(store).record(certificate);
  await new Ledger(store).record(certificate);
  const text = (await store.read())!;
  assert.equal((await new Ledger(store).certificates()).length, 1);
  assert.equal((await new Ledger(memoryLedgerStore(text)).certificates())[0]!.serialNumber, serialNumber);
  assert.doesNotMatch(text, /PRIVATE|BEGIN/);
  for (const bad of ['', '{', '[]', '{"version":2,"certificates":0,"crlNumbers":{}}', 'null']) {
    await assert.rejects(new Ledger(memoryLedgerStore(bad)).certificates(), { code: 'ledger-invalid' });
    await assert.rejects(new Ledger(memoryLedgerStore(bad)).record(certificate), { code: 'ledger-invalid' });
  }
  // One incomplete entry makes the whole text invalid, because that entry might be a revocation.
  const [head, line] = text.split('\n').map((line) => (line === '' ? undefined : JSON.parse(line)));
  for (const damage of [
    null,
    'x',
    { serialNumber: undefined },
    { serialNumber: 'xyz' },
    { authority: 5 },
    { kind: 'root' },
    { name: null },
    { notAfter: 'never' },
    { revokedAt: true },
    { revokedAt: '2026-13-01' },
    { reason: 'toString' },
  ]) {
    const entry = typeof damage === 'object' && damage !== null ? { ...line, ...damage } : damage;
    const bad = `${JSON.stringify(head)}\n${JSON.stringify(line)}\n${JSON.stringify(entry)}\n`;
    await assert.rejects(new Ledger(memoryLedgerStore(bad)).certificates(), { code: 'ledger-invalid' }, bad);
  }
  const entry = JSON.stringify(line);
  for (const lines of [`${entry},${entry}\n`, `${entry}\n${entry.slice(0, -1)}\n`, `${entry}\n\n`]) {
    const bad = `${JSON.stringify(head)}\n${lines}`;
    await assert.rejects(new Ledger(memoryLedgerStore(bad)).certificates(), { code: 'ledger-invalid' }, bad);
  }
  for (const crlNumbers of [null, [], { a: 1 }, { a: '-1' }, { a: 'x' }]) {
    const bad = `${JSON.stringify({ ...head, crlNumbers })}\n`;
    await assert.rejects(new Ledger(memoryLedgerStore(bad)).issueCrl(middle), { code: 'ledger-invalid' }, bad);
  }
  const busy = { read: async () => text, write: async () => false };
  await assert.rejects(new Ledger(busy).record(certificate), { code: 'ledger-busy' });
});
