import { decodePem, encodePem, isPrivateKeyBlock } from '../../asn1/pem.ts';
import { trimSpaces } from '../../c/ascii.ts';
import { pathInDataDirectory } from '../../c/paths.ts';
import type { ConfTree } from '../../conf/index.ts';
import type { TargetFile } from '../../disk/file-state.ts';
import { PgHostsslError } from '../../errors.ts';
import { readCertificate } from '../../pki/certificate/certificate.ts';
import {
  type CertificateAuthority,
  checkRevocation,
  inspectCertificate,
  inspectCrl,
  type Revocation,
  type RevocationProblem,
  renewalsDue,
  type Validity,
} from '../../pki/index.ts';
import { crlBlocks, readCrls } from '../../pki/revocation/crl.ts';
import { isIssuerOfCrl, newestCrl } from '../../pki/revocation/find-crl.ts';
import type { ServerState } from '../state.ts';
import { certificatesOf, inFile, textOf } from './pem-files.ts';
import type { WantedFile } from './planned-write.ts';
import { setting } from './settings.ts';

/** What a new CRL is made from. */
export interface CrlRequest {
  /** The server. */
  readonly server: ServerState;
  /** The settings of its files. */
  readonly settings: ConfTree;
  /** The CA whose CRL it is. */
  readonly authority: CertificateAuthority;
  /** The present moment. */
  readonly now: Date;
  /** The certificates to revoke. */
  readonly revoked?: readonly Revocation[];
  /** The period of validity. */
  readonly validity?: Validity | undefined;
  /** CRLs of other CAs to add, PEM. */
  readonly others?: string | undefined;
}

/** Whether the server reads its file of CRLs. */
function hasCrlInForce({ server, settings }: Pick<CrlRequest, 'server' | 'settings'>): boolean {
  const path = setting(settings, 'ssl_crl_file');
  return path !== undefined && pathInDataDirectory(server.dataDirectory, path) === server.crl?.path;
}

/** The CRLs that the server reads, PEM; undefined if its settings name no file of CRLs, or the file is missing. */
export function crlsInForce({ server, settings }: Pick<CrlRequest, 'server' | 'settings'>): string | undefined {
  const { crl } = server;
  return crl?.content === undefined || !hasCrlInForce({ server, settings }) ? undefined : textOf(crl.content());
}

/** Whether a CRL of the CA, which the server reads, revokes the certificate in a file. */
export async function isRevoked(
  request: Pick<CrlRequest, 'server' | 'settings' | 'authority'>,
  file: TargetFile,
): Promise<boolean> {
  const crls = crlsInForce(request);
  const certificate = file.content === undefined ? '' : certificatesOf(textOf(file.content()));
  if (crls === undefined || certificate === '') return false;
  const own = await inFile(request.server.crl!.path, () => parted(crls, request.authority).own);
  if (own === undefined) return false;
  const { serialNumber } = await inFile(file.path, () => inspectCertificate(certificate));
  return inspectCrl(own).revoked.some((entry) => entry.serialNumber === serialNumber);
}

/** Whether the server reads CRLs from a file, and none of them is the CA's. */
export async function lacksCrl(request: Pick<CrlRequest, 'server' | 'settings' | 'authority'>): Promise<boolean> {
  if (setting(request.settings, 'ssl_crl_file') === undefined) return false;
  const crls = crlsInForce(request) ?? '';
  const { own } = await inFile(fileOfCrls(request).path, () => parted(crls, request.authority));
  return own === undefined;
}

/** Whether the CRL of the CA in a file that the server reads is to be renewed. */
export function isCrlDue(request: Pick<CrlRequest, 'server' | 'settings' | 'authority' | 'now'>): Promise<boolean> {
  const { server, authority, now } = request;
  const crls = crlsInForce(request);
  if (crls === undefined) return Promise.resolve(false);
  return inFile(server.crl!.path, () => {
    const { own } = parted(crls, authority);
    return own !== undefined && renewalsDue({ now, crls: own }).some(({ state }) => state !== 'good');
  });
}

/** The server's file of CRLs after a plan. */
export interface NextCrls extends WantedFile {
  /** Whether the file had no CRL of the CA. */
  readonly isFirst: boolean;
}

/**
 * The server's file of CRLs with the next CRL of the CA. Entries of its last one and CRLs of other CAs stay.
 *
 * @throws PgHostsslError `argument-invalid`; `crl-directory-set`; `crl-file-foreign`; `crl-invalid`;
 * `private-key-misplaced`; `crl-incomplete` if the server would then refuse certificates that it takes now, since it asks for
 * a CRL of every CA above a certificate (`X509_V_FLAG_CRL_CHECK_ALL`); the codes of issuing CRLs
 */
export async function nextCrls(request: CrlRequest): Promise<NextCrls> {
  const { server, authority, now, revoked = [], validity } = request;
  const file = fileOfCrls(request);
  const before = file.content === undefined ? '' : textOf(file.content());
  assertCrlsOnly(file.path, before);
  const present = await inFile(file.path, () => crlsIn(before));
  const { own, rest } = parted([...present, ...givenCrls(request.others)].join(''), authority);
  const { crl } = await authority.issueCrl({
    revoked,
    ...(own !== undefined && { previous: own }),
    ...(validity && { validity }),
  });
  const content = `${rest}${crl}`;
  const isInForce = hasCrlInForce(request);
  await assertComplete(request, content, isInForce ? before : undefined, now);
  return {
    file,
    step: isInForce ? 'server-file' : 'new-file',
    what: 'the certificate revocation lists',
    content: new TextEncoder().encode(content),
    owner: server.owner,
    isFirst: own === undefined,
  };
}

