import type { ConfTree } from '../../../conf/tree.ts';
import type { TargetFile } from '../../../disk/file-state.ts';
import { unlessInvalid } from '../../../errors.ts';
import { sameName } from '../../../names/canonical-name.ts';
import { certificatePem, damageOf, loadCertificates, readCertificate } from '../../../pki/certificate/certificate.ts';
import type { CertificateAuthority } from '../../../pki/issue/authority.ts';
import { verifySignature } from '../../../pki/keys/verify-signature.ts';
import { renewalsDue } from '../../../pki/lifecycle/renewals-due.ts';
import { completeProvider } from '../../../pki/provider/provider.ts';
import type { Diagnostic } from '../../../text/diagnostic.ts';
import type { ClientState, ServerState } from '../../state.ts';
import { presentCertificates } from '../pem-files.ts';
import { planDiagnostic } from '../plan-diagnostic.ts';
import { isCaInForce } from '../settings/settings.ts';

/** The CA of a renewal, and the files with which the server and the client verify its certificates. */
interface AuthorityInUse {
  readonly server: ServerState;
  readonly client?: ClientState | undefined;
  readonly settings: ConfTree;
  readonly authority: CertificateAuthority;
  /** The time for which the plan is made. */
  readonly now: Date;
}

/**
 * The warnings that the CA, or its root in the root file of the server or the client, expires soon. A certificate is
 * not valid longer than its CA, so the last certificates of a CA are valid for shorter and shorter periods. If the CA
 * was renewed with its old key, a root file may still hold the old root. Nobody accepts a certificate after the end of
 * that root, even if the certificate itself is valid longer.
 */
export async function authorityEnds(request: AuthorityInUse): Promise<readonly Diagnostic[]> {
  const { server, client, settings, authority, now } = request;
  const files = [...(isCaInForce(server, settings) ? [server.ca] : []), ...(client === undefined ? [] : [client.ca])];
  const { certificate } = authority;
  const end = endSoon(certificate, now);
  const message = `The CA certificate expires at ${end?.toISOString()}, and no certificate from this CA is valid longer. Plan the next CA with planCaRollover`;
  return [
    ...(end === undefined ? [] : [warning(server.ca, message)]),
    ...(await Promise.all(files.map((file) => rootEnds(file, authority, now)))).flat(),
  ];
}

/** The warning that the root of the CA in a root file expires soon, unless the root is the CA itself. */
async function rootEnds(
  file: TargetFile,
  { certificate, chain }: CertificateAuthority,
  now: Date,
): Promise<readonly Diagnostic[]> {
  const top = loadCertificates(chain).at(-1)!;
  const provider = await completeProvider();
  const present = unlessInvalid(() => loadCertificates(presentCertificates(file)), 'certificate-invalid') ?? [];
  // A root with the name of the CA and another key is another CA. An unknown kind of key may be that of the root.
  const isAbove = await Promise.all(
    present.map(
      async (each) =>
        damageOf(each) === undefined &&
        sameName(each.subject, top.issuer) &&
        (await verifySignature(top.der, each.publicKey, provider)) !== 'invalid',
    ),
  );
  const [last] = present
    .filter((_, i) => isAbove[i])
    .toSorted((a, b) => b.notAfter.getTime() - a.notAfter.getTime())
    .map(({ der }) => certificatePem(der));
  const end = last === undefined || last === certificate ? undefined : endSoon(last, now);
  if (end === undefined) return [];
  const message = `The root of the CA in this file is valid until ${end.toISOString()}. After that, a server or client that uses this file refuses every certificate of the CA. Replace the root with planCaRollover`;
  return [warning(file, message)];
}

/** The end of a CA certificate that is due for renewal; `undefined` if it is not due. */
function endSoon(certificate: string, now: Date): Date | undefined {
  const [item] = renewalsDue({ now, certificates: certificate });
  return item!.state === 'good' ? undefined : readCertificate(certificate).notAfter;
}

function warning({ path }: TargetFile, message: string): Diagnostic {
  return planDiagnostic({ file: path }, 'tls-authority-ends', 'warning', message);
}
