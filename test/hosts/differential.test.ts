import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import fc from 'fast-check';
import { pgAsciiToLower } from '../../src/c/ascii.ts';
import { HostsFile } from '../../src/hosts/index.ts';
import { CertificateAuthority } from '../../src/pki/index.ts';
import { linesWithErrors } from '../hba/lines-with-errors.ts';
import { readersOf } from '../hba/tree.ts';
import { runs, seed } from '../property.ts';
import { forEachMajor, startServer, type TestServer } from '../server/index.ts';
import { certificates, hostsTrees } from './generate.ts';

/** The host names for which the tests ask. `undefined` is a client that sends no name. */
const asked = ['a.example.com', 'B.example.com', 'c.example.com', 'z.example.com', undefined];

const authority = await CertificateAuthority.create({ subject: '/CN=Root' });
const stock: Record<string, string> = { 'root.crt': authority.certificate };
for (const name of certificates) {
  const { chain, privateKey } = await authority.issueServerCertificate({ hosts: [name], subject: `/CN=${name}.crt` });
  stock[`${name}.crt`] = chain;
  stock[`${name}.key`] = privateKey.toPem();
}

/** Returns the common name of the certificate that the server shows for a host name; `undefined` for an alert. */
async function certificateOf(server: TestServer, servername: string | undefined): Promise<string | undefined> {
  const socket = connect(server.port, server.host);
  try {
    return await new Promise((resolve, reject) => {
      socket.once('error', reject);
      const requestOfTls = [0, 0, 0, 8, 4, 210, 22, 47];
      socket.write(Uint8Array.from(requestOfTls));
      socket.once('data', () => {
        const options = { socket, rejectUnauthorized: false, ...(servername === undefined ? {} : { servername }) };
        const session = connectTls(options, () => resolve(String(session.getPeerCertificate().subject.CN)));
        session.once('error', (error: NodeJS.ErrnoException) => {
          if (/ALERT|UNRECOGNIZED_NAME/.test(error.code ?? '')) resolve(undefined);
          else reject(error);
        });
      });
    });
  } finally {
    socket.destroy();
  }
}

/** Returns the certificate that the records name for a host name. */
function certificateByRecords(file: HostsFile, name: string | undefined): string | undefined {
  const records = file.expandedRecords().flatMap((found) => (found.kind === 'record' ? [found.entry] : []));
  if (records.length === 0) return 'a.crt';
  const ofKeyword = (word: string) => records.find(({ hosts }) => 'keyword' in hosts && hosts.keyword === word);
  const ofName = records.find(
    ({ hosts }) => !('keyword' in hosts) && hosts.some((host) => pgAsciiToLower(host) === pgAsciiToLower(name ?? '\0')),
  );
  const ofNone = name === undefined ? ofKeyword('/no_sni/') : undefined;
  return (ofName ?? ofNone ?? ofKeyword('*'))?.certificate;
}

forEachMajor([19], (major) => {
  let server: TestServer;
  before(async () => {
    const conf = "ssl = on\nssl_cert_file = 'a.crt'\nssl_key_file = 'a.key'\nssl_sni = on\n";
    server = await startServer({ major, conf, files: stock });
  });
  after(() => server.remove());

  test('reads generated files as the server does on reload', async (t) => {
    const numRuns = runs(100);
    const counts = { refused: 0, repeated: 0, notLoaded: 0, read: 0 };
    const path = join(server.dataDirectory, 'pg_hosts.conf');
    const property = fc.asyncProperty(hostsTrees, async (tree) => {
      server.writeFiles(tree);
      const logStart = server.log().length;
      await server.reload();
      const log = server.log().slice(logStart);
      const file = HostsFile.parse(new TextEncoder().encode(tree['pg_hosts.conf']), {
        file: path,
        ...readersOf({ ...stock, ...tree }, server.dataDirectory),
      });
      const errors = file.diagnostics.filter(({ severity }) => severity === 'error');
      const repeated = errors.filter(({ code }) => code === 'hosts-repeated');
      const empty = errors.filter(({ code }) => code === 'hosts-column-empty');
      const isRefused = errors.length > repeated.length + empty.length;
      assert.equal(/failed due to parsing error/.test(log), isRefused, log);
      if (isRefused) {
        counts.refused++;
        // The server reads a directory like an empty file, and skips a missing file of include_if_exists. It logs both,
        // but does not refuse the line.
        const context = /\n.*CONTEXT: .*(?:\n\t.*)*/.source;
        const notRefused = `could not (?:read file .* Is a directory|open file .*${context}\\n.*skipping missing .*)${context}`;
        const refusals = log.replaceAll(new RegExp(notRefused, 'g'), '');
        const linesOf = (place: RegExp): readonly number[] =>
          [...refusals.matchAll(place)].filter(([, , name]) => name === path).map(([, line]) => Number(line));
        // The server logs the line of an included file and the line that includes it. We report an unreadable file in a
        // list (`@file`) at the line with the list, and in a file of its own (`include`) at the line in this file.
        const own = linesOf(/CONTEXT: {2}line (\d+) of configuration file "(.*)"/g);
        const withIncluding = linesOf(/line (\d+) of configuration file "(.*)"/g);
        if (file.toString().includes('\0')) return;
        const ours = linesWithErrors(
          { entries: file.entries, diagnostics: errors.filter((each) => ![...repeated, ...empty].includes(each)) },
          path,
        );
        assert.ok(
          own.every((line) => ours.has(line)),
          log,
        );
        assert.ok(
          [...ours].every((line) => withIncluding.includes(line)),
          log,
        );
        return;
      }
      // The server looks for repeated hosts while it loads the files of one record after another.
      if (
        /could not (?:load|access) (?:server certificate|root certificate|private key)|could not load the CRL/.test(log)
      ) {
        counts.notLoaded++;
        return;
      }
      assert.ok(empty.length === 0 || /multiple/.test(log), log);
      assert.equal(/multiple/.test(log), repeated.length > 0, log);
      if (repeated.length > 0) {
        counts.repeated++;
        return;
      }
      assert.doesNotMatch(log, /was not reloaded/);
      counts.read++;
      for (const name of asked) {
        assert.equal(await certificateOf(server, name), certificateByRecords(file, name), `${name}: ${log}`);
      }
    });
    await fc.assert(property, { numRuns, seed });
    t.diagnostic(`${numRuns} trees of files, seed ${seed}: ${JSON.stringify(counts)}`);
    for (const count of Object.values(counts)) assert.ok(count > 0);
  });
});
