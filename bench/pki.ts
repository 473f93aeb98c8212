import { spawnSync } from 'node:child_process';
import { generateKeyPair, type KeyObject, sign } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CertificateAuthority, type KeyAlgorithm, PrivateKey, type Provider } from '../src/pki/index.ts';
import { median } from './shared/rounds.ts';
import { addRow } from './shared/table.ts';

/**
 * Measures the CPU time of issuing a certificate. The times are shown as ratios to the time of the least necessary
 * work: generating a key pair with OpenSSL in the thread pool, and one signature with a KeyObject. Each round runs all
 * measured programs, so that a busy machine slows all of them, and the median round is shown. Other packages that issue
 * certificates in a Node process, and the openssl command, are measured for comparison. They have their own rounds,
 * because this package takes 1.5 times as long in rounds that also run them: its code does not become warm.
 */
const generate = promisify(generateKeyPair);
// node-forge has no type declarations, so it is loaded with `require` from bench/npm, the folder of the packages that
// are compared.
const require = createRequire(new URL('../../bench/npm/package.json', import.meta.url));
const selfsigned = require('selfsigned');
const forge = require('node-forge');
const rounds = 15;
const providers: Readonly<Record<string, Provider>> = {
  'globalThis.crypto': { crypto: globalThis.crypto },
  'default provider': {},
};

interface Contestant {
  readonly name: string;
  readonly run: () => Promise<unknown> | unknown;
  /** Whether the certificate is made by child processes. */
  readonly inChildren?: boolean;
}

const kinds: readonly { name: KeyAlgorithm; perRound: number; raw: () => Promise<{ privateKey: KeyObject }> }[] = [
  { name: 'ecdsa-p256', perRound: 200, raw: () => generate('ec', { namedCurve: 'P-256' }) },
  { name: 'ed25519', perRound: 200, raw: () => generate('ed25519') },
  { name: 'rsa-2048', perRound: 2, raw: () => generate('rsa', { modulusLength: 2048 }) },
];

for (const { name: keyAlgorithm, perRound, raw } of kinds) {
  const issuer = (await raw()).privateKey;
  const content = Buffer.alloc(500);
  const hash = keyAlgorithm === 'ed25519' ? undefined : 'sha256';
  const rawWithKey: Contestant = {
    name: 'raw',
    run: async () => {
      await raw();
      sign(hash, content, issuer);
    },
  };
  const withKey = [rawWithKey];
  const alone: Contestant[] = [{ name: 'raw', run: () => sign(hash, content, issuer) }];
  for (const [name, provider] of Object.entries(providers)) {
    const authority = await CertificateAuthority.create({ subject: 'CN=Bench', keyAlgorithm, provider });
    const key = await PrivateKey.generate(keyAlgorithm, { provider });
    withKey.push({ name, run: () => authority.issueClientCertificate({ user: 'alice', keyAlgorithm }) });
    alone.push({ name, run: () => authority.issueClientCertificate({ user: 'alice', key }) });
  }
  await report(`key + client certificate, ${keyAlgorithm}`, withKey, perRound);
  await report(`client certificate alone, ${keyAlgorithm}`, alone, 200);
  await report(`key + client certificate, ${keyAlgorithm}, others`, [rawWithKey, ...peers(keyAlgorithm)], perRound);
}

const batch = peers('ecdsa-p256');
for (const [name, provider] of Object.entries(providers)) {
  const authority = await CertificateAuthority.create({ subject: 'CN=Bench', provider });
  batch.unshift({ name, run: () => authority.issueClientCertificate({ user: 'alice' }) });
}
console.log('a thousand roles in a batch, ecdsa-p256, wall time (node-forge has no elliptic curves)');
for (const { name, run, inChildren = false } of batch) {
  // The openssl command makes only 50 certificates, because it needs two processes for each.
  const size = inChildren ? 50 : 1000;
  const start = performance.now();
  await Promise.all(Array.from({ length: size }, run));
  console.log(`  ${name.padEnd(20)} ${((performance.now() - start) / size).toFixed(2).padStart(8)} s`);
}

