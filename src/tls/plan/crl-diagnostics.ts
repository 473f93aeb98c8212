import { pathInDataDirectory } from '../../c/paths.ts';
import { checkRevocation } from '../../pki/index.ts';
import type { Diagnostic } from '../../text/diagnostic.ts';
import { placeOfCrls, type SetServer, unreadCrls } from './crl-files.ts';
import { diagnosticAt } from './diagnostic-at.ts';
import { inFile } from './pem-files.ts';
import { setting } from './settings.ts';

/**
 * What the user of a plan should know about the CRLs in force: with one that is missing or has expired, the server refuses
 * every certificate of a CA.
 *
 * @param authorities the certificates that the server trusts after the plan, and those of the CA's chain, PEM
 */
export async function crlDiagnostics(
  { now, ...given }: SetServer & { readonly now: Date },
  authorities: string,
  crls: string,
): Promise<readonly Diagnostic[]> {
  const file = placeOfCrls(given);
  const problems = await inFile(file, () => checkRevocation({ authorities, crls, at: now }));
  return problems.map(({ message }) =>
    diagnosticAt({ file }, 'tls-crl-refuses', 'warning', `${message}. planRevocation puts the next CRL in place`),
  );
}

/** Says that the CRLs in the directory that the server reads are not part of its state. */
export function crlDirectoryDiagnostics(given: SetServer): readonly Diagnostic[] {
  const { server, settings } = given;
  if (!unreadCrls(given).includes('ssl_crl_dir')) return [];
  const message =
    'The server reads CRLs from this directory, which is not part of the state of the server: whether they have expired or revoke a certificate is not known. Read the server with `readServer`';
  const file = pathInDataDirectory(server.dataDirectory, setting(settings, 'ssl_crl_dir')!);
  return [diagnosticAt({ file }, 'tls-crl-directory', 'warning', message)];
}
