import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { readSample } from '../test/server/index.ts';
import { type Contestant, medianTimes } from './shared/rounds.ts';
import { addRow } from './shared/table.ts';

/**
 * Measures the CPU time of whole processes, from start to end, as ratios. Three tasks are measured. The first makes a
 * CA and a client certificate, with this package and with other packages. The second sets up TLS with the openssl and
 * shell commands of a common how-to, and with a program that uses this package. The third writes two settings to the
 * sample file, with this package and with augtool (Debian's augeas-tools). Programs that are not installed are left
 * out.
 */
const folder = mkdtempSync(join(tmpdir(), 'bench-processes-'));
const peers = pathToFileURL(fileURLToPath(new URL('../../bench/npm/package.json', import.meta.url))).href;
/**
 * The number of runs of a program in one round. A single run is too short to be measured, because the system counts the
 * CPU time of child processes in steps of 10 ms.
 */
const turns = 3;
const samples = {
  PG_VERSION: '18\n',
  'postgresql.conf': readSample(18, 'postgresql.conf.sample'),
  'pg_hba.conf': 'local all all trust\nhost all all 127.0.0.1/32 trust\n',
  'pg_ident.conf': '',
};
let files = 0;
const dist = (subpath: string) => new URL(`../../dist/${subpath}/index.js`, import.meta.url).href;

const openssl = `set -e
openssl req -x509 -nodes -newkey ec -pkeyopt ec_paramgen_curve:P-256 -keyout ca.key -out ca.crt -subj /CN=Bench
openssl req -new -nodes -newkey ec -pkeyopt ec_paramgen_curve:P-256 -keyout a.key -out a.csr -subj /CN=alice
openssl x509 -req -in a.csr -CA ca.crt -CAkey ca.key -CAcreateserial -out a.crt`;

const ours = `import { CertificateAuthority } from ${JSON.stringify(dist('pki'))};
const authority = await CertificateAuthority.create({ subject: 'CN=Bench' });
const { certificate } = await authority.issueClientCertificate({ user: 'alice' });
if (!certificate.includes('BEGIN')) process.exit(1);`;

const selfsigned = `import { createRequire } from 'node:module';
const { generate } = createRequire(${JSON.stringify(peers)})('selfsigned');
const name = (value) => [{ name: 'commonName', value }];
const options = { keyType: 'ec', curve: 'P-256', algorithm: 'sha256' };
const ca = await generate(name('Bench'), options);
const { cert } = await generate(name('alice'), { ...options, ca: { key: ca.private, cert: ca.cert } });
if (!cert.includes('BEGIN')) process.exit(1);`;

const forge = `import { createRequire } from 'node:module';
const { pki, md } = createRequire(${JSON.stringify(peers)})('node-forge');
function issue(name, issuerName, issuerKey) {
  const keys = pki.rsa.generateKeyPair(2048);
  const certificate = pki.createCertificate();
  certificate.publicKey = keys.publicKey;
  certificate.serialNumber = '01';
  certificate.validity.notAfter = new Date(Date.now() + 86_400_000);
  certificate.setSubject([{ name: 'commonName', value: name }]);
  certificate.setIssuer([{ name: 'commonName', value: issuerName }]);
  certificate.sign(issuerKey ?? keys.privateKey, md.sha256.create());
  return { keys, pem: pki.certificateToPem(certificate) };
}
const ca = issue('Bench', 'Bench');
if (!issue('alice', 'Bench', ca.keys.privateKey).pem.includes('BEGIN')) process.exit(1);`;

const trustme = `import trustme
certificate = trustme.CA().issue_cert('alice@example.com')
assert b'BEGIN' in certificate.cert_chain_pems[0].bytes()`;

/**
 * The commands of the how-to, with its keys of 1024 bits, but with other paths, and without chown and the restart of
 * the server.
 */
const commands = `set -e
openssl genrsa -aes256 -passout pass:x -out server.key 1024
openssl rsa -in server.key -passin pass:x -out server.key
chmod 400 server.key
openssl req -new -key server.key -days 3650 -out server.crt -x509 -subj '/C=US/ST=California/L=PaloAlto/O=Jelastic/CN=mysite.com/emailAddress=mail@jelastic.com'
cp server.crt root.crt
cat > pg_hba.conf <<'END'
local   all         all                               trust
host    all         all         127.0.0.1/32          trust
hostssl all         webadmin    0.0.0.0/0             md5 clientcert=verify-full
END
sed -i "s/^#ssl = .*/ssl = on/; s/^#ssl_ca_file = .*/ssl_ca_file = 'root.crt'/" postgresql.conf
openssl genrsa -aes256 -passout pass:x -out postgresql.key 1024
openssl rsa -in postgresql.key -passin pass:x -out postgresql.key
openssl req -new -key postgresql.key -out postgresql.csr -subj '/C=US/ST=California/L=PaloAlto/O=Jelastic/CN=webadmin'
openssl x509 -req -in postgresql.csr -CA root.crt -CAkey server.key -out postgresql.crt -CAcreateserial
chmod 400 postgresql.key`;