/**
 * Checks that the server reads CRLs from a file alone. Of two CRLs of a CA it would use the newer one.
 *
 * @throws PgHostsslError `crl-directory-set`
 */
export function assertNoCrlDirectory({ server, settings }: Pick<CrlRequest, 'server' | 'settings'>): void {
  const directory = setting(settings, 'ssl_crl_dir');
  if (directory === undefined) return;
  throw new PgHostsslError('crl-directory-set', 'The server also reads CRLs from the directory in ssl_crl_dir', {
    file: pathInDataDirectory(server.dataDirectory, directory),
    hint: 'Nothing was planned. Of two CRLs of a CA the server uses the newer one alone. Put the CRLs of the directory into the file in ssl_crl_file, reset ssl_crl_dir, and plan again.',
  });
}

/**
 * The file of CRLs that a plan writes.
 *
 * @throws PgHostsslError `argument-invalid` if the state of the server lacks the file that the settings name: its entries
 * would be lost; `crl-directory-set`
 */
function fileOfCrls({ server, settings }: Pick<CrlRequest, 'server' | 'settings'>): TargetFile {
  assertNoCrlDirectory({ server, settings });
  const file = server.crl ?? { path: pathInDataDirectory(server.dataDirectory, 'root.crl') };
  if (setting(settings, 'ssl_crl_file') === undefined || hasCrlInForce({ server, settings })) return file;
  throw new PgHostsslError(
    'argument-invalid',
    'The property server.crl of the request is not the file in ssl_crl_file',
    {
      hint: 'Read the server with `readServer`, or give the file as `server.crl`: the next CRL takes over its entries.',
    },
  );
}

/**
 * Checks that a file that a plan replaces holds CRLs alone.
 *
 * @throws PgHostsslError `crl-file-foreign`
 */
function assertCrlsOnly(file: string, text: string): void {
  const blocks = decodePem(text);
  if (blocks.length === 0 ? trimSpaces(text) === '' : blocks.length === crlBlocks(text).length) return;
  throw new PgHostsslError(
    'crl-file-foreign',
    'This file holds something other than CRLs, which the plan would remove',
    {
      file,
      hint: 'Nothing was planned. Move the file away, or name another file in ssl_crl_file.',
    },
  );
}

/**
 * The CRLs that a caller gives.
 *
 * @throws PgHostsslError `crl-invalid`; `private-key-misplaced`
 */
function givenCrls(text: string | undefined): readonly string[] {
  if (text === undefined) return [];
  if (decodePem(text).some(isPrivateKeyBlock)) {
    throw new PgHostsslError('private-key-misplaced', 'The property crls of the request holds a private key', {
      hint: 'Nothing was planned. Give CRLs alone.',
    });
  }
  if (trimSpaces(text) !== '') readCrls(text);
  return crlsIn(text);
}

/** The CRLs of a text, each as PEM with the label that OpenSSL reads. */
function crlsIn(text: string): readonly string[] {
  return crlBlocks(text).map(({ der }) => encodePem('X509 CRL', der));
}

/** The CRLs of a text: the latest one of the CA, and those of others. */
function parted(
  text: string,
  authority: CertificateAuthority,
): { readonly own: string | undefined; readonly rest: string } {
  const certificate = readCertificate(authority.certificate);
  const crls = crlBlocks(text).flatMap(({ der }) => readCrls(der));
  const own = newestCrl(crls, certificate);
  const rest = crls.filter((crl) => !isIssuerOfCrl(certificate, crl));
  return {
    own: own && encodePem('X509 CRL', own.der),
    rest: rest.map(({ der }) => encodePem('X509 CRL', der)).join(''),
  };
}

/** Refuses CRLs with which the server would refuse the certificates of a CA for the first time. */
async function assertComplete(
  { server, authority }: CrlRequest,
  crls: string,
  before: string | undefined,
  at: Date,
): Promise<void> {
  const trusted = server.ca.content === undefined ? '' : certificatesOf(textOf(server.ca.content()));
  const authorities = `${authority.chain}${trusted}`;
  const problems = async (text: string): Promise<readonly RevocationProblem[]> =>
    (await checkRevocation({ authorities, crls: text, at })).filter(({ severity }) => severity === 'error');
  const known = before === undefined ? [] : (await problems(before)).map(keyOf);
  const [first] = (await problems(crls)).filter((problem) => !known.includes(keyOf(problem)));
  if (first === undefined) return;
  throw new PgHostsslError('crl-incomplete', `With these CRLs the server would refuse certificates: ${first.message}`, {
    hint: 'Nothing was planned. Give the CRLs of the other CAs as `crls`.',
  });
}

function keyOf({ code, authority }: RevocationProblem): string {
  return JSON.stringify([code, authority]);
}
