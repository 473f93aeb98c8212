import { decodePem, encodePem } from '../../../asn1/pem.ts';
import { isBlank } from '../../../c/ascii.ts';
import { pathInDataDirectory } from '../../../c/paths.ts';
import type { ConfTree } from '../../../conf/tree.ts';
import { findCrlFiles } from '../../../configuration/crl-directory.ts';
import type { TargetFile } from '../../../disk/file-state.ts';
import { PgHostsslError, unlessInvalid } from '../../../errors.ts';
import { readCertificate } from '../../../pki/certificate/certificate.ts';
import type { CertificateAuthority } from '../../../pki/issue/authority.ts';
import { type Crl, crlBlocks, intact, presentCrls, serverCrls } from '../../../pki/revocation/crl.ts';
import { nameHash, parseHashedCrlName } from '../../../pki/revocation/file-name.ts';
import { newestCrl } from '../../../pki/revocation/find-crl.ts';
import { crlFileOf } from '../../default-files.ts';
import type { ServerState } from '../../state.ts';
import { inFile, textOf } from '../pem-files.ts';
import { invalid } from '../request/invalid.ts';
import { setting } from '../settings/settings.ts';

/** The state of a server, and its settings in effect. */
export interface ConfiguredServer {
  readonly server: ServerState;
  readonly settings: ConfTree;
}

/** The state of a server, its settings, and a CA whose CRL is looked for. */
export interface ServerAndCa extends ConfiguredServer {
  /** The CA. Its key is not needed. */
  readonly authority: Pick<CertificateAuthority, 'certificate'>;
}

/** A file that holds CRLs of the server, or may hold them after a plan. */
export interface CrlFile {
  /** The file with its present content. */
  readonly file: TargetFile;
  /** The name of the file, if the file is in the directory of CRLs. */
  readonly name?: string;
  /** Whether a setting of the server names the file or its directory. */
  readonly isInForce: boolean;
  readonly crls: readonly Crl[];
}

/**
 * The CRLs that the server reads from `ssl_crl_file` and `ssl_crl_dir`, PEM; `undefined` if no setting names a file or
 * directory of CRLs, or if the given `ServerState` holds neither.
 */
export function crlsInForce(configured: ConfiguredServer): string | undefined {
  const { server } = configured;
  const ofFile =
    isFileInForce(configured) && server.crl?.content !== undefined ? textOf(server.crl.content()) : undefined;
  const ofDirectory = isDirectoryInForce(configured) ? textInDirectory(server.crlDirectory!.files) : undefined;
  return ofFile === undefined ? ofDirectory : `${ofFile}\n${ofDirectory ?? ''}`;
}

/**
 * The CRLs that OpenSSL finds in the files of a directory, PEM. A CRL in a file whose name has not the hash of its
 * issuer is left out.
 */
export function textInDirectory(files: readonly TargetFile[]): string {
  const contents = new Map(files.map((file) => [nameOf(file), file]));
  const hashes = [...contents.keys()].flatMap((name) => hashIn(name) ?? []);
  const { found } = findCrlFiles(hashes, (name) => contents.get(name)?.content?.());
  const crls = [...found].flatMap(([name, text]) =>
    serverCrls(text).filter(({ issuer }) => nameHash(issuer) === hashIn(name)),
  );
  return pemOf(crls);
}

/** The newest CRL of a CA among the CRLs that the server reads, PEM. */
export async function crlInForce(configured: ServerAndCa): Promise<string | undefined> {
  const crls = crlsInForce(configured);
  const authority = readCertificate(configured.authority.certificate);
  const newest = await inFile(placeOfCrls(configured), () => newestCrl(crlsOf(crls ?? ''), authority));
  return newest && pemOf([newest]);
}

/** Parses all CRLs in a PEM text. */
export function crlsOf(text: string): readonly Crl[] {
  return presentCrls(text).map(intact);
}

/** Encodes CRLs as PEM with the label that OpenSSL reads. */
export function pemOf(crls: readonly Crl[]): string {
  return crls.map(({ der }) => encodePem('X509 CRL', der)).join('');
}

/** The serial numbers of the certificates that a CRL revokes. */
export function serialNumbers({ revoked }: Crl): readonly string[] {
  return revoked.map(({ serialNumber }) => serialNumber);
}

/** The path that diagnostics about the server's CRLs name: the path of the directory or of the file. */
export function placeOfCrls({ server }: ConfiguredServer): string {
  return server.crlDirectory?.path ?? crlFileOf(server).path;
}

