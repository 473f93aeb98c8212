import { certificateAnswers } from '../../access/certificate-logins.ts';
import type { Authentication } from '../../access/match/authenticate.ts';
import type { RefusalCause } from '../../access/match/judge-client.ts';
import { type AccessFacts, assertFacts } from '../../access/rules/facts.ts';
import { type AccessInput, inputOf, whyNotOffered } from '../../access/rules/input.ts';
import { methodRows } from '../../access/rules/methods.ts';
import { HbaFile } from '../../hba/file.ts';
import { optionValue } from '../../hba/read/option.ts';
import { allowsScram } from '../../pki/certificate/binding-hash.ts';
import { inspectCertificate } from '../../pki/certificate/inspect.ts';
import { isError } from '../../text/diagnostic.ts';
import { defaultPgMajor, type PgMajor } from '../../version.ts';
import type { ConnectionBundle } from '../bundle/bundle.ts';
import type { BundleProblem, BundleProblemCode } from './bundle-problem.ts';
import { nameAndPasswordHint } from './name-and-password-hint.ts';

/**
 * The problems with the rules of the server, and with the name in the certificate that these rules compare. If no
 * configuration is given, a client without a certificate has no problems.
 */
export function accessProblems(
  bundle: ConnectionBundle,
  options: {
    readonly configuration?: AccessInput | undefined;
    readonly facts?: AccessFacts | undefined;
    readonly clientAddress?: string | undefined;
    readonly version?: PgMajor | undefined;
    readonly serverCertificate?: string | undefined;
  },
): readonly BundleProblem[] {
  const { version = defaultPgMajor, facts = {}, clientAddress } = options;
  assertFacts(facts);
  const certificate = bundle.certificate === undefined ? undefined : inspectCertificate(bundle.certificate);
  if (certificate === undefined && options.configuration === undefined) return [];
  const configuration =
    options.configuration === undefined
      ? { hba: HbaFile.parse('hostssl all all all cert\n', { version }) }
      : inputOf(options.configuration, 'configuration of checkBundle');
  const { user, database } = bundle.target;
  const verdicts = certificateAnswers(configuration, {
    certificate,
    user,
    scope: { databases: [database], ...(clientAddress === undefined ? {} : { from: [clientAddress] }) },
    facts,
  }).map(({ verdict }) => verdict);
  const { serverCertificate } = options;
  const bindsScram = serverCertificate === undefined || allowsScram(serverCertificate, configuration.hba.version);
  if (!bindsScram && verdicts.some(mayUseScram)) return [channelBinding];
  if (verdicts.some(({ kind }) => kind === 'admitted' || kind === 'password')) return [];
  const closed = whyNotOffered('ssl', configuration);
  if (closed !== undefined)
    return [accessProblem('server-without-tls', `The server offers no TLS over TCP, because ${closed}`)];
  const refusals = verdicts.flatMap((verdict) => (verdict.kind === 'refused' ? [verdict] : []));
  const decides =
    refusals.find((refusal) => isAboutName(codeOfRefusal(refusal))) ??
    refusals.find(({ because }) => because === 'role-missing') ??
    refusals[0];
  const role = JSON.stringify(user);
  if (decides === undefined || refusals.length < verdicts.length)
    return [unknownAccess(role, configuration, verdicts, certificate !== undefined)];
  const { reason, log } = decides;
  const code = codeOfRefusal(decides);
  const said = `${reason}${log === undefined ? '' : ` (the server logs: ${log})`}`;
  if (isAboutName(code)) return [accessProblem(code, `The certificate does not let ${role} in: ${said}`)];
  const way = certificate === undefined ? 'over TLS without a certificate' : 'over TLS';
  const what = code === 'role-missing' ? `There is no role ${role}` : `No rule lets ${role} in ${way}`;
  return [accessProblem(code, `${what}. The server says, for example: ${said}`)];
}

function mayUseScram(verdict: Authentication): boolean {
  const method = verdict.kind === 'password' ? verdict.rule.rule?.method : undefined;
  return method !== undefined && methodRows[method].mayUseScram === true;
}