const howTo = readFileSync(new URL('../../examples/end-to-end.ts', import.meta.url), 'utf8').replaceAll(
  /'pg-hostssl\/(\w+)'/g,
  (_, subpath: string) => JSON.stringify(dist(subpath)),
);

const settings = `import { readFileSync, writeFileSync } from 'node:fs';
import { ConfFile } from ${JSON.stringify(dist('conf'))};
const file = ConfFile.parse(readFileSync('postgresql.conf'));
writeFileSync('postgresql.conf', file.setAll({ ssl: true, work_mem: '64MB' }).toBytes());`;

const augtool = `augtool --root . --noautoload --transform 'Postgresql.lns incl /postgresql.conf' <<'END'
set /files/postgresql.conf/ssl on
set /files/postgresql.conf/work_mem 64MB
save
END
grep -q "^work_mem = '64MB'" postgresql.conf`;

await report('CA and client certificate', 'openssl', 2.2, [
  shell('openssl', 'openssl version', openssl),
  node('pg-hostssl', ours),
  node('selfsigned', selfsigned),
  node('node-forge, RSA', forge),
  program('trustme', ['/usr/bin/python3', '-c', trustme], ['/usr/bin/python3', '-c', 'import trustme']),
]);
await report('the how-to end to end', 'shell commands', 3, [
  shell('shell commands', 'openssl version', commands),
  node('pg-hostssl', howTo),
  node('empty node process', ''),
]);
await report("two settings of PostgreSQL 18's sample", 'augtool', undefined, [
  shell('augtool', 'augtool --version', augtool),
  node('pg-hostssl', settings),
  node('empty node process', ''),
]);
rmSync(folder, { recursive: true });

async function report(
  title: string,
  floor: string,
  aim: number | undefined,
  all: readonly (Contestant | undefined)[],
): Promise<void> {
  const contestants = all.filter((each) => each !== undefined);
  const times = await medianTimes(contestants, 7, 1, cpuTimeOfChildren);
  const limit = times.get(floor);
  console.log(`\n${title}, whole processes, CPU time`);
  for (const [name, time] of times) {
    const ratio = limit === undefined ? '' : `${(time / limit).toFixed(2)} × ${floor}`;
    console.log(`  ${name.padEnd(20)} ${(time / turns).toFixed(0).padStart(6)} ms   ${ratio}`);
    if (limit === undefined || name === floor) continue;
    addRow(`${title}, whole process: ${name}, ${floor} = 1`, time / limit, name === 'pg-hostssl' ? aim : undefined);
  }
}

function shell(name: string, test: string, text: string): Contestant | undefined {
  return program(name, ['/bin/sh', '-c', text], ['/bin/sh', '-c', test]);
}

function node(name: string, text: string): Contestant | undefined {
  const file = join(folder, `${name.replaceAll(/\W/g, '-')}-${files++}.mjs`);
  writeFileSync(file, text);
  return program(name, [process.execPath, file], [process.execPath, '--version']);
}

/**
 * Returns a program to measure, which runs several times in each round, each time in a new data directory. The result
 * is `undefined` if the command that tests whether the program is installed fails.
 */
function program(name: string, command: readonly string[], test: readonly string[]): Contestant | undefined {
  if (spawnSync(test[0]!, test.slice(1)).status !== 0) {
    console.log(`${name} is not installed: left out`);
    return undefined;
  }
  return {
    name,
    run: () => {
      for (let turn = 0; turn < turns; turn++) {
        const { status, stderr } = spawnSync(command[0]!, [...command.slice(1), '.'], { cwd: freshDirectory() });
        if (status !== 0) throw new Error(`${name}: ${stderr}`);
      }
    },
  };
}

/** Makes a directory with the configuration files that initdb writes. */
function freshDirectory(): string {
  const directory = join(folder, `data-${files++}`);
  mkdirSync(directory, { mode: 0o700 });
  for (const [name, content] of Object.entries(samples)) writeFileSync(join(directory, name), content);
  return directory;
}

/**
 * Returns the CPU time in milliseconds of all child processes that have ended. On a system that does not show it, the
 * result is the wall time.
 */
function cpuTimeOfChildren(): number {
  if (process.platform !== 'linux') return performance.now();
  // After the program name in parentheses, /proc/self/stat has the fields cutime and cstime, in ticks of 10 ms
  // (proc(5)).
  const fields = readFileSync('/proc/self/stat', 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return 10 * (Number(fields[13]) + Number(fields[14]));
}
