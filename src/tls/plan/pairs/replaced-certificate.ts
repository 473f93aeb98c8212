import { settingDiagnostic } from '../../../conf/server/setting-diagnostic.ts';
import type { ConfTree } from '../../../conf/tree.ts';
import { unlessInvalid } from '../../../errors.ts';
import { nameKey } from '../../../names/canonical-name.ts';
import { loadCertificates } from '../../../pki/certificate/certificate.ts';
import { leadsToOtherCa } from '../../../pki/verify/chain-problem.ts';
import { verifyChain } from '../../../pki/verify/verify-chain.ts';
import type { Diagnostic } from '../../../text/diagnostic.ts';
import type { ServerState } from '../../state.ts';
import { inFile, presentCertificates } from '../pem-files.ts';
import { planDiagnostic } from '../plan-diagnostic.ts';
import { isCertificateInForce, isSslOn } from '../settings/settings.ts';
import { coversHosts, hostsOf } from './hosts.ts';

/** A certificate that replaces the server's present certificate. */
export interface NextServerCertificate {
  /** The state of the server before the plan. */
  readonly server: ServerState;
  /** The settings of the server before the plan. */
  readonly settings: ConfTree;
  /** The server's certificate after the plan, PEM. */
  readonly certificate: string;
  /** The roots by which clients trust `certificate`, PEM; `undefined` if they are not known. */
  readonly roots: string | undefined;
}

/**
 * Warnings about clients that verify the server: clients that refuse the next certificate because they do not trust its
 * CA, or because it does not name the host to which they connect. While TLS is off, no client verifies the server.
 */
export async function replacedDiagnostics(next: NextServerCertificate): Promise<readonly Diagnostic[]> {
  const { server, settings } = next;
  if (isSslOn(settings) && !isCertificateInForce(server, settings)) return [unknownCertificate(settings)];
  const hosts = unlessInvalid(() => hostsOf(presentCertificates(server.certificate)));
  if (hosts === undefined || !isSslOn(settings)) return [];
  return [...endingHosts(next, hosts), ...(await otherCa(next))];
}

/** The diagnostic for a plan that names another certificate file than the settings name, whose content is not known. */
function unknownCertificate(settings: ConfTree): Diagnostic {
  const message =
    'The plan names another file in ssl_cert_file, and the present file is not part of the state of the server. Clients that verify the server may refuse the next certificate: give all clients the root of its CA first, and all their hosts as `hosts`';
  return settingDiagnostic(settings, 'ssl_cert_file', { code: 'tls-clients-need-root', severity: 'info', message });
}

function endingHosts(
  { server, certificate }: NextServerCertificate,
  present: readonly string[],
): readonly Diagnostic[] {
  const next = hostsOf(certificate);
  // A name that is not a host is compared as a text.
  const isNamed = (host: string): boolean =>
    next.includes(host) || unlessInvalid(() => coversHosts(certificate, [host])) === true;
  const ending = present.filter((host) => !isNamed(host));
  if (ending.length === 0) return [];
  const message = `The server's certificate no longer names ${ending.join(', ')}. A client that connects to ${ending.length === 1 ? 'this host' : 'one of these hosts'}, and verifies the host, refuses the server after this plan. Give all hosts that the CA may name as \`hosts\``;
  return [planDiagnostic({ file: server.certificate.path }, 'tls-hosts-end', 'warning', message)];
}

async function otherCa({ server, certificate, roots }: NextServerCertificate): Promise<readonly Diagnostic[]> {
  const { path } = server.certificate;
  // Clients get only the certificates in the server's certificate file, so no other file counts.
  const chain = presentCertificates(server.certificate);
  if (roots === undefined) return haveSameTop(chain, certificate) ? [] : [clientsNeedRoot(path, 'warning')];
  const { problems } = await inFile(path, () => verifyChain({ chain, roots, purpose: 'serverAuth', allowWeak: true }));
  // If the chain has other problems, no client accepts the present certificate anyway.
  return problems.some(({ code }) => leadsToOtherCa(code)) ? [clientsNeedRoot(path, 'warning')] : [];
}

/** Whether two chains, whose roots are not known, end at a CA with the same name. */
function haveSameTop(a: string, b: string): boolean {
  const tops = topIssuers(b);
  return [...topIssuers(a)].some((name) => tops.has(name));
}

/**
 * The names of the CAs above a chain, as {@link nameKey} returns them: the names of its self-issued certificates,
 * and of the issuers that have no certificate in it.
 */
function topIssuers(chain: string): ReadonlySet<string> {
  const names = loadCertificates(chain).map(({ subject, issuer }) => [subject, issuer].map(nameKey));
  const subjects = new Set(names.map(([subject]) => subject));
  return new Set(names.filter(([own, above]) => own === above || !subjects.has(above)).map(([, above]) => above!));
}

/** The diagnostic for a plan after which the server shows a certificate of another CA than now. */
export function clientsNeedRoot(file: string, severity: 'warning' | 'info'): Diagnostic {
  const message =
    'After this plan, the server has a certificate of another CA. A client that verifies the server, and whose root file lacks the root of that CA, refuses the server. Give all clients the new root first';
  return planDiagnostic({ file }, 'tls-clients-need-root', severity, message);
}
