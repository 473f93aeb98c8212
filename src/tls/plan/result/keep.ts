import { authenticate } from '../../../access/match/authenticate.ts';
import type { Connection } from '../../../access/match/connection.ts';
import { matchRule, type RuleMatch } from '../../../access/match/match-rule.ts';
import { transportWords } from '../../../access/report/shown-connection.ts';
import { methodRows } from '../../../access/rules/methods.ts';
import { trimSpaces } from '../../../c/ascii.ts';
import { readsHosts } from '../../../conf/server/server-facts.ts';
import type { ConfTree } from '../../../conf/tree.ts';
import { PgHostsslError, unlessInvalid } from '../../../errors.ts';
import { inspectCertificate } from '../../../pki/certificate/inspect.ts';
import { matchesHost } from '../../../pki/certificate/match-host.ts';
import { verifyChain } from '../../../pki/verify/verify-chain.ts';
import type { Diagnostic } from '../../../text/diagnostic.ts';
import { defaultPgMajor } from '../../../version.ts';
import { crlsInForce, unreadCrls } from '../crl/crl-files.ts';
import { certificatesOf } from '../pem-files.ts';
import { planDiagnostic } from '../plan-diagnostic.ts';
import type { Dated } from '../request/moment.ts';
import type { KeepRequest, KeptAccess } from '../request/request.ts';
import { mapsOf } from '../rules/maps.ts';
import { unreached } from '../settings/listening.ts';
import { isSslOn, setting } from '../settings/settings.ts';
import { hbaOf, type Result, textNamedBy } from './result.ts';
import { failsScram } from './scram.ts';

/**
 * Checks that the connections in the property `keep` of a request remain possible after the plan.
 *
 * @returns a warning for each connection whose deciding rule the plan changes, if the files do not tell whether the
 * connection remains possible
 * @throws PgHostsslError `way-in-lost` if the server would refuse one of the connections after the plan
 */
export async function keptDiagnostics(
  before: Result,
  after: Result,
  { keep, now }: Dated<KeepRequest>,
): Promise<readonly Diagnostic[]> {
  const found: Diagnostic[] = [];
  for (const access of keep === undefined ? [] : [keep].flat()) {
    found.push(...reachDiagnostics(after, access));
    assertStillNamed(before, after, access);
    const then = await verdictOn(after, access, now);
    if (then.kind === 'in') continue;
    const former = await verdictOn(before, access, now);
    if (then.kind === 'out') {
      const when = former.kind === 'out' ? 'Before and after this plan' : 'After this plan';
      throw new PgHostsslError('way-in-lost', `${when} ${shown(access)} is refused: ${then.reason}`, {
        file: after.server.hba.path,
        hint:
          then.wayOut !== undefined
            ? `Nothing was planned. ${then.wayOut}, or plan without \`keep\`.`
            : isDecidedByPlan(before, after, access)
              ? 'Nothing was planned. A rule of this plan decides about the connection, and a plan puts its rules above every rule that lets the user in. Plan for fewer connections. Or plan without `keep`, and before the server reloads its files add a rule for this connection with `placeRule`.'
              : 'Nothing was planned. Put a rule for this connection above the others, or plan without `keep`.',
      });
    }
    if (former.kind === 'unknown' && former.rules === then.rules) continue;
    const message = `The plan changes a rule or a file that decides about ${shown(access)}. It is not known whether the server still accepts that connection: ${then.reason}`;
    found.push(planDiagnostic({ file: after.server.hba.path }, 'tls-way-in-unknown', 'warning', message));
  }
  return found;
}

/**
 * Checks that the server listens at the address or socket to which a kept connection goes. The check is about the
 * present settings, because no plan changes where the server listens.
 *
 * @returns a warning if the settings do not tell where the server listens
 * @throws PgHostsslError `way-in-lost`
 */
