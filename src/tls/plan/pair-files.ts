import type { TargetFile } from '../../disk/file-state.ts';
import type { ServerState } from '../state.ts';
import { mayQuote } from './accepted.ts';
import { type CertificatePair, ensurePair } from './certificates.ts';
import { foreignPair } from './foreign-pair.ts';
import { coversHosts } from './hosts.ts';
import type { Dated } from './moment.ts';
import { ownTargets } from './own-files.ts';
import type { PlanStep } from './plan-data.ts';
import type { WantedFile } from './planned-write.ts';
import type { TlsRequest } from './request.ts';
import { checkedRoots } from './roots.ts';

/** The part of a request that decides about the server's certificate and key. */
type ServerPairRequest = Dated<Omit<TlsRequest, 'connection'>>;

/** The server's certificate and key. The existing ones are kept if they are good for these hosts. */
export async function ensureServerPair(request: ServerPairRequest, hosts: readonly string[]): Promise<CertificatePair> {
  const { server, issue, serverCertificate, replaceForeign = false, passphrase, now } = request;
  const { certificate, privateKey } = server;
  const suffices = (pem: string): boolean => coversHosts(pem, hosts);
  const files = { certificate, privateKey, passphrase, now, replaceForeign };
  if (serverCertificate !== undefined) {
    const roots = checkedRoots(serverCertificate.roots, 'serverCertificate.roots');
    const pendingKey =
      serverCertificate.certificate && (await ownTargets(server, serverCertificate.certificate)).privateKey;
    return foreignPair({
      ...files,
      holder: 'server',
      name: 'serverCertificate',
      foreign: serverCertificate,
      ...(pendingKey && { pendingKey }),
      objection: (pem) => (suffices(pem) ? undefined : 'is not valid for all hosts of the request'),
      roots,
    });
  }
  const authority = request.authority!;
  return ensurePair({
    ...files,
    suffices,
    authority,
    newKey: wantsNewKey(request, 'server'),
    issue: (key) =>
      authority.issueServerCertificate({
        ...issue?.server,
        ...(key !== undefined && { key }),
        hosts: [...new Set(hosts)],
      }),
  });
}

/**
 * The client's certificate and key. The existing ones are kept if they are good for this user.
 *
 * @param name the property of the request that holds a certificate from another CA
 * @param crls the CRLs that the server reads, PEM
 */
export function ensureClientPair(
  request: Dated<TlsRequest>,
  user: string,
  name: string,
  crls: string | undefined,
): Promise<CertificatePair> {
  const { client, clientCertificate, issue, replaceForeign = false, now } = request;
  const files = {
    certificate: client?.certificate ?? { path: '' },
    privateKey: client?.privateKey ?? { path: '' },
    now,
    replaceForeign,
  };
  if (clientCertificate !== undefined) {
    return foreignPair({
      ...files,
      holder: 'client',
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
    newKey: wantsNewKey(request, 'client'),
    objection: ({ commonName }) => {
      if (commonName === user) return undefined;
      const isShown = client !== undefined && mayQuote(client.certificate, client.owner);
      return `the certificate of ${isShown ? JSON.stringify(commonName) : 'another user'}, not of ${JSON.stringify(user)}`;
    },
    suffices: () => true,
    issue: (key) => authority.issueClientCertificate({ ...issue?.client, ...(key !== undefined && { key }), user }),
  });
}

function wantsNewKey({ newKey = false }: Pick<TlsRequest, 'newKey'>, side: 'server' | 'client'): boolean {
  return newKey === true || newKey === side;
}

/** The files of a certificate and its key. */
export type PairFiles = Pick<ServerState, 'certificate' | 'privateKey'>;

/**
 * The files for the server's certificate and key. If the server reads two files, they are never replaced one after the
 * other.
 */
export async function serverTargetsOf(server: ServerState, { kept, certificate }: CertificatePair): Promise<PairFiles> {
  const isOneFile = server.certificate.path === server.privateKey.path;
  const isFree = server.certificate.content === undefined && server.privateKey.content === undefined && !isOneFile;
  if (kept === 'both' || (kept === 'key' && !isOneFile)) return server;
  const own = await ownTargets(server, certificate);
  // The file may exist already, because the key was made for a certificate request.
  return isFree && own.privateKey.content === undefined ? server : own;
}

/**
 * The files of a certificate and its key. The key comes first, because nobody can use a certificate without its key.
 */
export function pairFiles(
  files: PairFiles,
  pair: CertificatePair,
  holder: 'server' | 'client',
  owner: ServerState['owner'],
): readonly WantedFile[] {
  const { certificate, privateKey } = files;
  const step = (file: TargetFile): PlanStep => {
    if (holder === 'client') return 'client';
    return file.content === undefined ? 'new-file' : 'server-file';
  };
  const wanted: readonly WantedFile[] = [
    {
      file: privateKey,
      step: step(privateKey),
      what: `the ${holder}'s private key`,
      content: contentOf(privateKey, pair.privateKey, pair.kept !== 'none'),
      secret: true,
      owner,
    },
    {
      file: certificate,
      step: step(certificate),
      what: `the ${holder}'s certificate`,
      content: contentOf(certificate, pair.certificate, pair.kept === 'both'),
      owner,
    },
  ];
  return certificate.path === privateKey.path ? wanted.slice(0, 1) : wanted;
}

/** A kept file keeps its bytes, because it may have text in any encoding around its PEM blocks. */
function contentOf(file: TargetFile, text: string, isKept: boolean): Uint8Array {
  return isKept && file.content !== undefined ? file.content() : new TextEncoder().encode(text);
}
