import { authenticate } from '../access/match/authenticate.ts';
import { type Connection, readConnection } from '../access/match/connection.ts';
import { rejectionMessage } from '../access/match/rejection.ts';
import { type AccessInput, inputOf } from '../access/rules/input.ts';
import { given } from '../arguments.ts';
import { assertBundle } from '../client/bundle/assert-bundle.ts';
import type { ConnectionBundle } from '../client/bundle/bundle.ts';
import { nameProblemCodes } from '../client/check/access-problems.ts';
import type { BundleProblem } from '../client/check/bundle-problem.ts';
import { type CheckBundleOptions, checkBundle } from '../client/check/check-bundle.ts';
import type { CauseCode } from '../codes.ts';
import { serverCertificateProblems } from '../configuration/check-certificates.ts';
import type { CheckedConfiguration } from '../configuration/checked-configuration.ts';
import { PgHostsslError } from '../errors.ts';
import { isAboutRoots } from '../pki/verify/chain-problem.ts';
import { configurationFindings, serverParts } from './configuration-findings.ts';
import { type CauseFinding, type Finding, fault, intended, none, unloaded } from './finding.ts';

type Known = Omit<CheckBundleOptions, 'configuration'>;

/**
 * Checks a bundle and a configuration, and returns a finding for each cause. Causes that the bundle and the
 * configuration can neither confirm nor rule out are left out.
 *
 * @param said the error texts. `logged` holds the causes that the server's log names. The bundle rules none of them
 * out, because the client may have used other files than those of the bundle.
 */
export async function findingsOf(
  configuration: AccessInput | undefined,
  bundle: ConnectionBundle | undefined,
  known: Known,
  said: { readonly text: string; readonly logged: readonly CauseCode[] },
): Promise<ReadonlyMap<CauseCode, Finding>> {
  if (bundle !== undefined) assertBundle(bundle);
  const whole = wholeOf(configuration);
  // If the pg_hba.conf of a configuration was not read, only its other files are checked.
  const input =
    configuration === undefined || whole?.hasHba === false
      ? undefined
      : inputOf(configuration, 'configuration of explain');
  const moment = { at: known.at, provider: known.provider };
  const findings = [
    ...(configuration === undefined ? [] : await configurationFindings(input ?? { conf: whole!.conf }, whole, moment)),
    ...(whole === undefined ? [] : await serverCertificateFindings(whole, moment)),
    ...(bundle === undefined
      ? []
      : (await bundleFindings(input, bundle, known, serverParts(whole, bundle.certificate ?? ''))).filter(
          ([code, { kind }]) => kind === 'fault' || !said.logged.includes(code),
        )),
    ...(input === undefined || bundle === undefined ? [] : ruleFindings(input, bundle, known, said.text)),
  ];
  if (configuration === undefined) return new Map(findings);
  return new Map(
    findings.map(([code, found]) =>
      found.kind === 'none' && !ofClientAlone.includes(code) ? [code, unloaded(found)] : [code, found],
    ),
  );
}

/** The causes that no file of the server can have. */
const ofClientAlone: readonly CauseCode[] = ['key-file-mode', 'certificate-weak'];

/**
 * The option `configuration`, if it is a `Configuration` of `pg-hostssl/configuration`; `undefined` if the caller
 * passed an object with single files.
 */
function wholeOf(configuration: AccessInput | undefined): CheckedConfiguration | undefined {
  return typeof configuration === 'object' && configuration !== null && 'tlsFiles' in configuration
    ? (configuration as AccessInput & CheckedConfiguration)
    : undefined;
}

