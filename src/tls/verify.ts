import { setTimeout as sleep } from 'node:timers/promises';
import { assertProperties, type PropertyNames } from '../arguments.ts';
import { equalBytes } from '../c/compare.ts';
import { PgHostsslError } from '../errors.ts';
import { inspectCertificate } from '../pki/index.ts';
import type { Signal } from './abort-signal.ts';
import { assertLimit, withinLimit } from './limits.ts';
import { certificateDer, shownCertificate } from './server/handshake.ts';
import { tryLogin } from './server/login.ts';
import type { LoginProbe, ServerAddress } from './server/probe.ts';
import { loadErrors, type QueryOnNewConnection } from './server/views.ts';

/** The state that a server is expected to have. */
export interface ExpectedServer {
  /** The certificate that the server shows, PEM; the first one of a chain. Needs an address. */
  readonly certificate?: string;
  /** Logins that the server lets in. With `mustNotEnter`, they prove that a CA or a CRL is loaded. Needs an address. */
  readonly mustEnter?: readonly LoginProbe[];
  /** Logins that the server refuses because of the certificate or the role. Needs an address. */
  readonly mustNotEnter?: readonly LoginProbe[];
  /**
   * The moment after which the server has loaded its configuration. If both run on one machine, it is `switchedAt` of the
   * step; otherwise it is the value of `pg_conf_load_time()` before the change. Needs a query.
   */
  readonly loadedAfter?: Date;
}

/** Options of {@link verifyServer}. */
export interface VerifyOptions {
  /** Runs SQL over a new connection each time. Without it, the server's own views are not asked. */
  readonly query?: QueryOnNewConnection;
  /** Where the server listens. Without it, there is no handshake and no login. */
  readonly address?: ServerAddress;
  /** The expected state. */
  readonly expected: ExpectedServer;
  /** How long the server may take to get into this state, in milliseconds; 10,000 by default. */
  readonly timeout?: number;
  /** Ends the waiting. */
  readonly signal?: Signal;
}

const optionNames: PropertyNames<VerifyOptions> = {
  ...{ query: true, address: true, expected: true, timeout: true, signal: true },
};
const expectedNames: PropertyNames<ExpectedServer> = {
  ...{ certificate: true, mustEnter: true, mustNotEnter: true, loadedAfter: true },
};

/** The result of {@link verifyServer}. */
export interface VerifyResult {
  /**
   * - `verified`: the server has loaded its files later, without errors, or a handshake or login shows the change
   * - `unproved`: nothing was expected that proves a reload, and the server's views show no error
   * - `failed`: the server is not in the expected state, for the reasons given
   */
  readonly kind: 'verified' | 'unproved' | 'failed';
  /** The differences from the expected state, or what is missing for a proof. */
  readonly reasons: readonly string[];
}

/**
 * Finds out whether a server has taken over its files. It asks again until the server has, because a server reloads a moment
 * after the signal. `SHOW ssl` and `pg_file_settings.applied` are not asked: they say `on` and true while the server uses the
 * former pair or no TLS. The proof is a later `pg_conf_load_time()` without errors in the views, and for certificates a
 * handshake, which needs no login.
 *
 * @param options how to reach the server, and the expected state
 * @returns the verdict; a server that cannot be reached is `failed`
 * @throws PgHostsslError `argument-invalid` if what is expected needs an address or a query that is not given;
 * `certificate-invalid`
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { verifyServer } from 'pg-hostssl/tls';
 *
 * const query = async (sql: string) => (sql.includes('loaded') ? [{ loaded: 1 }] : []);
 * const { kind } = await verifyServer({ query, expected: { loadedAfter: new Date(0) } });
 * assert.equal(kind, 'verified');
 * ```
 */
export async function verifyServer(options: VerifyOptions): Promise<VerifyResult> {
  assertProperties(options, optionNames, 'options of verifyServer');
  const { query, address, expected, timeout = 10_000, signal } = options;
  assertProperties(expected, expectedNames, 'what verifyServer expects');
  assertLimit(options.timeout, 'The timeout of verifyServer');
  const { certificate, loadedAfter, mustEnter = [], mustNotEnter = [] } = expected;
  const needsAddress = certificate !== undefined || mustEnter.length + mustNotEnter.length > 0;
  if (needsAddress && address === undefined) throw missing('an address', 'certificates and logins');
  if (loadedAfter !== undefined && query === undefined) throw missing('a query', 'the time of the last load');
  if (certificate !== undefined) inspectCertificate(certificate);
  const der = certificate === undefined ? undefined : certificateDer(certificate);
  let reasons: readonly string[] = ['The server did not answer'];
  try {
    await withinLimit({ name: 'verifyServer', limit: timeout, signal }, async (own) => {
      for (let pause = 10; ; pause = Math.min(2 * pause, 500)) {
        reasons = await objections(options, der, own);
        if (reasons.length === 0 || own.aborted) return;
        await sleep(pause, undefined, { signal: own });
      }
    });
  } catch (error) {
    // The last reasons say more than the time limit.
    if (reasons.length === 0) reasons = [(error as Error).message];
  }
  if (reasons.length > 0) return { kind: 'failed', reasons };
  if (needsAddress || loadedAfter !== undefined) return { kind: 'verified', reasons: [] };
  const reason = 'Nothing was expected that only a server that has reloaded its files fulfils';
  return { kind: 'unproved', reasons: [reason] };
}

/** The differences from the expected state now. */
async function objections(
  { query, address, expected }: VerifyOptions,
  der: Uint8Array | undefined,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { loadedAfter, mustEnter = [], mustNotEnter = [] } = expected;
  try {
    const reasons = query === undefined ? [] : [...(await loadErrors(query, loadedAfter))];
    if (address === undefined) return reasons;
    if (der !== undefined && !equalBytes(await shownCertificate(address, signal), der)) {
      reasons.push('The server shows another certificate than expected');
    }
    for (const probe of mustEnter) {
      const { kind, message } = await tryLogin(address, probe, signal);
      if (kind !== 'admitted') reasons.push(`${JSON.stringify(probe.user)} is not let in: ${message}`);
    }
    for (const probe of mustNotEnter) {
      const { kind, message } = await tryLogin(address, probe, signal);
      if (kind !== 'refused') reasons.push(`${JSON.stringify(probe.user)} is not refused: ${message}`);
    }
    return reasons;
  } catch (error) {
    return [(error as Error).message];
  }
}

function missing(what: string, wanted: string): PgHostsslError {
  return new PgHostsslError('argument-invalid', `verifyServer needs ${what} to judge ${wanted}`);
}
