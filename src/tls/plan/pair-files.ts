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

/** What of a request decides about the server's certificate and key. */
type ServerPairRequest = Dated<Omit<TlsRequest, 'connection'>>;

/** The server's certificate and key: those of the files if they are good for these hosts. */
export function ensureServerPair(request: ServerPairRequest, hosts: readonly string[]): Promise<CertificatePair> {
  const { server, authority, issue, serverCertificate, replaceForeign = false, passphrase, now } = request;
  const { certificate, privateKey } = server;
  const suffices = (pem: string): boolean => coversHosts(pem, hosts);
  const files = { certificate, privateKey, suffices, passphrase, now };
  if (serverCertificate !== undefined) {
    const roots = checkedRoots(serverCertificate.roots, 'serverCertificate.roots');
    return foreignPair({ ...files, foreign: serverCertificate, roots });
  }
  return ensurePair({
    ...files,
    authority,
    replaceForeign,
    newKey: wantsNewKey(request, 'server'),
    issue: (key) =>
      authority.issueServerCertificate({
        ...issue?.server,
        ...(key !== undefined && { key }),
        hosts: [...new Set(hosts)],
      }),
  });
}

/** The client's certificate and key: those of the files if they are good for this user. */
export function ensureClientPair(request: Dated<TlsRequest>, user: string): Promise<CertificatePair> {
  const { client, authority, issue, replaceForeign = false, now } = request;
  return ensurePair({
    certificate: client?.certificate ?? { path: '' },
    privateKey: client?.privateKey ?? { path: '' },
    authority,
    replaceForeign,
    newKey: wantsNewKey(request, 'client'),
    now,
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

/** Where the server's pair goes. Two files that the server reads are never replaced one after the other. */
export async function serverTargetsOf(server: ServerState, { kept, certificate }: CertificatePair): Promise<PairFiles> {
  const isOneFile = server.certificate.path === server.privateKey.path;
  const isFree = server.certificate.content === undefined && server.privateKey.content === undefined && !isOneFile;
  if (kept === 'both' || isFree || (kept === 'key' && !isOneFile)) return server;
  return ownTargets(server, certificate);
}

/** The files of a pair. The key comes first: a certificate without its key is of no use to anyone. */
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

/** A kept file keeps its bytes: text in any encoding may be around its PEM blocks. */
function contentOf(file: TargetFile, text: string, isKept: boolean): Uint8Array {
  return isKept && file.content !== undefined ? file.content() : new TextEncoder().encode(text);
}
