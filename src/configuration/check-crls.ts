import { PgHostsslError } from '../errors.ts';
import { readCertificate } from '../pki/certificate/certificate.ts';
import { type CheckRevocationOptions, revocationProblems } from '../pki/revocation/check-revocation.ts';
import { loadCrls } from '../pki/revocation/crl.ts';
import { nameHash } from '../pki/revocation/file-name.ts';
import { type CrlDirectory, type CrlTexts, findCrlFiles } from './crl-directory.ts';
import { certificatesIn, type Finding, type PemFile, unlessDamaged } from './pem-file.ts';

/** The CRLs of a server, with the CA certificates that issued them. */
interface ServerCrls {
  readonly crl: PemFile | undefined;
  readonly ca: PemFile | undefined;
  readonly directory: CrlDirectory | undefined;
}

type CrlOptions = Pick<CheckRevocationOptions, 'at' | 'warnDays' | 'provider'>;

/** Checks the CRLs of `ssl_crl_file` and `ssl_crl_dir`. The server uses both. */
export async function checkCrls({ crl, ca, directory }: ServerCrls, options: CrlOptions): Promise<readonly Finding[]> {
  if (directory === undefined) return await unlessDamaged(crl, 'crl-invalid', (own) => judge(own, ca, options));
  const damage = await unlessDamaged(crl, 'crl-invalid', async ({ text }) => {
    loadCrls(text);
    return [];
  });
  if (damage.length > 0 || directory.state === 'unread' || ca === undefined || ca.fault !== undefined) return damage;
  const { found, behind } = filesFor(ca.text, directory);
  const file = { setting: 'ssl_crl_dir', path: directory.path, state: directory.state };
  const judgeFiles = (files: CrlTexts) => {
    const text = [...(crl === undefined ? [] : [crl.text]), ...files.values()].join('\n');
    return judge({ file, text }, ca, options);
  };
  const findings = await judgeFiles(found);
  if (behind.size > 0) {
    const all = await judgeFiles(new Map([...found, ...behind]));
    if ((all.length === 0) !== (findings.length === 0))
      return [dependsOnOpenssl(file, behind, all.length === 0 ? 'continues' : 'stops')];
  }
  const others = directory.names.filter((name) => !found.has(name));
  if (findings.length === 0 || others.length === 0) return findings;
  const [first] = findings;
  const names = others.length > 3 ? `${others.slice(0, 3).join(', ')}, …` : others.join(', ');
  const rest = `OpenSSL finds a CRL in ${directory.path} only by the hash of its issuer (<hash>.r0 and so on), and ignores ${names}. Run "openssl rehash ${directory.path}"`;
  return [{ ...first!, message: `${first!.message}. ${rest}` }, ...findings.slice(1)];
}

/** The finding that the files after a file that does not load decide whether the server accepts client certificates. */
function dependsOnOpenssl(file: PemFile['file'], behind: CrlTexts, need: 'continues' | 'stops'): Finding {
  const names = [...behind.keys()].join(', ');
  const message =
    `It is not known whether the server finds its CRLs in ${file.path}: OpenSSL 3.0 and older stop at a file that does not load, ` +
    `newer versions continue with ${names}. The server accepts client certificates only if its OpenSSL ${need}. ` +
    'Replace or remove the file that does not load';
  return { file, code: 'tls-crl-refuses', severity: 'info', message };
}

async function judge(crl: PemFile, ca: PemFile | undefined, options: CrlOptions): Promise<readonly Finding[]> {
  if (ca === undefined || ca.fault !== undefined) return [];
  const problems = await revocationProblems({ authorities: ca.text, crls: crl.text, ...options }).catch((error) => {
    if (error instanceof PgHostsslError && error.code === 'certificate-invalid') return [];
    throw error;
  });
  return problems.map(({ message }) => ({
    file: crl.file,
    code: 'tls-crl-refuses',
    severity: 'warning',
    message: `The CRLs in ${crl.file.path}: ${message}`,
  }));
}

/**
 * The files in the directory of CRLs that OpenSSL loads for these CAs. `behind` holds the files after a file that does
 * not load.
 */
function filesFor(authorities: string, { files }: CrlDirectory): ReturnType<typeof findCrlFiles> {
  const hashes = certificatesIn(authorities).flatMap((authority) => hashOf(authority) ?? []);
  return findCrlFiles(hashes, (name) => files.find((file) => file.name === name)?.content());
}

/**
 * The hash of a CA's subject, which is a part of CRL file names. `undefined` for an unreadable certificate, which
 * another check reports.
 */
function hashOf(authority: string): string | undefined {
  try {
    return nameHash(readCertificate(authority).subject);
  } catch (error) {
    if (error instanceof PgHostsslError && error.code === 'certificate-invalid') return undefined;
    throw error;
  }
}
