import { decodePem, isCertificateBlock, pemText } from '../asn1/pem.ts';
import type { ErrorCode } from '../codes.ts';
import type { PlacelessDiagnostic } from '../conf/server/setting-diagnostic.ts';
import { PgHostsslError } from '../errors.ts';
import { serverCrlBlocks } from '../pki/revocation/crl.ts';
import type { TlsFile } from './checked-configuration.ts';
import { namerOf } from './hosts-files.ts';

/** A diagnostic of a TLS file that has no range yet. */
export interface Finding extends PlacelessDiagnostic {
  readonly file: TlsFile;
}

/** A TLS file, with its PEM text or with the reason why OpenSSL loads nothing from the file. */
export interface PemFile {
  readonly file: TlsFile;
  readonly text: string;
  readonly fault?: string;
}

/** Reads the text of a TLS file; `undefined` if the file was not read. */
export function readPem(file: TlsFile | undefined, kind: 'x509' | 'crl'): PemFile | undefined {
  const content = file?.content?.();
  if (file === undefined || content === undefined) return undefined;
  const text = pemText(content);
  if (text === undefined) {
    const fault = `is DER, but the server reads only PEM. Convert the file: openssl ${kind} -inform DER -in old -out new`;
    return { file, text: '', fault };
  }
  const blocks = decodePem(text);
  // A TRUSTED CERTIFICATE block holds OpenSSL's own trust settings. This library does not read them, so it does not
  // judge the file.
  if (blocks.some(({ label }) => label === 'TRUSTED CERTIFICATE')) return undefined;
  // From a file of CRLs, OpenSSL loads certificates, too (`X509_load_cert_crl_file` in crypto/x509/by_file.c).
  const hasBlock = blocks.some(isCertificateBlock) || (kind === 'crl' && serverCrlBlocks(text).length > 0);
  return {
    file,
    text,
    ...(hasBlock ? {} : { fault: `holds no PEM block ${kind === 'x509' ? 'CERTIFICATE' : 'X509 CRL'}` }),
  };
}

/** The diagnostic of a file that prevents the server from starting. */
export function unloadable(file: TlsFile, fault: string): Finding {
  const message = `The server does not start: the file ${file.path} of ${namerOf(file)} ${fault}`;
  return { file, code: 'ssl-file-invalid', severity: 'error', message };
}

/**
 * Calls `judge` for a file. If `judge` throws an error with the given code, the error becomes a finding. Other errors
 * are rethrown.
 */
export async function unlessDamaged(
  pem: PemFile | undefined,
  code: ErrorCode,
  judge: (pem: PemFile) => Promise<readonly Finding[]>,
): Promise<readonly Finding[]> {
  if (pem === undefined) return [];
  if (pem.fault !== undefined) return [unloadable(pem.file, pem.fault)];
  const marked = startsWithMark(pem) ? [markFinding(pem.file)] : [];
  try {
    return [...marked, ...(await judge(pem))];
  } catch (error) {
    if (!(error instanceof PgHostsslError && error.code === code)) throw error;
    if (decodePem(pem.text).some(({ der }) => der.length === 0))
      return [unloadable(pem.file, 'has a damaged PEM block')];
    // The finding is a warning and no error, because OpenSSL reads some encodings that are not DER.
    const message = `The server may not start: the file ${pem.file.path} of ${namerOf(pem.file)} holds bytes that are not DER`;
    return [{ file: pem.file, code: 'ssl-file-invalid', severity: 'warning', message }];
  }
}

/** Whether a byte order mark stands in front of the first block. */
function startsWithMark({ file, text }: PemFile): boolean {
  const content = file.content!();
  const hasMark = content[0] === 0xef && content[1] === 0xbb && content[2] === 0xbf;
  return hasMark && text.startsWith('-----BEGIN ');
}

/** OpenSSL 3.0 skips the mark. Older versions do not find the first block (`get_name` in crypto/pem/pem_lib.c). */
function markFinding(file: TlsFile): Finding {
  const message = `The server may not start: the file ${file.path} of ${namerOf(file)} begins with a byte order mark, and OpenSSL before 3.0 does not read the block after the mark. Save the file without a byte order mark`;
  return { file, code: 'ssl-file-invalid', severity: 'warning', message };
}

/** The certificates in a PEM text. */
export function certificatesIn(text: string): readonly string[] {
  return decodePem(text).flatMap((block) => (isCertificateBlock(block) ? [block.text] : []));
}
