import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { authenticate, type ClientConnection, type Connection } from '../../src/access/index.ts';
import { HbaFile } from '../../src/hba/index.ts';
import { IdentFile } from '../../src/ident/index.ts';
import type { PgMajor } from '../../src/version.ts';
import { readersOf } from '../hba/tree.ts';
import { runs, seed } from '../property.ts';
import { forEachMajor, type TestServer } from '../server/index.ts';
import { knock, passwordOfKnock } from './knock.ts';
import {
  certificates,
  hbaOfMaps,
  identFilesOfMaps,
  type Login,
  logins,
  memberOfMaps,
  rolesOfMaps,
} from './map-cases.ts';
import { isInNamespace, runInNamespace } from './namespace.ts';
import { startJudge, withOwnRule } from './real-server.ts';

/** The port of the Identification Protocol (RFC 1413). */
const identPort = 113;

if (!isInNamespace) {
  const result = runInNamespace(fileURLToPath(import.meta.url));
  const skip = 'skip' in result ? result.skip : false;
  test('real servers let the same clients in through maps and certificates', { skip }, (t) => {
    assert.ok('status' in result);
    for (const [line] of result.output.matchAll(/^.*logins.*$/gm)) t.diagnostic(line.replace(/^# /, ''));
    assert.equal(result.status, 0, result.output);
  });
} else {
  /** What the ident server answers, by the port of the client. */
  const systemUsers = new Map<number, string>();
  let ident: Server;
  before(async () => {
    ident = createServer((socket) => {
      socket.on('error', () => socket.destroy());
      socket.once('data', (data) => {
        const [, client, server] = /^(\d+)\s*,\s*(\d+)/.exec(data.toString())!;
        socket.end(`${client} , ${server} : USERID : UNIX : ${systemUsers.get(Number(client))}\r\n`);
      });
    });
    await new Promise<void>((resolve) => ident.listen(identPort, '0.0.0.0', resolve));
  });
  after(() => ident.close());

  forEachMajor([10, 11, 12, 13, 14, 15, 16, 17, 18, 19], (major) => {
    let server: TestServer;
    before(async () => {
      server = await startJudge(major);
      for (const role of rolesOfMaps.filter((each) => each !== 'postgres'))
        await server.query(
          `DO $do$ BEGIN CREATE ROLE "${role}" LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $do$`,
        );
      for (const role of rolesOfMaps)
        await server.query(`SET password_encryption = 'md5'; ALTER ROLE "${role}" PASSWORD '${passwordOfKnock}'`);
    });
    after(() => server.remove());

    test('the verdict on a login is the verdict of the server', async (t) => {
      const counts = new Map<string, number>();
      const count = (what: string): void => void counts.set(what, (counts.get(what) ?? 0) + 1);
      const numRuns = runs(8);
      const cases = fc.tuple(identFilesOfMaps(major), fc.array(logins(major), { minLength: 30, maxLength: 30 }));
      await fc.assert(
        fc.asyncProperty(cases, ([files, asked]) => compare(server, major, files, asked, count)),
        { numRuns, seed, endOnFailure: true, includeErrorInReport: true },
      );
      const shown = JSON.stringify(Object.fromEntries([...counts].sort()));
      t.diagnostic(`${numRuns * 30} logins on ${major}, seed ${seed}: ${shown}`);
    });
  });

  async function compare(
    server: TestServer,
    major: PgMajor,
    files: Readonly<Record<string, string>>,
    given: readonly Login[],
    count: (what: string) => void,
  ): Promise<void> {
    const text = withOwnRule(hbaOfMaps(major));
    const path = join(server.dataDirectory, 'pg_ident.conf');
    const maps = files['pg_ident.conf']!;
    const ident = IdentFile.parse(maps, { version: major, file: path, ...readersOf(files, server.dataDirectory) });
    const input = { hba: HbaFile.parse(text, { version: major }), ident };
    const isRefused = ident.diagnostics.some(({ severity }) => severity === 'error');
    const isUnchecked = ident.diagnostics.some(({ code }) => code === 'regex-unchecked');
    const start = server.log().length;
    server.writeFiles({ ...files, 'pg_hba.conf': text });
    await server.reload();
    const log = server.log().slice(start);
    const isRefusedByServer = log.includes('pg_ident.conf was not reloaded');
    if (!isUnchecked) assert.equal(isRefused, isRefusedByServer, `${JSON.stringify(files)}\n${log}`);
    if (isRefusedByServer) return count('file refused');
    for (const { asked, certificate, systemUser } of given) {
      const { subject, keys } = certificate === undefined ? {} : certificates[certificate]!;
      const client: ClientConnection = {
        ...(asked as Connection),
        systemUser,
        ...(subject === undefined ? {} : { certificate: { subject } }),
      };
      const ours = authenticate(input, client, { memberOf: memberOfMaps, roles: rolesOfMaps });
      const from = server.log().length;
      const sent = { ...asked, ...(keys === undefined ? {} : { keys }) };
      const answer = await knock(server, sent, 'password', (port) => systemUsers.set(port, systemUser)).catch(() => ({
        first: 'error',
        message: 'the server closes the connection without a message',
      }));
      const { message } = answer;
      const log = server.log().slice(from);
      const shown = `${JSON.stringify({ ours, answer, client })}\n${maps}\n${files['more.conf']}\n${log}`;
      if (ours.kind === 'unknown') assert.match(JSON.stringify(ours.needs), /"regex"/, shown);
      else if (ours.kind === 'admitted') assert.deepEqual([answer.first, message], ['ok', undefined], shown);
      else if (ours.kind === 'password') assert.deepEqual([answer.first, message], ['cleartext', undefined], shown);
      else {
        assert.ok(ours.kind === 'refused', shown);
        assert.equal(message, ours.reason, shown);
        // The log has the bytes of a name that is not UTF-8.
        const lines = ours.log?.isWellFormed() === true ? ours.log.split('\n') : [];
        for (const line of lines) if (!line.startsWith('SSL certificate')) assert.ok(log.includes(line), shown);
      }
      count(ours.kind);
    }
  }
}