async function report(title: string, contestants: readonly Contestant[], perRound: number): Promise<void> {
  const times = new Map(contestants.map(({ name }) => [name, [] as number[]]));
  for (let round = 0; round < rounds; round++) {
    for (const { name, run, inChildren = false } of contestants) {
      const turns = inChildren ? 1 : perRound;
      const before = cpuMicroseconds(inChildren);
      for (let i = 0; i < turns; i++) await run();
      // The first third of the rounds is not counted, because V8 compiles the code meanwhile.
      if (round >= rounds / 3) times.get(name)!.push((cpuMicroseconds(inChildren) - before) / turns);
    }
  }
  console.log(title);
  const limit = median(times.get('raw')!);
  for (const [name, samples] of times) {
    const time = median(samples);
    console.log(
      `  ${name.padEnd(20)} ${(time / 1000).toFixed(3).padStart(9)} ms ${(time / limit).toFixed(1).padStart(7)}`,
    );
    if (title === 'key + client certificate, ecdsa-p256' && name in providers)
      addRow(`${title}, ${name}, raw = 1`, time / limit, 2.2);
  }
}

function cpuMicroseconds(children: boolean): number {
  // For child processes, wall time is measured, because process.cpuUsage does not include them.
  if (children) return performance.now() * 1000;
  const { user, system } = process.cpuUsage();
  return user + system;
}

/** Other packages that generate a key and a self-signed certificate, and the openssl command. */
function peers(keyAlgorithm: KeyAlgorithm): Contestant[] {
  const found: Contestant[] = [];
  if (keyAlgorithm !== 'ed25519') {
    const options = keyAlgorithm === 'ecdsa-p256' ? { keyType: 'ec', curve: 'P-256' } : { keySize: 2048 };
    found.push({
      name: 'selfsigned',
      run: () => selfsigned.generate([{ name: 'commonName', value: 'alice' }], { ...options, algorithm: 'sha256' }),
    });
  }
  if (keyAlgorithm === 'rsa-2048') found.push({ name: 'node-forge', run: forgeCertificate });
  if (spawnSync('openssl', ['version']).status === 0) {
    found.push({ name: 'openssl (wall time)', run: opensslCertificate(keyAlgorithm), inChildren: true });
  }
  return found;
}

function forgeCertificate(): string {
  const keys = forge.pki.rsa.generateKeyPair(2048);
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = keys.publicKey;
  certificate.serialNumber = '01';
  certificate.validity.notBefore = new Date();
  certificate.validity.notAfter = new Date(Date.now() + 86_400_000);
  certificate.setSubject([{ name: 'commonName', value: 'alice' }]);
  certificate.setIssuer([{ name: 'commonName', value: 'alice' }]);
  certificate.sign(keys.privateKey, forge.md.sha256.create());
  return forge.pki.certificateToPem(certificate);
}

/**
 * Returns a function that makes a certificate of an existing CA with two openssl commands: the first makes a key and a
 * certificate request, the second makes the certificate.
 */
function opensslCertificate(keyAlgorithm: KeyAlgorithm): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'pg-hostssl-bench-'));
  process.once('exit', () => rmSync(folder, { recursive: true }));
  const kinds: Readonly<Record<string, readonly string[]>> = {
    'ecdsa-p256': ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256'],
    ed25519: ['ed25519'],
    'rsa-2048': ['rsa:2048'],
  };
  const run = (command: string) => {
    const args = command.split(' ').flatMap((word) => (word === 'KIND' ? kinds[keyAlgorithm]! : [word]));
    const { status, stderr } = spawnSync('openssl', args, { cwd: folder });
    if (status !== 0) throw new Error(String(stderr));
  };
  run('req -x509 -nodes -newkey KIND -keyout ca.key -out ca.crt -subj /CN=Bench');
  return () => {
    run('req -new -nodes -newkey KIND -keyout k -out r -subj /CN=alice');
    run('x509 -req -in r -CA ca.crt -CAkey ca.key -CAcreateserial -out c');
  };
}