function reachDiagnostics({ server, settings }: Result, access: KeptAccess): readonly Diagnostic[] {
  const found = unreached(settings, access);
  if (found === undefined) return [];
  const file = server.conf.path;
  if (found.kind === 'out') {
    const message = `From its next start on, the server does not listen for ${shown(access)}: ${found.reason}`;
    const hint = 'Nothing was planned. Change the setting and restart the server, or plan without `keep`.';
    throw new PgHostsslError('way-in-lost', message, { file, hint });
  }
  const message = `It is not known whether the server listens for ${shown(access)}: ${found.reason}`;
  return [planDiagnostic({ file }, 'tls-way-in-unknown', 'warning', message)];
}

/**
 * Checks that the server's certificate remains valid for the host to which a kept connection with TLS goes. If the
 * present certificate is not valid for the host, the client does not verify the host.
 *
 * @throws PgHostsslError `way-in-lost`
 */
function assertStillNamed(before: Result, after: Result, access: KeptAccess): void {
  const { host, transport } = access;
  // While TLS is off, no client sees the present certificate.
  if (host === undefined || transport !== 'ssl' || !isSslOn(before.settings)) return;
  const isNamed = (result: Result): boolean | undefined => {
    const certificates = certificatesOf(textNamedBy(result, 'ssl_cert_file') ?? '');
    return unlessInvalid(() => matchesHost(certificates, host, defaultPgMajor).matches);
  };
  if (isNamed(before) !== true || isNamed(after) !== false) return;
  const message = `After this plan, the server's certificate no longer names the host ${host} of ${shown(access)}`;
  const hint = 'Nothing was planned. Give this host as one of `hosts`, or plan without `keep`.';
  throw new PgHostsslError('way-in-lost', message, { file: after.server.certificate.path, hint });
}

/** The verdict whether a connection is possible: `in`, `out` or `unknown`. */
type Verdict =
  | { readonly kind: 'in' }
  | {
      readonly kind: 'out';
      readonly reason: string;
      /** The way out if the server does not trust the certificate; `undefined` if a rule or setting decides. */
      readonly wayOut?: string;
    }
  | {
      readonly kind: 'unknown';
      readonly reason: string;
      /**
       * A text that identifies the rules and files that decide. If the text before the plan and the text after it are
       * equal, the plan changes nothing for this connection.
       */
      readonly rules: string;
    };

async function verdictOn(result: Result, access: KeptAccess, now: Date): Promise<Verdict> {
  const { method, certificate, systemUser } = access;
  const connection = connectionOf(access);
  const { server, settings } = result;
  const isTls = connection.transport === 'ssl';
  if (isTls && !isSslOn(settings)) return { kind: 'out', reason: 'the server offers no TLS' };
  const trust = isTls && certificate !== undefined ? await trustIn(result, certificate, now) : undefined;
  if (trust?.kind === 'out') return trust;
  const hba = hbaOf(result);
  const answer = authenticate(
    { hba, ident: mapsOf(server), conf: settings },
    {
      ...connection,
      certificate: certificate === undefined ? undefined : { subject: inspectCertificate(certificate).subject },
      systemUser,
    },
  );
  const breaksScram = isTls && failsScram(result);
  const unknown = (reason: string): Verdict => ({
    kind: 'unknown',
    reason,
    rules: JSON.stringify([rulesOf(matchRule(hba, connection)), trust?.rules ?? '', breaksScram]),
  });
  const isIn: Verdict = trust === undefined ? { kind: 'in' } : unknown(trust.reason);
  if (answer.kind === 'admitted') return isIn;
  if (answer.kind === 'refused') return { kind: 'out', reason: answer.reason };
  if (answer.kind === 'file-refused') return unknown('the server refuses pg_ident.conf');
  if (answer.kind === 'unknown') return unknown(answer.reason);
  const asked = answer.rule.rule!.method;
  const reason = `its method is ${method}, and the rule that decides asks for ${asked}`;
  if (methodRows[asked].checksRolePassword === true && methodRows[method].checksRolePassword === true) {
    // A role whose password is stored as an MD5 hash cannot log in by a rule with method scram-sha-256.
    if (asked !== method && asked === 'scram-sha-256') return unknown(reason);
    const failure = 'libpq cannot bind a SCRAM login to a server certificate with an Ed25519 or Ed448 signature';
    return breaksScram && methodRows[asked].mayUseScram === true ? unknown(failure) : isIn;
  }
  return asked === method ? unknown(answer.reason) : { kind: 'out', reason };
}

