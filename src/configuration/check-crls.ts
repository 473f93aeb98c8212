import { pemText } from '../asn1/pem.ts';
import { PgHostsslError } from '../errors.ts';
import { readCertificate } from '../pki/certificate/certificate.ts';
import { type CheckRevocationOptions, checkRevocation } from '../pki/index.ts';
import { loadCrls } from '../pki/revocation/crl.ts';
import { nameHash } from '../pki/revocation/file-name.ts';
import type { CrlDirectory } from './crl-directory.ts';
import { certificatesIn, type Finding, type PemFile, unlessDamaged } from './pem-file.ts';

/** The CRLs of a server, and the CA certificates that they belong to. */
interface ServerCrls {
  readonly crl: PemFile | undefined;
  readonly ca: PemFile | undefined;
  readonly directory: CrlDirectory | undefined;
}

type CrlOptions = Pick<CheckRevocationOptions, 'at' | 'warnDays' | 'provider'>;

/** Judges the CRLs of `ssl_crl_file` and `ssl_crl_dir`. The server uses both. */
export async function checkCrls({ crl, ca, directory }: ServerCrls, options: CrlOptions): Promise<readonly Finding[]> {
  if (directory === undefined) return await unlessDamaged(crl, 'crl-invalid', (own) => judge(own, ca, options));
  const damage = await unlessDamaged(crl, 'crl-invalid', async ({ text }) => {
    loadCrls(text);
    return [];
  });
  if (damage.length > 0 || directory.state === 'unread' || ca === undefined || ca.fault !== undefined) return damage;
  const { found, behind } = filesFor(ca.text, directory);
  const file = { setting: 'ssl_crl_dir', path: directory.path, state: directory.state };
  const judgeFiles = (files: Files) => {
    const text = [...(crl === undefined ? [] : [crl.text]), ...files.values()].join('\n');
    return judge({ file, text }, ca, options);
  };
  const findings = await judgeFiles(found);
  if (behind.size > 0) {
    const all = await judgeFiles(new Map([...found, ...behind]));
    if ((all.length === 0) !== (findings.length === 0)) return [dependsOnOpenssl(file, behind, all.length === 0)];
  }
  const others = directory.names.filter((name) => !found.has(name));
  if (findings.length === 0 || others.length === 0) return findings;
  const [first] = findings;
  const names = others.length > 3 ? `${others.slice(0, 3).join(', ')}, …` : others.join(', ');
  const rest = `OpenSSL finds a CRL in ${directory.path} by the hash of its issuer alone, as <hash>.r0 and so on, and not as ${names}. Run "openssl rehash ${directory.path}"`;
  return [{ ...first!, message: `${first!.message}. ${rest}` }, ...findings.slice(1)];
}

/** What is told if the files behind one that does not load decide whether the server refuses client certificates. */
function dependsOnOpenssl(file: PemFile['file'], behind: Files, isGood: boolean): Finding {
  const names = [...behind.keys()].join(', ');
  const message =
    `Whether the server finds its CRLs in ${file.path} is not known: OpenSSL 3.0 and older stop at a file that does not load, ` +
    `newer versions read on to ${names}. The server accepts client certificates only if its OpenSSL ${isGood ? 'reads on' : 'stops'}. ` +
    'Replace or remove the file that does not load';
  return { file, code: 'tls-crl-refuses', severity: 'info', message };
}

async function judge(crl: PemFile, ca: PemFile | undefined, options: CrlOptions): Promise<readonly Finding[]> {
  if (ca === undefined || ca.fault !== undefined) return [];
  const problems = await checkRevocation({ authorities: ca.text, crls: crl.text, ...options }).catch((error) => {
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

/** The texts of files by their names. */
type Files = ReadonlyMap<string, string>;

/**
 * The files of a directory that OpenSSL loads for these CAs: `<hash>.r0`, `<hash>.r1`, … up to the first that is not there
 * or does not load (`get_cert_by_subject_ex` in crypto/x509/by_dir.c), and those behind one that does not load. OpenSSL
 * 1.1.1 and 3.0 stop at such a file, and later versions may read on.
 */
function filesFor(authorities: string, { files }: CrlDirectory): { readonly found: Files; readonly behind: Files } {
  const [found, behind] = [new Map<string, string>(), new Map<string, string>()];
  for (const authority of certificatesIn(authorities)) {
    const hash = hashOf(authority);
    let target = found;
    for (let i = 0; hash !== undefined; i++) {
      const name = `${hash}.r${i}`;
      const content = files.find((file) => file.name === name)?.content();
      if (content === undefined) break;
      const text = loadable(content);
      if (text === undefined) target = behind;
      else target.set(name, text);
    }
  }
  return { found, behind };
}

/**
 * The hash of a subject. `undefined` for a certificate that cannot be read, for which another check makes the diagnostic.
 */
function hashOf(authority: string): string | undefined {
  return orNone('certificate-invalid', () => nameHash(readCertificate(authority).subject));
}

/** The text of a file of CRLs; `undefined` for a file that OpenSSL does not load as PEM. */
function loadable(content: Uint8Array): string | undefined {
  const text = pemText(content);
  if (text === undefined || !/-----BEGIN X509 CRL-----/.test(text)) return undefined;
  return orNone('crl-invalid', () => loadCrls(text)) && text;
}

function orNone<T>(code: string, read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof PgHostsslError && error.code === code) return undefined;
    throw error;
  }
}