/** For each cause, the problems of `checkBundle` that confirm it. */
const problemCauses: readonly (readonly [CauseCode, BundleProblem['of'], readonly BundleProblem['code'][]])[] = [
  ['key-mismatch', 'private-key', ['key-mismatch']],
  ['passphrase-wrong', 'private-key', ['passphrase-wrong']],
  ['client-file-damaged', 'private-key', ['key-unreadable']],
  ['key-file-mode', 'key-file', ['key-file-mode']],
  ['client-issuer-unknown', 'client-certificate', ['issuer-missing', 'root-untrusted', 'signature-invalid']],
  ['client-certificate-expired', 'client-certificate', ['expired']],
  ['client-certificate-not-yet-valid', 'client-certificate', ['not-yet-valid']],
  ['client-certificate-purpose', 'client-certificate', ['wrong-purpose']],
  ['client-certificate-revoked', 'client-certificate', ['revoked']],
  ['crl-missing', 'client-certificate', ['crl-missing']],
  ['crl-expired', 'client-certificate', ['crl-expired']],
  ['crl-not-yet-valid', 'client-certificate', ['crl-not-yet-valid']],
  ['certificate-weak', 'client-certificate', ['key-weak', 'signature-weak']],
  ['server-issuer-unknown', 'server-certificate', ['issuer-missing', 'root-untrusted', 'signature-invalid']],
  ['server-certificate-expired', 'server-certificate', ['expired']],
  ['server-certificate-not-yet-valid', 'server-certificate', ['not-yet-valid']],
  ['server-certificate-purpose', 'server-certificate', ['wrong-purpose']],
  ['server-certificate-weak', 'server-certificate', ['key-weak', 'signature-weak']],
  ['host-not-covered', 'server-certificate', ['host-not-covered']],
  ['client-certificate-missing', 'client-certificate', ['certificate-missing']],
  ['certificate-name-and-password', 'client-certificate', ['certificate-name-and-password']],
  ['user-not-named', 'client-certificate', ['user-not-named']],
  ['map-without-match', 'client-certificate', ['map-without-match']],
  ['role-missing', 'configuration', ['role-missing']],
  ['no-rule-with-tls', 'configuration', ['no-rule-with-tls']],
  ['rejected-by-rule', 'configuration', ['rejected-by-rule']],
];

/**
 * The faults of the server certificate that no client accepts. No cause is ruled out here, because clients may trust
 * other roots than those in the server's files.
 */
async function serverCertificateFindings(
  configuration: CheckedConfiguration,
  moment: Pick<Known, 'at' | 'provider'>,
): Promise<readonly CauseFinding[]> {
  if (configuration.tlsFiles.length === 0) return [];
  const problems = await serverCertificateProblems(configuration, moment);
  // Invalid signatures are ignored, because the roots of the client decide which certificate verifies a signature.
  const own = problems.filter(({ code }) => code !== 'signature-invalid');
  return problemCauses.flatMap(([code, of, codes]): readonly CauseFinding[] => {
    const found = of === 'server-certificate' ? own.filter((problem) => codes.includes(problem.code)) : [];
    return found.length === 0 ? [] : [[code, fault(found.map(({ message }) => message))]];
  });
}

/** @param serverFiles the certificates in the server's files, which are used if `known` does not give others */
async function bundleFindings(
  configuration: AccessInput | undefined,
  bundle: ConnectionBundle,
  known: Known,
  serverFiles: Known,
): Promise<readonly CauseFinding[]> {
  let used: Known = { ...serverFiles, ...given(known) };
  const { problems } = await checkBundle(bundle, { ...used, configuration }).catch((error: unknown) => {
    // If a certificate or CRL file of the server is damaged, the check is repeated without the server's files. If an
    // argument of the caller is damaged, the second check throws.
    if (!(error instanceof PgHostsslError && /^(?:certificate|crl)-invalid$/.test(error.code))) throw error;
    used = known;
    return checkBundle(bundle, { ...used, configuration });
  });
  return problemCauses.flatMap(([code, of, codes]): readonly CauseFinding[] => {
    const found = problems.filter((problem) => problem.of === of && codes.includes(problem.code));
    // Warnings about the client's certificate or key mean that the outcome depends on options that were not given.
    // Warnings about the server certificate mean that some client programs refuse it.
    const isCertain = of === 'server-certificate' || found.some(({ severity }) => severity === 'error');
    if (found.length > 0) return isCertain ? [[code, fault(found.map(({ message }) => message))]] : [];
    return isComplete(of, code, problems, bundle, configuration, used) ? [[code, none()]] : [];
  });
}

