import { joinPathComponents, pathInDataDirectory } from '../c/paths.ts';
import { type ConfTree, settingDefinition } from '../conf/index.ts';
import { type WithContent, withContent } from '../disk/content.ts';
import type { IncludeReaders } from '../disk/included-files.ts';
import { openFailure } from '../include/open-failure.ts';

/** The directory that `ssl_crl_dir` names (14 and later). */
export interface CrlDirectory {
  /** Its path. */
  readonly path: string;
  /** Whether the directory was read, is not there, or could not be read here. A server starts without the directory. */
  readonly state: 'read' | 'missing' | 'unread';
  /** The names in it. */
  readonly names: readonly string[];
  /** The files that could be read among those with a name that OpenSSL looks for. */
  readonly files: readonly CrlDirectoryFile[];
}

/** A file of a directory of CRLs. */
export interface CrlDirectoryFile extends WithContent {
  /** Its name, such as `5a3f0c1e.r0`. */
  readonly name: string;
}

/** Reads the directory of CRLs that the settings name, and the files in it that are named by hash. */
export function readCrlDirectory(
  conf: ConfTree,
  dataDirectory: string,
  { readDirectory, readFile }: IncludeReaders,
): CrlDirectory | undefined {
  if (settingDefinition('ssl_crl_dir', conf.version) === undefined) return undefined;
  const setting = conf.effective('ssl_crl_dir')?.value ?? '';
  if (setting === '') return undefined;
  const path = pathInDataDirectory(dataDirectory, setting);
  try {
    const names = readDirectory(path);
    const files = names.flatMap((name) => {
      if (!/^[0-9a-f]{8}\.r\d+$/.test(name)) return [];
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
