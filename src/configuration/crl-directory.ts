import { pemText } from '../asn1/pem.ts';
import { joinPathComponents, pathInDataDirectory } from '../c/paths.ts';
import { settingDefinition } from '../conf/catalogue/catalogue.ts';
import type { ConfTree } from '../conf/tree.ts';
import type { IncludeReaders } from '../disk/included-files.ts';
import { unlessInvalid } from '../errors.ts';
import { openFailure } from '../include/open-failure.ts';
import { serverCrls } from '../pki/revocation/crl.ts';
import { hashedCrlName, isHashedCertificateName, parseHashedCrlName } from '../pki/revocation/file-name.ts';
import { type WithContent, withContent } from '../with-content.ts';

/** The directory that `ssl_crl_dir` names (14 and later). */
export interface CrlDirectory {
  /** The path of the directory. */
  readonly path: string;
  /**
   * `read`: the directory was read. `missing`: the directory does not exist; a server starts nevertheless. `unread`:
   * this process could not read the directory, or the setting names several directories.
   */
  readonly state: 'read' | 'missing' | 'unread';
  /** The names of all entries in the directory. */
  readonly names: readonly string[];
  /** The readable files whose names have the forms that OpenSSL looks for: CRLs, and certificates. */
  readonly files: readonly CrlDirectoryFile[];
}

/** A file in a directory of CRLs. */
export interface CrlDirectoryFile extends WithContent {
  /** The name of the file, such as `5a3f0c1e.r0`. */
  readonly name: string;
}

/** Reads the directory of CRLs that `ssl_crl_dir` names, and the files in it that are named by hash. */
export function readCrlDirectory(
  conf: ConfTree,
  dataDirectory: string,
  { readDirectory, readFile }: IncludeReaders,
): CrlDirectory | undefined {
  if (settingDefinition('ssl_crl_dir', conf.version) === undefined) return undefined;
  const setting = conf.effective('ssl_crl_dir')?.value ?? '';
  if (setting === '') return undefined;
  const path = pathInDataDirectory(dataDirectory, setting);
  // To OpenSSL, a colon separates the paths of two directories (`add_cert_dir` in crypto/x509/by_dir.c).
  if (setting.includes(':')) return { path, state: 'unread', names: [], files: [] };
  try {
    const names = readDirectory(path);
    const files = names.flatMap((name) => {
      if (parseHashedCrlName(name) === undefined && !isHashedCertificateName(name)) return [];
      try {
        return [withContent({ name }, readFile(joinPathComponents(path, name)))];
      } catch {
        return [];
      }
    });
    return { path, state: 'read', names, files };
  } catch (error) {
    return { path, state: openFailure(error).isUnread ? 'unread' : 'missing', names: [], files: [] };
  }
}

/** The texts of files by their names. */
export type CrlTexts = ReadonlyMap<string, string>;

/**
 * The files of a directory that OpenSSL loads for names with these hashes. `found` holds `<hash>.r0`, `<hash>.r1`, … up
 * to the first file that is missing or does not load (`get_cert_by_subject_ex` in crypto/x509/by_dir.c). `behind` holds
 * the files that follow a file that does not load. OpenSSL 1.1.1 stops at a file that does not load, and newer
 * versions (such as 3.0.22) read on.
 *
 * @param contentOf gives the content of a file by its name; `undefined` for a file that is not there
 */
export function findCrlFiles(
  hashes: Iterable<string>,
  contentOf: (name: string) => Uint8Array | undefined,
): { readonly found: CrlTexts; readonly behind: CrlTexts } {
  const [found, behind] = [new Map<string, string>(), new Map<string, string>()];
  for (const hash of new Set(hashes)) {
    let target = found;
    for (let i = 0; ; i++) {
      const name = hashedCrlName(hash, i);
      const content = contentOf(name);
      if (content === undefined) break;
      const text = loadable(content);
      if (text === undefined) target = behind;
      else target.set(name, text);
    }
  }
  return { found, behind };
}

/** The text of a file of CRLs; `undefined` for a file that OpenSSL does not load as PEM. */
function loadable(content: Uint8Array): string | undefined {
  const text = pemText(content);
  const crls = text && unlessInvalid(() => serverCrls(text), 'crl-invalid');
  return crls && crls.length > 0 ? text : undefined;
}
