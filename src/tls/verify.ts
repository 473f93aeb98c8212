import { setTimeout as sleep } from 'node:timers/promises';
import { assertDate, assertFunction, assertList, assertProperties, type PropertyNames } from '../arguments.ts';
import { equalBytes } from '../c/compare.ts';
import { messageOf, PgHostsslError } from '../errors.ts';
import { inspectCertificate } from '../pki/certificate/inspect.ts';
import { assertSignal, type Signal } from './abort-signal.ts';
import { assertLimit, withinLimit } from './limits.ts';
import { certificateDer, shownCertificate } from './server/handshake.ts';
import { tryLogin } from './server/login.ts';
import {
  assertAddress,
  assertProbe,
  type LoginProbe,
  type ServerAddress,
  type ShownCertificate,
} from './server/probe.ts';
import { loadErrors, type QueryOnNewConnection } from './server/views.ts';

/** The state that a server is expected to have. */
export interface ExpectedServer {
  /**
   * The certificate that the server sends, PEM. If this is a chain, only its first certificate is compared. The former
   * certificate of the server proves no reload. `address` must be given.
   */
  readonly certificate?: string | undefined;
  /**
   * Logins that the server must let in. Together with `mustNotEnter`, they prove that a CA or CRL is loaded. A login
   * with a certificate is met only if the server asks for the certificate. If the rule wants a password, too, the login
   * is met without it. A login without a certificate can be met, but proves nothing. Bun, Deno and Electron do not tell
   * whether the server asks for a certificate, so no login proves anything there. `address` must be given.
   */
  readonly mustEnter?: readonly LoginProbe[] | undefined;
  /**
   * Logins that the server must refuse because of the certificate or the role. A refusal of the certificate during
   * the handshake is a proof, so give the user and the `database` with which the certificate could get in before. If
   * the server accepts the certificate and refuses the login, the result is `unproved`, except if a login in
   * `mustEnter` has the same certificate, because then only the role can be refused. The refusal of a login without a
   * certificate proves nothing, because the former rules could refuse it, too. `address` must be given.
   */
  readonly mustNotEnter?: readonly LoginProbe[] | undefined;
  /**
   * The moment after which the server must have loaded its configuration. If server and caller run on one machine, use
   * the `switchedAt` that `applyPlan` passes to `verify`. Otherwise use the value of `pg_conf_load_time()` before the
   * change. A later load proves the settings and the rules, but not the TLS files: a server that cannot load one of
   * them keeps its former TLS files. `query` must be given.
   */
  readonly loadedAfter?: Date | undefined;
}

/** Options of {@link verifyServer}. */
export interface VerifyOptions {
  /** Runs an SQL statement over a new connection. If not given, the views of the server are not checked. */
  readonly query?: QueryOnNewConnection | undefined;
  /** The address of the server. If not given, no handshake and no login are tried. */
  readonly address?: ServerAddress | undefined;
  /** The expected state. */
  readonly expected: ExpectedServer;
  /** Milliseconds that the server may take to reach the expected state; 10,000 by default. */
  readonly timeout?: number | undefined;
  /** A signal that ends the waiting. */
  readonly signal?: Signal | undefined;
}

const optionNames: PropertyNames<VerifyOptions> = {
  query: true,
  address: true,
  expected: true,
  timeout: true,
  signal: true,
};
const expectedNames: PropertyNames<ExpectedServer> = {
  certificate: true,
  mustEnter: true,
  mustNotEnter: true,
  loadedAfter: true,
};

/** The result of {@link verifyServer}. */
export interface VerifyResult {
  /**
   * - `verified`: all expectations are met, and a handshake or a login with a certificate proves that the server uses
   *   its TLS files
   * - `unproved`: all expectations are met, but none proves that the server uses its new TLS files. If a plan changes
   *   only settings or rules, `loadedAfter` without this proof is enough
   * - `failed`: the server is not in the expected state, for the given reasons
   */
  readonly kind: 'verified' | 'unproved' | 'failed';
  /** The differences from the expected state, or the missing proof. */
  readonly reasons: readonly string[];
}

/**
 * Checks whether a server uses its new files. The function repeats the check until it succeeds or the time limit ends,
 * because a server reloads a moment after the signal. For settings and rules, the proof is a later
 * `pg_conf_load_time()` without errors in the views. For certificates, keys and CRLs, the proof is a handshake or a
 * login. `SHOW ssl` and `pg_file_settings.applied` are not used, because they say `on` and true even if the server
 * still uses the former certificate and key, or no TLS.
 *
 * @param options the ways to reach the server, and the expected state
 * @returns the verdict; a server that cannot be reached is `failed`
 * @throws PgHostsslError `argument-invalid`, also if an expectation needs an address or a query that is not given;
 * `text-invalid` for a user, a database or a host with a NUL; `certificate-invalid`
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { verifyServer } from 'pg-hostssl/tls';
 *
 * const query = async (sql: string) => (sql.includes('loaded') ? [{ loaded: 1 }] : []);
 * const { kind, reasons } = await verifyServer({ query, expected: { loadedAfter: new Date(0) } });
 * assert.equal(kind, 'unproved');
 * assert.match(reasons.join(), /but not its TLS files/);
 * ```
 */
