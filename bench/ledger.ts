import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CertificateAuthority, checkRevocation, Ledger, verifyChain } from '../src/pki/index.ts';
import { fileLedgerStore } from '../src/tls/index.ts';
import { medianTimes } from './shared/rounds.ts';
import { addRow } from './shared/table.ts';

/**
 * Measures the time of recording a certificate in a ledger file with 1,000 and 100,000 certificates, and of operations
 * on a CRL with 100,000 entries. Each time is shown as a ratio to the time of issuing a certificate or the CRL.
 */
const authority = await CertificateAuthority.create({ subject: 'CN=Bench' });
const { certificate, chain } = await authority.issueClientCertificate({ user: 'alice' });
const folder = mkdtempSync(join(tmpdir(), 'bench-ledger-'));
await reportLedger();
rmSync(folder, { recursive: true });
await reportCrl(100_000);

async function reportLedger(): Promise<void> {
  const contestants = [];
  for (const count of [1_000, 100_000]) {
    const path = join(folder, `ledger-${count}`);
    await new Ledger(fileLedgerStore(path)).record(certificate);
    const { certificates } = { certificates: await new Ledger(fileLedgerStore(path)).certificates() };
    const entries = Array.from({ length: count }, (_, i) => ({ ...certificates[0], serialNumber: serialNumber(i) }));
    const head = { version: 1, certificates: count, crlNumbers: {} };
    writeFileSync(path, [head, ...entries].map((line) => `${JSON.stringify(line)}\n`).join(''));
    const ledger = new Ledger(fileLedgerStore(path));
    contestants.push({ name: `record at ${count}`, run: () => ledger.record(certificate) });
  }
  const times = await medianTimes(contestants, 25, 5);
  const [small, large] = [...times.values()];
  console.log('ledger in a file');
  for (const [name, time] of times) console.log(`  ${name.padEnd(24)} ${time.toFixed(2).padStart(9)} ms`);
  addRow('ledger: record at 100,000, record at 1,000 = 1', large! / small!, 5);
}

async function reportCrl(count: number): Promise<void> {
  const revokedAt = new Date();
  const revoked = Array.from({ length: count }, (_, i) => ({ serialNumber: serialNumber(i), revokedAt }));
  const { crl } = await authority.issueCrl({ revoked });
  const authorities = authority.certificate;
  const times = await medianTimes(
    [
      { name: 'issue', run: () => authority.issueCrl({ revoked }) },
      { name: 'revoke one more', run: () => authority.issueCrl({ previous: crl, revoked: [{ certificate }] }) },
      { name: 'check', run: () => checkRevocation({ authorities, crls: crl }) },
      { name: 'verify', run: () => verifyChain({ chain, roots: authorities, purpose: 'clientAuth', crls: crl }) },
    ],
    9,
  );
  const issue = times.get('issue')!;
  console.log(`CRL of ${count} entries`);
  for (const [name, time] of times) {
    console.log(`  ${name.padEnd(24)} ${time.toFixed(2).padStart(9)} ms   ${(time / issue).toFixed(2)} × issue`);
    if (name !== 'issue') addRow(`CRL of ${count} entries: ${name}, issue = 1`, time / issue, 3);
  }
}

function serialNumber(i: number): string {
  return `40${i.toString(16).padStart(30, '0')}`;
}