/** Whether the check for a cause was complete. If a complete check finds no problem, the cause is ruled out. */
function isComplete(
  of: BundleProblem['of'],
  code: CauseCode,
  problems: readonly BundleProblem[],
  { certificate }: ConnectionBundle,
  configuration: AccessInput | undefined,
  { serverCertificate, serverCa, crls, keyFile, clientAddress }: Known,
): boolean {
  if (of === 'key-file') return keyFile !== undefined;
  // If an extension is damaged, nothing else of the chain is judged.
  if (problems.some((each) => each.of === of && each.code === 'extension-invalid')) return false;
  // The client may use another key and other roots than those of the bundle, and its error text is about its own files.
  // The error text may also be about the rules for another database or address.
  if (of === 'private-key' || of === 'configuration' || code === 'server-issuer-unknown') return false;
  if (of === 'server-certificate') return serverCertificate !== undefined;
  // A client may not send the certificate that it has.
  if (certificate === undefined || code === 'client-certificate-missing') return false;
  // If no rule lets the user in, no rule compares a name. A warning means that it is not known whether the name
  // matches. The rules for another address may have another map, so the address must be known.
  if ((nameProblemCodes as readonly CauseCode[]).includes(code)) {
    const isUnknown = (each: BundleProblem): boolean => each.code === 'user-not-named' && each.severity === 'warning';
    if (configuration === undefined || clientAddress === undefined) return false;
    return !problems.some((each) => each.of === 'configuration' || isUnknown(each));
  }
  // OpenSSL loads the certificate of the client before it knows the CA certificates of the server. The other causes can
  // be faults of these CA certificates, too.
  if (code === 'certificate-weak') return true;
  if (serverCa === undefined) return false;
  if (code !== 'client-certificate-revoked' && !code.startsWith('crl-')) return true;
  // CRLs are only compared with a chain that is complete.
  return crls !== undefined && !problems.some((each) => each.of === of && isAboutRoots(each.code));
}

const ways = [
  { transport: 'plain', way: 'without TLS', code: 'no-rule-without-tls', found: intended },
  { transport: 'ssl', way: 'with TLS', code: 'no-rule-with-tls', found: fault },
] as const;

/**
 * The findings about the rules that decide about the bundle's connection with TLS and without TLS. A server that
 * refuses connections without TLS has no fault. If the error texts name a replication connection of the bundle, the
 * findings are about this connection. A rule that matches rules a cause out only if the error texts name the connection
 * that was checked: the server may see another address, user or database.
 *
 * @param text the error texts
 */
function ruleFindings(
  input: AccessInput,
  bundle: ConnectionBundle,
  { clientAddress, facts }: Known,
  text: string,
): readonly CauseFinding[] {
  if (clientAddress === undefined) return [];
  const { user, database } = bundle.target;
  return ways.flatMap((way): readonly CauseFinding[] => {
    const connection: Connection = { transport: way.transport, address: clientAddress, user, database };
    // A logical replication connection comes first, so that its details never replace those of another connection: the
    // server uses the words of a physical one for it up to 13, and later those of an ordinary connection.
    const named = (['logical', undefined, 'physical'] as const)
      .map((replication) => ({ ...connection, replication }))
      .filter((each) => refusalsOf(each, input).some((message) => text.includes(message)));
    const asked = named.length > 0 ? named : [connection];
    const findings = asked.flatMap((each) => connectionFindings(input, each, facts, way));
    const matched = findings.filter(([, { kind }]) => kind === 'none');
    const faults = findings.filter(([, { kind }]) => kind !== 'none');
    return matched.length === named.length ? findings : faults;
  });
}

/** The messages with which the server refuses a connection if no rule or a `reject` rule matches it. */
function refusalsOf(connection: Connection, input: AccessInput): readonly string[] {
  const asked = readConnection(connection, input);
  const { version } = input.hba;
  return [false, true].map((isRejected) => rejectionMessage(connection, asked, { version, isRejected }));
}

/** The findings about the rule that decides about one connection. */
function connectionFindings(
  input: AccessInput,
  connection: Connection,
  facts: Known['facts'],
  { way, code, found }: (typeof ways)[number],
): readonly CauseFinding[] {
  const verdict = authenticate(input, connection, facts);
  if (verdict.kind === 'unknown' || verdict.kind === 'file-refused') return [];
  // If the server offers no such connection, no rule is tried.
  if (verdict.kind === 'refused' && verdict.because === 'not-offered') return [];
  const kind = connection.replication === undefined ? 'connection' : 'replication connection';
  if (verdict.rule === undefined) return [[code, found([`No rule matches a ${kind} ${way}`])]];
  const { line, file = 'pg_hba.conf', rule } = verdict.rule;
  const detail = `${file} line ${line} decides about a ${kind} ${way}: method ${rule?.method ?? 'unknown'}`;
  const isReject = rule?.method === 'reject';
  return [[code, none([detail])], ...(isReject ? [['rejected-by-rule', found([detail])] as const] : [])];
}