/** The problem that libpq cannot bind a login with SCRAM to the server certificate. Many drivers do not try to. */
const channelBinding: BundleProblem = {
  code: 'channel-binding-digest',
  of: 'server-certificate',
  severity: 'warning',
  message:
    'An Ed25519 or Ed448 key signed the server certificate, and libpq cannot bind a login with SCRAM to such a certificate',
  hint: 'Issue the server certificate from a CA whose key is ECDSA or RSA, or set channel_binding=disable (libpq 13 and later).',
};

const addRule = 'Add a rule for this user with `placeRule`, which puts it above the rules that would decide first.';

/** The hints for the problems that {@link accessProblems} finds, by code. */
const accessHints = {
  'user-not-named': 'Issue a certificate whose common name is the role, or map its name to the role in pg_ident.conf.',
  'map-without-match':
    'Add a line to pg_ident.conf with the map of the rule, the name in the certificate and the role.',
  'certificate-name-and-password': nameAndPasswordHint,
  'certificate-missing':
    'Make the bundle with a client certificate for this role, or add a rule that lets the role in with a password.',
  'role-missing': 'Create the role, or give the name of a role that exists as the user of the bundle.',
  'no-rule-with-tls': addRule,
  'rejected-by-rule': addRule,
  'ca-file-unset':
    'Set ssl_ca_file to the file with the root certificates of the clients, or name this file in each record of pg_hosts.conf if ssl_sni is on (19), and reload the server.',
  'server-without-tls':
    'Set ssl = on with a certificate and a key, as `planClientCertificates` plans it, and let the server listen.',
} as const satisfies Partial<Record<BundleProblemCode, string>>;

function accessProblem(code: keyof typeof accessHints, message: string): BundleProblem {
  const of = isAboutName(code) || code === 'certificate-missing' ? 'client-certificate' : 'configuration';
  return { code, of, severity: 'error', message, hint: accessHints[code] };
}

/** The codes of the problems that the server does not accept the name in the certificate. */
export const nameProblemCodes = ['user-not-named', 'map-without-match', 'certificate-name-and-password'] as const;

function isAboutName(code: BundleProblemCode): boolean {
  return (nameProblemCodes as readonly BundleProblemCode[]).includes(code);
}

/** The code of the problem that the server refuses the client in this way. */
function codeOfRefusal({ because, rule }: Extract<Authentication, { kind: 'refused' }>): keyof typeof accessHints {
  if (because !== 'identity') return refusalCodes[because];
  const { method, options = [] } = rule?.rule ?? {};
  if (method !== undefined && methodRows[method].asks === 'secret') return 'certificate-name-and-password';
  return (optionValue(options, 'map') ?? '') === '' ? 'user-not-named' : 'map-without-match';
}

/** The code of each refusal. The rule decides what code the cause `identity` has. */
const refusalCodes: Readonly<Record<Exclude<RefusalCause, 'identity'>, keyof typeof accessHints>> = {
  'not-offered': 'server-without-tls',
  'no-rule': 'no-rule-with-tls',
  reject: 'rejected-by-rule',
  'ca-missing': 'ca-file-unset',
  'certificate-missing': 'certificate-missing',
  'certificate-unusable': 'user-not-named',
  'role-missing': 'role-missing',
};

/** The problem that it is not known whether the server lets the role in. */
function unknownAccess(
  role: string,
  { hba, ident }: AccessInput,
  verdicts: readonly Authentication[],
  hasCertificate: boolean,
): BundleProblem {
  const unknowns = verdicts.filter((verdict) => verdict.kind === 'unknown');
  const unknown = unknowns.find(({ needs }) => needs.length > 0) ?? unknowns[0];
  const isRefused = unknown === undefined && [hba, ident].some((file) => file?.diagnostics.some(isError));
  const [reason, hint] = isRefused
    ? [
        'the server refuses its authentication files',
        'Correct the lines that the `diagnostics` of pg_hba.conf and pg_ident.conf name.',
      ]
    : [
        unknown?.reason ?? 'no example of a connection could be found',
        'Give these `facts`, and a configuration that was read with its includes and pg_ident.conf.',
      ];
  const message = `Whether ${hasCertificate ? 'the certificate' : 'a rule'} lets ${role} in is not known: ${reason}`;
  const [code, of] = hasCertificate
    ? (['user-not-named', 'client-certificate'] as const)
    : (['no-rule-with-tls', 'configuration'] as const);
  return { code, of, severity: 'warning', message, hint };
}
