import { decodePem, encodePem } from '../../asn1/pem.ts';
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
import { type Crl, crlBlocks, readCrls } from '../../pki/revocation/crl.ts';
import { isIssuerOfCrl, newestCrl } from '../../pki/revocation/find-crl.ts';
import type { ServerState } from '../state.ts';
import { crlsIn, givenCrls, takeCrls } from './given-crls.ts';
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
  /** Finished CRLs of other CAs, PEM. */
  readonly others?: string | undefined;
  /** Certificates of intermediate CAs that issued `others`, PEM. */
  readonly issuers?: string | undefined;
}

/** What the next CRLs of a server are made from. Without a CA they are the finished ones of other CAs. */
export type NextCrlsRequest = Omit<CrlRequest, 'authority'> & Partial<Pick<CrlRequest, 'authority'>>;

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
  /** Whether the file had no CRL of the CA, or none at all if there is no CA. */
  readonly isFirst: boolean;
  /** The serial numbers that finished CRLs revoke for the first time. */
  readonly revoked: readonly string[];
  /** The serial numbers that finished CRLs no longer revoke. */
  readonly dropped: readonly string[];
}

/**
 * The server's file of CRLs with the next CRL of the CA. Entries of its last one and CRLs of other CAs stay.
 *
 * @throws PgHostsslError `argument-invalid`; `crl-directory-set`; `crl-file-foreign`; `crl-invalid`;
 * `private-key-misplaced`; `crl-incomplete` if the server would then refuse certificates that it takes now, since it asks for
 * a CRL of every CA above a certificate (`X509_V_FLAG_CRL_CHECK_ALL`); `crl-unfit`; the codes of issuing CRLs
 */
export async function nextCrls(request: NextCrlsRequest): Promise<NextCrls> {
  const { server, authority, now, issuers = '' } = request;
  const file = fileOfCrls(request);
  const before = file.content === undefined ? '' : textOf(file.content());
  assertCrlsOnly(file.path, before);
  const present = await inFile(file.path, () => parsedCrls(crlsIn(before).join('')));
  const given = givenCrls(request.others);
  const own = authority && parted([...crlsIn(before), ...given].join(''), authority).own;
  const finished = authority === undefined ? given : crlsOfOthers(given, authority);
  const trusted = `${authority?.chain ?? ''}${trustedCertificates(server)}`;
  const taken = await takeCrls({ given: finished.join(''), trusted, issuers, present, now });
  const rest = authority === undefined ? taken.crls : ofOthers(taken.crls, authority);
  const content = `${rest.map(({ der }) => encodePem('X509 CRL', der)).join('')}${authority === undefined ? '' : await issued(request, authority, own)}`;
  const isInForce = hasCrlInForce(request);
  await assertComplete(`${trusted}${issuers}`, content, isInForce ? before : undefined, now);
  return {
    file,
    step: isInForce ? 'server-file' : 'new-file',
    what: 'the certificate revocation lists',
    content: new TextEncoder().encode(content),
    owner: server.owner,
    isFirst: authority === undefined ? present.length === 0 : own === undefined,
    revoked: taken.revoked,
    dropped: taken.dropped,
  };
}

async function issued(
  { revoked = [], validity }: NextCrlsRequest,
  authority: CertificateAuthority,
  previous: string | undefined,
): Promise<string> {
  const options = { revoked, ...(previous !== undefined && { previous }), ...(validity && { validity }) };
  return (await authority.issueCrl(options)).crl;
}

function crlsOfOthers(crls: readonly string[], authority: CertificateAuthority): readonly string[] {
  return crls.filter((crl) => ofOthers(parsedCrls(crl), authority).length > 0);
}

function ofOthers(crls: readonly Crl[], authority: CertificateAuthority): readonly Crl[] {
  const certificate = readCertificate(authority.certificate);
  return crls.filter((crl) => !isIssuerOfCrl(certificate, crl));
}

function parsedCrls(pem: string): readonly Crl[] {
  return pem === '' ? [] : readCrls(pem);
}

function trustedCertificates({ ca }: ServerState): string {
  return ca.content === undefined ? '' : certificatesOf(textOf(ca.content()));
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
async function assertComplete(authorities: string, crls: string, before: string | undefined, at: Date): Promise<void> {
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
