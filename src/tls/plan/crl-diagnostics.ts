import { pathInDataDirectory } from '../../c/paths.ts';
import { checkRevocation } from '../../pki/index.ts';
import type { Diagnostic } from '../../text/diagnostic.ts';
import type { CrlRequest } from './crl.ts';
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
  { server, now }: Pick<CrlRequest, 'server' | 'now'>,
  authorities: string,
  crls: string,
): Promise<readonly Diagnostic[]> {
  const file = server.crl!.path;
  const problems = await inFile(file, () => checkRevocation({ authorities, crls, at: now }));
  return problems.map(({ message }) =>
    diagnosticAt({ file }, 'tls-crl-refuses', 'warning', `${message}. planRevocation puts the next CRL in place`),
  );
}

/** Says that a plan does not look at CRLs that the server reads from a directory, where such CRLs may decide. */
export function crlDirectoryDiagnostics({
  server,
  settings,
}: Pick<CrlRequest, 'server' | 'settings'>): readonly Diagnostic[] {
  const directory = setting(settings, 'ssl_crl_dir');
  if (directory === undefined) return [];
  const message =
    'The server reads CRLs from this directory, and the plan does not look at them: whether they have expired or revoke a certificate is not known. Put them into one file in ssl_crl_file, and reset ssl_crl_dir';
  const file = pathInDataDirectory(server.dataDirectory, directory);
  return [diagnosticAt({ file }, 'tls-crl-directory', 'warning', message)];
}