/**
 * Of the settings `ssl_crl_file` and `ssl_crl_dir`, those whose file or directory is missing in the given
 * `ServerState`.
 */
export function unreadCrls(configured: ConfiguredServer): readonly CrlSetting[] {
  const isSet = (name: CrlSetting): boolean => setting(configured.settings, name) !== undefined;
  return [
    ...(isSet('ssl_crl_file') && !isFileInForce(configured) ? (['ssl_crl_file'] as const) : []),
    ...(isSet('ssl_crl_dir') && !isDirectoryInForce(configured) ? (['ssl_crl_dir'] as const) : []),
  ];
}

type CrlSetting = 'ssl_crl_file' | 'ssl_crl_dir';

/** Whether the server checks CRLs, because `ssl_crl_file` or `ssl_crl_dir` is set. */
export function checksCrls({ settings }: ConfiguredServer): boolean {
  return ['ssl_crl_file', 'ssl_crl_dir'].some((name) => setting(settings, name) !== undefined);
}

/**
 * The files into which a plan may write the next CRLs of a server: all files in the CRL directory, and the CRL file.
 * The CRL file is left out if there is a CRL directory and `ssl_crl_file` does not name the CRL file.
 *
 * @throws PgHostsslError `argument-invalid` if the state of the server lacks a file that the settings name, because the
 * entries of that file would get lost; `crl-file-foreign`
 */
export async function crlFiles(configured: ConfiguredServer): Promise<readonly CrlFile[]> {
  assertCrlsRead(configured);
  const { server } = configured;
  const [file, isInForce] = [crlFileOf(server), isFileInForce(configured)];
  const isInDirectory = isDirectoryInForce(configured);
  const ofDirectory = (server.crlDirectory?.files ?? []).map((each) => {
    // A directory may contain files of any kind.
    const crls = unlessInvalid(() => crlsOf(textOf(each.content()))) ?? [];
    return { file: each, name: nameOf(each), isInForce: isInDirectory, crls };
  });
  if (server.crlDirectory !== undefined && !isInForce) return ofDirectory;
  const text = file.content === undefined ? '' : textOf(file.content());
  assertCrlsOnly(file.path, text);
  return [{ file, isInForce, crls: await inFile(file.path, () => crlsOf(text)) }, ...ofDirectory];
}

/** Whether `ssl_crl_file` names the file of CRLs in the given `ServerState`. */
function isFileInForce({ server, settings }: ConfiguredServer): boolean {
  const path = setting(settings, 'ssl_crl_file');
  return path !== undefined && pathInDataDirectory(server.dataDirectory, path) === server.crl?.path;
}

/** Whether `ssl_crl_dir` names the directory of CRLs in the given `ServerState`. */
export function isDirectoryInForce({ server, settings }: ConfiguredServer): boolean {
  const path = setting(settings, 'ssl_crl_dir');
  return path !== undefined && pathInDataDirectory(server.dataDirectory, path) === server.crlDirectory?.path;
}

/** Checks that the given `ServerState` holds the CRLs that the settings name. */
function assertCrlsRead(configured: ConfiguredServer): void {
  const [unread] = unreadCrls(configured);
  if (unread === undefined) return;
  const [name, what] =
    unread === 'ssl_crl_file'
      ? ['server.crl', 'the file in ssl_crl_file']
      : ['server.crlDirectory', 'the directory in ssl_crl_dir'];
  const hint = `Read the server with \`readServer\`, or give ${what} as \`${name}\`: the next CRL keeps the entries of that file.`;
  throw invalid(name, `is not ${what}`, hint);
}

function nameOf({ path }: TargetFile): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function hashIn(name: string): string | undefined {
  return parseHashedCrlName(name)?.hash;
}

/**
 * Checks that a file that a plan replaces holds nothing but CRLs.
 *
 * @throws PgHostsslError `crl-file-foreign`
 */
export function assertCrlsOnly(file: string, text: string): void {
  const blocks = decodePem(text);
  if (blocks.length === 0 ? isBlank(text) : blocks.length === crlBlocks(text).length) return;
  throw foreignFile(file, 'The file does not hold only CRLs, and the plan would remove the other content');
}

/** The error for a file in the place of a file of CRLs that a plan must not replace. */
export function foreignFile(file: string, message: string): PgHostsslError {
  return new PgHostsslError('crl-file-foreign', message, {
    file,
    hint: 'Nothing was planned. Move the file away, or name another file in ssl_crl_file or another directory in ssl_crl_dir.',
  });
}
