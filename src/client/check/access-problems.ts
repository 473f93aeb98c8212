import { certificateAnswers } from '../../access/certificate-logins.ts';
import type { Authentication } from '../../access/match/authenticate.ts';
import type { AccessFacts } from '../../access/rules/facts.ts';
import { type AccessInput, inputOf, tlsFactsOf } from '../../access/rules/input.ts';
import { HbaFile } from '../../hba/file.ts';
import { noRootStore } from '../../hba/tables/client-cert.ts';
import { inspectCertificate } from '../../pki/certificate/inspect.ts';
import { defaultPgMajor, type PgMajor } from '../../version.ts';
import type { ClientBundle } from '../bundle/bundle.ts';
import type { BundleProblem, BundleProblemCode } from './bundle-problem.ts';

/** The problems with the rules of the server, and with the name in the certificate that these rules compare. */
export function accessProblems(
  bundle: ClientBundle,
  options: {
    readonly configuration?: AccessInput | undefined;
    readonly facts?: AccessFacts | undefined;
    readonly clientAddress?: string | undefined;
    readonly version?: PgMajor | undefined;
  },
): readonly BundleProblem[] {
  const { version = defaultPgMajor, facts = {}, clientAddress } = options;
  const configuration =
    options.configuration === undefined
      ? { hba: HbaFile.parse('hostssl all all all cert\n', { version }) }
      : inputOf(options.configuration, 'configuration of checkBundle');
  const { user, database } = bundle.target;
  const verdicts = certificateAnswers(configuration, {
    certificate: inspectCertificate(bundle.certificate),
    user,
    scope: { databases: [database], ...(clientAddress === undefined ? {} : { from: [clientAddress] }) },
    facts,
  }).map(({ verdict }) => verdict);
  if (verdicts.some(({ kind }) => kind === 'admitted' || kind === 'password')) return [];
  if (tlsFactsOf(configuration).ssl === false)
    return [accessProblem('server-without-tls', 'The server offers no TLS, because ssl is off')];
  const refusals = verdicts.flatMap((verdict) => (verdict.kind === 'refused' ? [verdict] : []));
  const decides = refusals.find((refusal) => refusalCode(refusal) === 'user-not-named') ?? refusals[0];
  const role = JSON.stringify(user);
  if (decides === undefined || refusals.length < verdicts.length) return [unknownAccess(role, verdicts)];
  const { reason, log } = decides;
  const code = refusalCode(decides);
  const said = `${reason}${log === undefined ? '' : ` (the server logs: ${log})`}`;
  const message =
    code === 'user-not-named'
      ? `The certificate does not let ${role} in: ${said}`
      : `No rule lets ${role} in over TLS. The server says, for example: ${said}`;
  return [accessProblem(code, message)];
}

const addRule = 'Add a rule for this user with `placeRule`, which puts it above the rules that would decide first.';

/** The hints for the problems that {@link accessProblems} finds, by code. */
const accessHints = {
  'user-not-named': 'Issue a certificate whose common name is the role, or map its name to the role in pg_ident.conf.',
  'no-rule-with-tls': addRule,
  'rejected-by-rule': addRule,
  'ca-file-unset': 'Set ssl_ca_file to the file with the root certificates of the clients, and reload the server.',
  'server-without-tls': 'Set ssl = on with a certificate and a key, as `planClientCertificates` plans it.',
} as const satisfies Partial<Record<BundleProblemCode, string>>;

function accessProblem(code: keyof typeof accessHints, message: string): BundleProblem {
  const of = code === 'user-not-named' ? 'client-certificate' : 'configuration';
  return { code, of, severity: 'error', message, hint: accessHints[code] };
}

/** The code of the problem that the server refuses the client in this way. */
function refusalCode({ rule, reason }: Extract<Authentication, { kind: 'refused' }>): keyof typeof accessHints {
  if (rule === undefined) return 'no-rule-with-tls';
  if (rule.rule?.method === 'reject') return 'rejected-by-rule';
  return reason === noRootStore ? 'ca-file-unset' : 'user-not-named';
}

/** The problem that it is not known whether the server lets the role in. */
function unknownAccess(role: string, verdicts: readonly Authentication[]): BundleProblem {
  const unknown = verdicts.find((verdict) => verdict.kind === 'unknown');
  const [reason, hint] =
    unknown === undefined
      ? [
          'the server refuses its authentication files',
          'Correct the lines that the `diagnostics` of pg_hba.conf and pg_ident.conf name.',
        ]
      : [unknown.reason, 'Give these `facts`, and a configuration that was read with its includes and pg_ident.conf.'];
  const message = `Whether the certificate lets ${role} in is not known: ${reason}`;
  return { code: 'user-not-named', of: 'client-certificate', severity: 'warning', message, hint };
}
