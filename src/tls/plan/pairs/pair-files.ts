import type { TargetFile } from '../../../disk/file-state.ts';
import type { ServerState } from '../../state.ts';
import type { PlanStep } from '../data/plan-data.ts';
import type { WantedFile } from '../data/planned-write.ts';
import type { Dated } from '../request/moment.ts';
import type { TlsRequest } from '../request/request.ts';
import { mayQuote } from '../settings/accepted.ts';
import { type CertificatePair, ensurePair } from './certificates.ts';
import { foreignPair } from './foreign-pair.ts';
import { type Holder, wantsNewKey } from './holder.ts';
import { coversHosts, hostsOf } from './hosts.ts';
import { ownTargets } from './own-files.ts';
import { checkedRoots } from './roots.ts';

/** The properties of a request on which the server's certificate and key depend. */
type ServerPairRequest = Dated<Omit<TlsRequest, 'connection'>>;

/**
 * The server's certificate and key after the plan. The existing certificate and key are kept if they cover these hosts
 * and are not due for renewal.
 *
 * @param trusted the roots that clients trust, PEM; `undefined` if they are not known
 */
export async function ensureServerPair(
  request: ServerPairRequest,
  hosts: readonly string[],
  trusted: string | undefined,
): Promise<CertificatePair> {
  const { server, issue, serverCertificate, replaceForeign = false, passphrase, now } = request;
  const { certificate, privateKey } = server;
  const suffices = (pem: string): boolean => coversHosts(pem, hosts);
  const files = { holder: 'server' as const, certificate, privateKey, passphrase, now, replaceForeign };
  if (serverCertificate !== undefined) {
    const roots = checkedRoots(serverCertificate.roots, 'serverCertificate.roots');
    const pendingKey =
      serverCertificate.certificate === undefined
        ? undefined
        : (await ownTargets(server, serverCertificate.certificate)).privateKey;
    return foreignPair({
      ...files,
      name: 'serverCertificate',
      foreign: serverCertificate,
      pendingKey,
      objection: (pem) => objectionOf(pem, hosts),
      roots,
    });
  }
  const authority = request.authority!;
  return ensurePair({
    ...files,
    suffices,
    authority,
    roots: trusted,
    newKey: wantsNewKey(request.newKey, 'server'),
    issue: (key) =>
      authority.issueServerCertificate({
        ...issue?.server,
        ...(key !== undefined && { key }),
        hosts: [...new Set(hosts)],
      }),
  });
}

/** Says why a server certificate does not fit the hosts of a request; `undefined` if the certificate fits. */
function objectionOf(pem: string, hosts: readonly string[]): string | undefined {
  const missing = hosts.filter((host) => !coversHosts(pem, [host]));
  if (missing.length === 0) return undefined;
  const what = `is not valid for all hosts of the request: no subject alternative name matches ${missing.join(', ')}`;
  if (hostsOf(pem).length > 0) return what;
  return `${what}. The certificate has no DNS name or IP address as a subject alternative name (subjectAltName), and some clients ignore the common name`;
}

/** The files with which the server verifies clients after the plan. */
export interface ClientVerification {
  /** The certificates that the server trusts, PEM. */
  readonly trusted: string;
  /** The CRLs of the server, PEM; `undefined` if the server checks no CRLs. */
  readonly crls: string | undefined;
}

/**
 * The client's certificate and key after the plan. The existing certificate and key are kept if they are for this user
 * and not due for renewal.
 *
 * @param name the property of the request that holds a certificate from another CA
 * @param verification the files with which the server verifies clients after the plan
 */
export function ensureClientPair(
  request: Dated<TlsRequest>,
  user: string,
  name: string,
  { trusted, crls }: ClientVerification,
): Promise<CertificatePair> {
  const { client, clientCertificate, issue, replaceForeign = false, now } = request;
  const files = {
    holder: 'client' as const,
    certificate: client?.certificate ?? { path: '' },
    privateKey: client?.privateKey ?? { path: '' },
    now,
    replaceForeign,
  };
  if (clientCertificate !== undefined) {
    return foreignPair({
      ...files,
      name,
      foreign: clientCertificate,
      objection: (_, { commonName }) =>
        commonName === user ? undefined : `names another user than ${JSON.stringify(user)} as its common name`,
      roots: checkedRoots(clientCertificate.roots, `${name}.roots`),
      crls,
    });
  }
  const authority = request.authority!;
  return ensurePair({
    ...files,
    authority,
    roots: trusted,
    newKey: wantsNewKey(request.newKey, 'client'),
    objection: ({ commonName }) => {
      if (commonName === user) return undefined;
      const isShown = client !== undefined && mayQuote(client.certificate, client.owner);
      return `the certificate of ${isShown ? JSON.stringify(commonName) : 'another user'}, not of ${JSON.stringify(user)}`;
    },
    suffices: () => true,
    issue: (key) => authority.issueClientCertificate({ ...issue?.client, ...(key !== undefined && { key }), user }),
  });
}

/** The file of a certificate, and the file of its key. */
export type PairFiles = Pick<ServerState, 'certificate' | 'privateKey'>;

/**
 * The files to which the server's certificate and key are written. If the server reads them from two files, a plan
 * never replaces both files: a new certificate with a new key gets new file names.
 */
export async function serverTargetsOf(server: ServerState, { kept, certificate }: CertificatePair): Promise<PairFiles> {
  const isOneFile = server.certificate.path === server.privateKey.path;
  const isFree = server.certificate.content === undefined && server.privateKey.content === undefined && !isOneFile;
  if (kept === 'both' || (kept === 'key' && !isOneFile)) return server;
  const own = await ownTargets(server, certificate);
  // A file with the new name may exist already, if the key was made for a certificate request.
  return isFree && own.privateKey.content === undefined ? server : own;
}

/**
 * The files that a plan writes for a certificate and its key. The key comes first, because nobody can use a certificate
 * without its key.
 */
export function pairFiles(
  files: PairFiles,
  pair: CertificatePair,
  holder: Holder,
  owner: ServerState['owner'],
): readonly WantedFile[] {
  const { certificate, privateKey } = files;
  const step = (file: TargetFile): PlanStep => {
    if (holder === 'client') return 'client';
    return file.content === undefined ? 'new-file' : 'server-file';
  };
  // A kept file keeps its bytes, because it may have text in any encoding around its PEM blocks.
  const wanted: readonly WantedFile[] = [
    {
      file: privateKey,
      step: step(privateKey),
      what: `the ${holder}'s private key`,
      content: (pair.kept === 'none' ? undefined : privateKey.content?.()) ?? encoded(pair.privateKey),
      secret: true,
      owner,
    },
    {
      file: certificate,
      step: step(certificate),
      what: `the ${holder}'s certificate`,
      content: (pair.kept === 'both' ? certificate.content?.() : undefined) ?? encoded(pair.certificate),
      owner,
    },
  ];
  return certificate.path === privateKey.path ? wanted.slice(0, 1) : wanted;
}

function encoded(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