/**
 * The reason why the server does not trust, or may not trust, a client certificate. The result is `undefined` if the
 * server trusts the certificate.
 */
async function trustIn(
  result: Result,
  chain: string,
  at: Date,
): Promise<Exclude<Verdict, { readonly kind: 'in' }> | undefined> {
  const { server, settings } = result;
  const ofRecords = rootsOfRecords(settings);
  if (setting(settings, 'ssl_ca_file') === undefined && ofRecords === undefined) return undefined;
  const roots = textNamedBy(result, 'ssl_ca_file');
  const unread = [...(roots === undefined ? ['ssl_ca_file'] : []), ...unreadCrls({ server, settings })];
  const crls = crlsInForce({ server, settings });
  const unknown = (reason: string) =>
    ({ kind: 'unknown', reason, rules: JSON.stringify([unread, roots ?? null, crls ?? null]) }) as const;
  if (ofRecords !== undefined) return unknown(ofRecords);
  const unreadReason = `the plan did not read the files that ${unread.join(' and ')} names`;
  if (roots === undefined) return unknown(unreadReason);
  const request = {
    chain,
    roots: certificatesOf(roots),
    purpose: 'clientAuth',
    at,
    crls: unread.length === 0 ? crls : undefined,
  } as const;
  const [fault] = (await verifyChain({ ...request, allowWeak: true })).problems;
  if (fault !== undefined) {
    const reason = `the server does not trust its certificate: ${fault.message}`;
    const wayOut = fault.code.startsWith('crl-')
      ? 'Install the next CRL of that CA with `planRevocation` first'
      : 'Give a certificate as `certificate` that the server trusts, or have it trust the root (ssl_ca_file) first';
    return { kind: 'out', reason, wayOut };
  }
  // Whether the server accepts weak keys and signatures depends on the OpenSSL that it uses.
  const weakness = (await verifyChain(request)).problems[0]?.message;
  if (weakness !== undefined) return unknown(weakness);
  return unread.length === 0 ? undefined : unknown(unreadReason);
}

/** The reason why pg_hosts.conf (19) may name the trusted roots; `undefined` if the server does not read this file. */
function rootsOfRecords(settings: ConfTree): string | undefined {
  const isRead = readsHosts(settings);
  if (isRead === undefined) return 'a file that was not read may set ssl_sni, and pg_hosts.conf then names the roots';
  return isRead ? 'while ssl_sni is on, the records of pg_hosts.conf may name the trusted roots' : undefined;
}

/** Whether the rule that decides about a connection after the plan is not in pg_hba.conf before the plan. */
function isDecidedByPlan(before: Result, after: Result, access: KeptAccess): boolean {
  const match = matchRule(hbaOf(after), connectionOf(access));
  if (match.kind !== 'rule' || match.file !== after.server.hba.path) return false;
  return !hbaOf(before).rules.some(({ text }) => text === match.rule.text);
}

/** The connection of a login, without what the client shows and where the client connects to. */
function connectionOf({ transport, address, database, user, replication }: KeptAccess): Connection {
  return { transport, address, database, user, replication };
}

/** The text of the rules that may decide about a connection. It is only compared with another such text. */
function rulesOf(match: RuleMatch): string {
  const rules = match.kind === 'rule' ? [match] : match.kind === 'unknown' ? match.possible : [];
  return JSON.stringify(rules.map(({ rule }) => (rule === undefined ? null : trimSpaces(rule.text))));
}

function shown({ transport, address, user, database = user, replication, method }: KeptAccess): string {
  const from = address === undefined ? '' : ` from ${address}`;
  const to = replication === 'physical' ? 'for replication' : `to database ${JSON.stringify(database)}`;
  return `the connection of ${JSON.stringify(user)} ${to} by method ${method} ${transportWords[transport]}${from}`;
}
