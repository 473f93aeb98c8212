import { dataDirectoryFiles } from '../../../configuration/data-directory-files.ts';
import { digest } from '../../../disk/digest.ts';
import type { TargetFile } from '../../../disk/file-state.ts';
import { namesIn } from '../../../disk/included-files.ts';
import type { ReadingPort } from '../../../disk/reading-port.ts';
import { hasCode } from '../../../disk/system-error.ts';
import type { ClientState, ServerState } from '../../state.ts';
import type { Precondition } from './plan-data.ts';

/**
 * The preconditions of a plan: every file and directory in the states of the server and the client, including target
 * files. Each path occurs once.
 */
export async function preconditionsOf(
  server: ServerState,
  client: ClientState | undefined,
  targets: readonly TargetFile[],
): Promise<readonly Precondition[]> {
  const { included, crlDirectory } = server;
  const files = [...filesOf(server), client?.certificate, client?.privateKey, client?.ca, ...targets];
  const found = new Map<string, Precondition>();
  for (const file of files.filter((each) => each !== undefined)) {
    const sha256 = file.content === undefined ? null : await digest(file.content());
    if (!found.has(file.path)) found.set(file.path, { path: file.path, kind: 'file', sha256 });
  }
  const read = [...(included?.directories ?? []), ...(crlDirectory === undefined ? [] : [crlDirectory])];
  const directories = read.map(
    async ({ path, names }): Promise<Precondition> => ({
      path,
      kind: 'directory',
      sha256: await directoryDigest(names),
    }),
  );
  return [...found.values(), ...(await Promise.all(directories))];
}

/** All files in the state of a server; `undefined` for each file that the state does not hold. */
function filesOf(server: ServerState): readonly (TargetFile | undefined)[] {
  const { versionFile, conf, startOptions, hba, ident, included, crlDirectory } = server;
  const autoConf = server.autoConf ?? { path: dataDirectoryFiles(server.dataDirectory).autoConf };
  const ofConfiguration = [versionFile, conf, autoConf, startOptions, hba, ident, ...(included?.files ?? [])];
  const { certificate, privateKey, ca, crl } = server;
  return [...ofConfiguration, certificate, privateKey, ca, crl, ...(crlDirectory?.files ?? [])];
}

/**
 * The digest of the present file or directory, to be compared with the digest in the precondition.
 *
 * @returns SHA-256 (hexadecimal) of the file's content, or of the sorted names in the directory; `null` if the file or
 * directory does not exist
 */
export async function preconditionDigest(
  { kind, path }: Pick<Precondition, 'kind' | 'path'>,
  port: ReadingPort,
): Promise<string | null> {
  if (kind === 'directory') return await directoryDigest(await namesIn(path, port));
  try {
    const file = await port.read(path);
    return file === undefined ? null : await digest(file.content());
  } catch (error) {
    if (hasCode(error, 'EISDIR')) return null;
    throw error;
  }
}

async function directoryDigest(names: readonly string[] | undefined): Promise<string | null> {
  return names === undefined ? null : await digest(new TextEncoder().encode(names.toSorted().join('\0')));
}
