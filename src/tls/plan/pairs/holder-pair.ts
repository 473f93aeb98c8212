import type { ConfTree } from '../../../conf/tree.ts';
import type { TargetFile } from '../../../disk/file-state.ts';
import { sameName } from '../../../names/canonical-name.ts';
import { formatEncodedName } from '../../../names/format-name.ts';
import { type Certificate, readCertificate } from '../../../pki/certificate/certificate.ts';
import type { Diagnostic } from '../../../text/diagnostic.ts';
import type { ClientState, ServerState } from '../../state.ts';
import { crlsInForce } from '../crl/crl-files.ts';
import type { PlannedRequest } from '../data/plan-data.ts';
import type { WantedFile } from '../data/planned-write.ts';
import { presentCertificates } from '../pem-files.ts';
import { planDiagnostic } from '../plan-diagnostic.ts';
import { invalid } from '../request/invalid.ts';
import { isCaInForce } from '../settings/settings.ts';
import { type CertificatePair, foreign, type PairText, readPair } from './certificates.ts';
import { foreignPair } from './foreign-pair.ts';
import { type Holder, passphraseOf } from './holder.ts';
import { coversHosts, hostsOf } from './hosts.ts';
import { ownTargets } from './own-files.ts';
import type { PairFiles } from './pair-files.ts';
import { otherPurpose } from './peer.ts';
import { keyOfClient, keyOfServer, requestLike, wantedKey } from './request-keys.ts';
import { checkedRoots } from './roots.ts';

/** The parameters for the next certificate of one holder: the server or a client. */
export interface HolderRequest {
  readonly server: ServerState;
  /** The settings of the server. */
  readonly settings: ConfTree;
  /** The state of the client's directory, if the plan includes the client's files. */
  readonly client?: ClientState | undefined;
  /** The holder of the certificate. */
  readonly holder: Holder;
  /** The passphrase of the server's private key. */
  readonly passphrase?: string | undefined;
  /** Whether the server gets a new key. */
  readonly newKey?: boolean;
  /** The time for which the plan is made. */
  readonly now: Date;
}

/** The certificate file and key file of the holder. */
export function filesOf({ server, client, holder }: HolderRequest): PairFiles {
  return holder === 'server' ? server : client!;
}

/**
 * Checks a new certificate that replaces the present certificate, and returns it with its key. The new certificate must
 * be for the present key, or for the key of an open certificate request. It must be for the same hosts or the same
 * user, and its chain must lead to a root that the peer trusts now.
 *
 * @param given the certificate with its intermediate certificates, and the roots to which its chain must lead, PEM
 * @throws PgHostsslError `argument-invalid` if there is no certificate to replace; `certificate-unfit`, `key-mismatch`
 */
export async function takenPair(
  request: HolderRequest,
  given: { readonly certificate: string; readonly roots: string | Uint8Array },
): Promise<CertificatePair> {
  const { server, holder, now } = request;
  const { certificate, privateKey } = filesOf(request);
  const name = `${holder}Certificate`;
  const present = presentCertificates(certificate);
  if (present === '')
    throw invalid(name, `replaces the certificate in ${certificate.path}, but this file does not exist`);
  const { subject } = readCertificate(present);
  const pendingKey = holder === 'server' ? (await ownTargets(server, given.certificate)).privateKey : undefined;
  return foreignPair({
    certificate,
    privateKey,
    passphrase: passphraseOf(request),
    now,
    holder,
    name,
    foreign: given,
    pendingKey,
    objection: (pem) => {
      if (holder === 'server') {
        return coversHosts(pem, hostsOf(present)) ? undefined : 'is not valid for all hosts of the present certificate';
      }
      return sameName(readCertificate(pem).subject, subject)
        ? undefined
        : 'names another user than the present certificate';
    },
    roots: checkedRoots(given.roots, `${name}.roots`),
    trusted: rootsOfPeer(request),
    replaceForeign: false,
    crls: holder === 'client' ? crlsInForce(request) : undefined,
  });
}

/** The roots with which the peer of the holder verifies the certificate now, PEM; `undefined` if they are not known. */
export function rootsOfPeer({ server, settings, client, holder }: HolderRequest): string | undefined {
  const file = holder === 'server' ? client?.ca : isCaInForce(server, settings) ? server.ca : undefined;
  return file?.content && presentCertificates(file);
}

/**
 * Reads the certificate and the key from the holder's files.
 *
 * @throws PgHostsslError `certificate-foreign` if one of the two files is missing, or if the certificate is not for
 * this kind of holder; `key-mismatch`; the codes of reading certificates and keys
 */
export async function wholePair(request: HolderRequest): Promise<PairText> {
  const { certificate, privateKey } = filesOf(request);
  const { pair } = await readPair(certificate, privateKey, { passphrase: passphraseOf(request) });
  const objection = otherPurpose(pair.certificate, request.holder);
  if (objection !== undefined) throw foreign(certificate.path, objection);
  return pair;
}

/**
 * The warnings for expired certificates, if the certificate in a file gets a successor with the same names. Whoever can
 * write the file may have put back the certificate of a holder that must not get a new certificate, or may have signed
 * a certificate with the key of an expired CA.
 *
 * @param path the certificate in the file, and the CA certificates above it
 */
export function expiredDiagnostics(
  { path: file }: TargetFile,
  path: readonly Certificate[],
  now: Date,
): readonly Diagnostic[] {
  return path
    .filter(({ notAfter }) => notAfter < now)
    .map((expired) => {
      const names = expired === path[0] ? 'its names' : 'the names of the certificate';
      const message = `${shownInPath(expired, path)} has expired, and ${names} stay in the next certificate. Check that its holder may have a new certificate`;
      return planDiagnostic({ file }, 'tls-certificate-expired', 'warning', message);
    });
}

/** The words for a certificate of a path at the beginning of a message. */
export function shownInPath(certificate: Certificate, path: readonly Certificate[]): string {
  if (certificate === path[0]) return 'The certificate';
  return `The CA certificate ${JSON.stringify(formatEncodedName(certificate.subject))} above the certificate`;
}

/** A certificate request for a certificate that will replace the present certificate. */
export interface RequestedAgain {
  /** The certificate request. */
  readonly request: PlannedRequest;
  /** The file for the private key of the request. */
  readonly keyFile: WantedFile;
}

/**
 * Creates a request for a new certificate with the names of the present certificate.
 *
 * @throws PgHostsslError `certificate-foreign` if one of the two files is missing; `key-mismatch`; the codes of reading
 * keys
 */
export async function requestAgain(request: HolderRequest): Promise<RequestedAgain> {
  const { server, client, holder, newKey = false, passphrase } = request;
  const { certificate, privateKey } = filesOf(request);
  await wholePair(request);
  const found =
    holder === 'server' ? await keyOfServer({ server, newKey, passphrase }) : await keyOfClient({}, privateKey);
  return {
    request: await requestLike(holder, presentCertificates(certificate), found.key),
    keyFile: wantedKey(found, holder, holder === 'server' ? server.owner : client?.owner),
  };
}