export async function verifyServer(options: VerifyOptions): Promise<VerifyResult> {
  assertProperties(options, optionNames, 'options of verifyServer');
  const { query, address, expected, timeout = 10_000, signal } = options;
  assertProperties(expected, expectedNames, 'what verifyServer expects');
  assertLimit(options.timeout, 'The timeout of verifyServer');
  assertSignal(signal, 'signal of verifyServer');
  const { certificate, loadedAfter, mustEnter = [], mustNotEnter = [] } = expected;
  if (query !== undefined) assertFunction(query, 'query of verifyServer');
  if (loadedAfter !== undefined) assertDate(loadedAfter, 'loadedAfter of verifyServer');
  if (address !== undefined) assertAddress(address, 'address of verifyServer');
  for (const [name, probes] of Object.entries({ mustEnter, mustNotEnter })) {
    assertList(probes, `${name} of verifyServer`);
    for (const probe of probes) assertProbe(probe, `a login in ${name}`);
  }
  const needsAddress = certificate !== undefined || mustEnter.length + mustNotEnter.length > 0;
  if (needsAddress && address === undefined) throw missing('an address', 'certificates and logins');
  if (loadedAfter !== undefined && query === undefined) throw missing('a query', 'the time of the last load');
  if (certificate !== undefined) inspectCertificate(certificate);
  const der = certificate === undefined ? undefined : certificateDer(certificate);
  let check: Check = { reasons: [], doubts: [], isProved: false };
  try {
    await withinLimit({ name: 'verifyServer', limit: timeout, signal }, async (own) => {
      for (let pause = 10; ; pause = Math.min(2 * pause, 500)) {
        const latest = await checkOnce(options, der, own);
        // The end of the waiting also ends a check, whose result then says nothing about the server.
        if (own.aborted) return;
        check = latest;
        if (check.reasons.length + check.doubts.length === 0) return;
        await sleep(pause, undefined, { signal: own });
      }
    });
  } catch (error) {
    // At the time limit, the differences and doubts of the last check are reported, because they say more than the error
    // of the time limit.
    if (signal?.aborted || check.reasons.length + check.doubts.length === 0) {
      return { kind: 'failed', reasons: [messageOf(error), ...check.reasons] };
    }
  }
  if (check.reasons.length > 0) return { kind: 'failed', reasons: check.reasons };
  if (check.doubts.length > 0) return { kind: 'unproved', reasons: check.doubts };
  if (check.isProved) return { kind: 'verified', reasons: [] };
  const reason =
    loadedAfter === undefined
      ? 'No expectation proves a reload: a server with its former files could meet all of them'
      : 'The server has loaded its settings and rules, but not its TLS files as far as is known. Expect `certificate`, or logins with certificates, to prove these files';
  return { kind: 'unproved', reasons: [reason] };
}

/** The result of one check. */
interface Check {
  /** The present differences from the expected state. */
  readonly reasons: readonly string[];
  /** The expected refusals that prove nothing. */
  readonly doubts: readonly string[];
  /** Whether an expectation that is met proves the change. */
  readonly isProved: boolean;
}

async function checkOnce(
  { query, address, expected }: VerifyOptions,
  der: Uint8Array | undefined,
  signal: AbortSignal,
): Promise<Check> {
  const { loadedAfter, mustEnter = [], mustNotEnter = [] } = expected;
  const isAdmitted = ({ certificate }: ShownCertificate): boolean =>
    mustEnter.some(({ client }) => client?.certificate === certificate);
  try {
    const reasons = query === undefined ? [] : [...(await loadErrors(query, loadedAfter))];
    const doubts: string[] = [];
    let isProved = der !== undefined;
    if (address === undefined) return { reasons, doubts, isProved };
    if (der !== undefined && !equalBytes(await shownCertificate(address, signal), der)) {
      reasons.push('The server shows another certificate than expected');
    }
    for (const probe of mustEnter) {
      const { kind, message } = await tryLogin(address, probe, signal);
      const name = JSON.stringify(probe.user);
      if (kind === 'admitted') isProved = true;
      else if (kind === 'unasked') reasons.push(`The certificate of ${name} is not checked: ${message}`);
      else if (kind !== 'undecided') reasons.push(`${name} is not let in: ${message}`);
    }
    for (const probe of mustNotEnter) {
      const { kind, message } = await tryLogin(address, probe, signal);
      const name = JSON.stringify(probe.user);
      if (kind === 'refused') isProved = true;
      else if (kind !== 'rejected') reasons.push(`${name} is not refused: ${message}`);
      else if (probe.client !== undefined && !isAdmitted(probe.client)) doubts.push(doubtAbout(name, message));
    }
    return { reasons, doubts, isProved };
  } catch (error) {
    return { reasons: [messageOf(error)], doubts: [], isProved: false };
  }
}

function doubtAbout(name: string, message: string): string {
  const wayOut = 'Give the user and the `database` with which the certificate could get in before';
  return `The server refuses ${name}, but not the certificate, which proves nothing about TLS files: ${message}. ${wayOut}`;
}

function missing(what: string, wanted: string): PgHostsslError {
  return new PgHostsslError('argument-invalid', `verifyServer needs ${what} to judge ${wanted}`);
}
