import { type AccessInput, authenticate } from '../access/index.ts';
import { parseBool } from '../c/boolean.ts';
import { type BundleProblem, type CheckBundleOptions, type ConnectionBundle, checkBundle } from '../client/index.ts';
import type { CauseCode } from './cause.ts';

/** Whether a bundle or a configuration has the fault of a cause. */
export interface Finding {
  /** It has the fault, or it does not. */
  readonly kind: 'fault' | 'none';
  /** What was found. */
  readonly details: readonly string[];
}

type Known = Omit<CheckBundleOptions, 'configuration'>;

/** What a bundle and a configuration tell about causes. A cause that they do not tell about is missing. */
export async function findingsOf(
  configuration: AccessInput | undefined,
  bundle: ConnectionBundle | undefined,
  known: Known,
): Promise<ReadonlyMap<CauseCode, Finding>> {
  return new Map([
    ...(configuration === undefined ? [] : configurationFindings(configuration)),
    ...(configuration === undefined || bundle === undefined ? [] : ruleFindings(configuration, bundle, known)),
    ...(bundle === undefined ? [] : await bundleFindings(configuration, bundle, known)),
  ]);
}

type Entry = readonly [CauseCode, Finding];

/** The problems of `checkBundle` by the cause that each of them is. */
const problemCauses: readonly (readonly [CauseCode, BundleProblem['of'], readonly BundleProblem['code'][]])[] = [
  ['key-mismatch', 'private-key', ['key-mismatch']],
  ['passphrase-wrong', 'private-key', ['key-unreadable']],
  ['key-file-mode', 'key-file', ['key-file-mode']],
  ['user-not-named', 'client-certificate', ['user-not-named']],
  ['client-issuer-unknown', 'client-certificate', ['issuer-missing', 'root-untrusted', 'signature-invalid']],
  ['client-certificate-expired', 'client-certificate', ['expired']],
  ['client-certificate-not-yet-valid', 'client-certificate', ['not-yet-valid']],
  ['client-certificate-purpose', 'client-certificate', ['wrong-purpose']],
  ['client-certificate-revoked', 'client-certificate', ['revoked']],
  ['certificate-weak', 'client-certificate', ['key-weak', 'signature-weak']],
  ['server-issuer-unknown', 'server-certificate', ['issuer-missing', 'root-untrusted', 'signature-invalid']],
  ['server-certificate-expired', 'server-certificate', ['expired']],
  ['server-certificate-not-yet-valid', 'server-certificate', ['not-yet-valid']],
  ['server-certificate-purpose', 'server-certificate', ['wrong-purpose']],
  ['server-certificate-weak', 'server-certificate', ['key-weak', 'signature-weak']],
  ['host-not-covered', 'server-certificate', ['host-not-covered']],
];

async function bundleFindings(
  configuration: AccessInput | undefined,
  bundle: ConnectionBundle,
  known: Known,
): Promise<readonly Entry[]> {
  const { problems } = await checkBundle(bundle, {
    ...known,
    ...(configuration === undefined ? {} : { configuration }),
  });
  return problemCauses.flatMap(([code, of, codes]): readonly Entry[] => {
    const found = problems.filter((problem) => problem.of === of && codes.includes(problem.code));
    if (found.length > 0) return [[code, { kind: 'fault', details: found.map(({ message }) => message) }]];
    return isAsked(of, code, bundle, configuration, known) ? [[code, { kind: 'none', details: [] }]] : [];
  });
}

/** Whether the check was complete, so that a cause without a problem is ruled out. */
function isAsked(
  of: BundleProblem['of'],
  code: CauseCode,
  { certificate }: ConnectionBundle,
  configuration: AccessInput | undefined,
  { serverCertificate, serverCa, crls, keyFile }: Known,
): boolean {
  if (of === 'key-file') return keyFile !== undefined;
  if (of === 'server-certificate') return serverCertificate !== undefined;
  if (certificate === undefined) return false;
  if (code === 'user-not-named') return configuration !== undefined;
  if (code === 'client-certificate-revoked') return crls !== undefined;
  return code === 'client-issuer-unknown' ? serverCa !== undefined : true;
}

function configurationFindings({ hba, conf }: AccessInput): readonly Entry[] {
  const errors = hba.diagnostics.filter(({ severity }) => severity === 'error');
  const refused: Finding = {
    kind: errors.length > 0 ? 'fault' : 'none',
    details: errors.map(({ range, code, file = 'pg_hba.conf' }) => `${file} line ${range.start.line}: ${code}`),
  };
  if (conf === undefined) return [['hba-refused', refused]];
  const isOn = parseBool(conf.effective('ssl')?.value ?? 'off') === true;
  const caFile = conf.effective('ssl_ca_file')?.value ?? '';
  return [
    ['hba-refused', refused],
    [
      'server-without-tls',
      isOn ? { kind: 'none', details: [] } : { kind: 'fault', details: ['ssl is off in the files'] },
    ],
    [
      'ca-file-unset',
      caFile !== '' ? { kind: 'none', details: [] } : { kind: 'fault', details: ['ssl_ca_file is empty'] },
    ],
  ];
}

/** What becomes of the connection of the bundle, with TLS and without. */
function ruleFindings(input: AccessInput, bundle: ConnectionBundle, known: Known): readonly Entry[] {
  const { clientAddress, facts = {} } = known;
  if (clientAddress === undefined) return [];
  const { user, database } = bundle.target;
  const verdicts = (['ssl', 'plain'] as const).map((transport) => ({
    transport,
    verdict: authenticate(input, { transport, address: clientAddress, user, database }, facts),
  }));
  return verdicts.flatMap(({ transport, verdict }): readonly Entry[] => {
    if (verdict.kind === 'unknown' || verdict.kind === 'file-refused') return [];
    const way = transport === 'ssl' ? 'with TLS' : 'without TLS';
    const code = transport === 'ssl' ? 'no-rule-with-tls' : 'no-rule-without-tls';
    if (verdict.rule === undefined) {
      return [[code, { kind: 'fault', details: [`No rule matches a connection ${way}`] }]];
    }
    const { line, file = 'pg_hba.conf', rule } = verdict.rule;
    const detail = `${file} line ${line} decides about a connection ${way}: method ${rule?.method ?? 'unknown'}`;
    const isReject = rule?.method === 'reject';
    return [
      [code, { kind: 'none', details: [detail] }],
      ...(isReject ? [['rejected-by-rule', { kind: 'fault', details: [detail] }] as const] : []),
    ];
  });
}
