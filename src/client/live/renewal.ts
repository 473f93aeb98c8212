import { assertDate, assertFunction, assertProperties, type PropertyNames } from '../../arguments.ts';
import { PgHostsslError } from '../../errors.ts';
import { assertBundle } from '../bundle/assert-bundle.ts';
import type { ClientBundle, ConnectionBundle } from '../bundle/bundle.ts';
import { callOnError } from './call-on-error.ts';

/** Options of {@link liveRenewal}. */
export interface LiveRenewalOptions<Bundle extends ConnectionBundle = ClientBundle> {
  /** Makes the next bundle, for example with a renewed certificate. */
  readonly renew: () => Promise<Bundle>;
  /** Returns the moment at which a bundle has to be renewed, for example from `renewalsDue` of `pg-hostssl/pki`. */
  readonly dueAt: (bundle: Bundle) => Date;
  /**
   * The renewal happens earlier by a random time of at most this many milliseconds, so that many clients do not renew
   * at once; default 0.
   */
  readonly jitter?: number | undefined;
  /**
   * Milliseconds to wait after a failed renewal, and the shortest time between two renewals; default 60,000. The wait
   * doubles with each further failure, up to an hour or `retryAfter`, whichever is longer.
   */
  readonly retryAfter?: number | undefined;
  /**
   * Is called with the error of a failed renewal. The last bundle stays in use. An error of this function is ignored.
   */
  readonly onError?: ((error: unknown) => void) | undefined;
  /** Returns a random number from 0 to 1 for `jitter`; default `Math.random`. */
  readonly random?: (() => number) | undefined;
}

const optionNames: PropertyNames<LiveRenewalOptions> = {
  renew: true,
  dueAt: true,
  jitter: true,
  retryAfter: true,
  onError: true,
  random: true,
};

/** A renewal that {@link liveRenewal} started. */
export interface LiveRenewal<Bundle extends ConnectionBundle = ClientBundle> {
  /** Returns the current bundle: the function for `live` of {@link pgConfig}. */
  readonly current: () => Bundle;
  /**
   * Renews now. The promise rejects with the error of `renew`. If several renewals run at once, the bundle of the one
   * that began last stays in use.
   */
  readonly renewNow: () => Promise<void>;
  /** Stops the renewals. The last bundle stays in use. A renewal that has begun still ends, and its bundle is used. */
  readonly stop: () => void;
}

/**
 * The longest wait of one timer. `setTimeout` takes at most 24.8 days, so a longer wait is split into several timers.
 */
const longestWait = 24 * 60 * 60 * 1000;
const longestRetry = 60 * 60 * 1000;

/**
 * Renews the certificate of a client, or the roots of a client without a certificate, while its connections stay open.
 * The timer does not keep the process alive.
 *
 * @param bundle the first bundle
 * @param options the functions that renew, and the times
 * @returns the renewal. The caller must stop it with `stop`.
 * @throws PgHostsslError `argument-invalid`
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { clientBundle, liveRenewal, pgConfig } from 'pg-hostssl/client';
 * import { CertificateAuthority, renewalsDue } from 'pg-hostssl/pki';
 *
 * const authority = await CertificateAuthority.create({ subject: '/CN=Example CA' });
 * async function issue() {
 *   const { chain, privateKey } = await authority.issueClientCertificate({ user: 'webadmin' });
 *   const target = { host: 'db.example.com', user: 'webadmin' };
 *   return clientBundle({ target, ca: authority.certificate, certificate: chain, privateKey });
 * }
 *
 * const bundle = await issue();
 * const renewal = liveRenewal(bundle, {
 *   renew: issue,
 *   dueAt: ({ certificate }) => renewalsDue({ now: new Date(), certificates: certificate })[0]!.renewFrom,
 *   jitter: 60 * 60 * 1000,
 * });
 * const config = pgConfig(bundle, { live: renewal.current }); // new pg.Pool(config)
 * const before = config.ssl.cert;
 * await renewal.renewNow();
 * assert.notEqual(config.ssl.cert, before);
 * renewal.stop();
 * ```
 */
export function liveRenewal<Bundle extends ConnectionBundle>(
  bundle: Bundle,
  options: LiveRenewalOptions<Bundle>,
): LiveRenewal<Bundle> {
  assertBundle(bundle);
  assertProperties(options, optionNames, 'the options of liveRenewal');
  const { renew, dueAt, jitter = 0, retryAfter = 60_000, onError = () => undefined, random = Math.random } = options;
  for (const [name, value] of Object.entries({ renew, dueAt, onError, random })) {
    assertFunction(value, `${name} of liveRenewal`);
  }
  if (!(Number.isFinite(jitter) && jitter >= 0 && Number.isFinite(retryAfter) && retryAfter > 0)) {
    throw new PgHostsslError('argument-invalid', 'jitter and retryAfter of liveRenewal must be times in milliseconds');
  }
  let current = bundle;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isStopped = false;
  /** The number of renewals that have begun, and the number of the renewal whose bundle is in use. */
  let begun = 0;
  let used = 0;

  function waitUntil(time: number, failures: number): void {
    if (isStopped) return;
    clearTimeout(timer);
    const wait = Math.max(0, time - Date.now());
    const act = (): void => (wait > longestWait ? waitUntil(time, failures) : attempt(failures));
    timer = setTimeout(act, Math.min(wait, longestWait));
    // In Node, `setTimeout` returns an object with `unref`; in a browser, it returns a number.
    if (typeof timer === 'object') timer.unref();
  }

  function waitForRenewal(earliest: number): void {
    const date = dueAt(current);
    assertDate(date, 'the result of dueAt of liveRenewal');
    const part = random();
    if (!(part >= 0 && part <= 1)) {
      throw new PgHostsslError('argument-invalid', 'random of liveRenewal must return a number from 0 to 1');
    }
    const due = date.getTime() - jitter * part;
    waitUntil(Math.max(due, earliest), 0);
  }

  async function renewNow(): Promise<void> {
    begun += 1;
    const own = begun;
    const next = await renew();
    assertBundle(next);
    if (own > used) [used, current] = [own, next];
    // The minimum wait prevents an endless loop if a new bundle is due at once.
    waitForRenewal(Date.now() + retryAfter);
  }

  function attempt(failures: number): void {
    renewNow().catch((error: unknown) => {
      const wait = Math.min(retryAfter * 2 ** failures, Math.max(retryAfter, longestRetry));
      waitUntil(Date.now() + wait, failures + 1);
      callOnError(onError, error);
    });
  }

  waitForRenewal(0);
  const stop = (): void => {
    isStopped = true;
    clearTimeout(timer);
  };
  return { current: () => current, renewNow, stop };
}
