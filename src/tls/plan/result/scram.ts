import { methodRows } from '../../../access/rules/methods.ts';
import { readRules } from '../../../access/rules/read-rules.ts';
import { findInScope } from '../../../access/scope/find-in-scope.ts';
import { analysisOf } from '../../../access/space/analysis.ts';
import { readsHosts } from '../../../conf/server/server-facts.ts';
import { unlessInvalid } from '../../../errors.ts';
import type { AuthMethod } from '../../../hba/tables/tables.ts';
import { allowsScram } from '../../../pki/certificate/binding-hash.ts';
import type { Diagnostic } from '../../../text/diagnostic.ts';
import { planDiagnostic } from '../plan-diagnostic.ts';
import { isSslOn } from '../settings/settings.ts';
import { hbaOf, type Result, textNamedBy } from './result.ts';

/** Whether logins with SCRAM over TLS fail because of the server's certificate. */
export function failsScram(result: Result): boolean {
  // A server with records in pg_hosts.conf shows the certificates of the records.
  if (!isSslOn(result.settings) || readsHosts(result.settings) === true) return false;
  const certificate = textNamedBy(result, 'ssl_cert_file') ?? '';
  return unlessInvalid(() => allowsScram(certificate, result.settings.version)) === false;
}

const scramMethods = (Object.keys(methodRows) as AuthMethod[]).filter((method) => methodRows[method].mayUseScram);

/**
 * The warning for a plan after which logins with SCRAM over TLS fail. If they fail before the plan, too, the plan is
 * silent, unless its own rules ask for a password.
 */
export function scramDiagnostics(before: Result, after: Result, asksPassword: boolean): readonly Diagnostic[] {
  if (!failsScram(after) || (failsScram(before) && !asksPassword)) return [];
  const analysis = analysisOf(readRules({ hba: hbaOf(after), conf: after.settings }));
  if (findInScope(analysis, { transport: ['ssl'], method: scramMethods }).length === 0) return [];
  const message =
    'An Ed25519 or Ed448 key signed the server certificate. libpq cannot bind a SCRAM login to such a certificate, so over TLS every user with a SCRAM password is refused, unless the client sets channel_binding=disable. Plan with a CA that has an ECDSA or RSA key';
  return [planDiagnostic({ file: after.server.certificate.path }, 'tls-scram-fails', 'warning', message)];
}
