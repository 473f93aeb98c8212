import { given } from '../../../arguments.ts';
import { privateKeyOnly } from '../../../asn1/pem-contents.ts';
import { parseBool } from '../../../c/boolean.ts';
import { joinPathComponents, pathInDataDirectory } from '../../../c/paths.ts';
import { settingDefinition } from '../../../conf/catalogue/catalogue.ts';
import type { ConfFile } from '../../../conf/file.ts';
import { readsHosts, serverFacts } from '../../../conf/server/server-facts.ts';
import type { ConfTree } from '../../../conf/tree.ts';
import { tlsFilesOf } from '../../../configuration/assemble.ts';
import { checkConfiguration } from '../../../configuration/check.ts';
import type { TlsFile } from '../../../configuration/checked-configuration.ts';
import { hasPassphraseCommand } from '../../../configuration/server-settings.ts';
import { type FileState, fileState, type TargetFile } from '../../../disk/file-state.ts';
import { includeReaders } from '../../../disk/included-files.ts';
import { PgHostsslError, unlessInvalid } from '../../../errors.ts';
import { HbaFile } from '../../../hba/file.ts';
import { type Diagnostic, isError } from '../../../text/diagnostic.ts';
import { withContent } from '../../../with-content.ts';
import { crlFileOf, defaultFiles } from '../../default-files.ts';
import type { ServerState } from '../../state.ts';
import type { PlannedWrite } from '../data/plan-data.ts';
import { textOf } from '../pem-files.ts';
import { planDiagnostic } from '../plan-diagnostic.ts';
import { mayQuote } from '../settings/accepted.ts';
import { isSslOn, setting, settingsOf } from '../settings/settings.ts';

/** The state of a server after a plan. */
export interface Result {
  /** The state of the server, with the planned contents of postgresql.conf, pg_hba.conf and the CRLs. */
  readonly server: ServerState;
  /** The settings of the server. */
  readonly settings: ConfTree;
  /** The files by path. Files that the plan writes have their planned content. */
  readonly files: ReadonlyMap<string, TargetFile>;
}

/** Returns the state of a server after a plan has written these files. */
export function resultOf(server: ServerState, conf: ConfFile | undefined, writes: readonly PlannedWrite[]): Result {
  const { certificate, privateKey, ca, crl, crlDirectory, ownFiles = [], hba } = server;
  const crlFile = crlFileOf(server);
  const found: readonly TargetFile[] = [
    certificate,
    privateKey,
    ca,
    ...(crl === undefined ? [] : [crl]),
    ...(crlDirectory?.files ?? []),
    ...ownFiles,
    hba,
  ];
  const files = new Map(found.map((file) => [file.path, file]));
  for (const write of writes) {
    const present = files.get(write.path);
    const former = present?.content === undefined ? { mode: undefined, owner: server.owner } : present;
    const { path, mode = former.mode, owner = former.owner } = write;
    files.set(path, fileState(path, write.content(), given({ mode, owner })));
  }
  const after = {
    ...server,
    ...(conf && { conf: withContent({ ...server.conf }, conf.toBytes()) }),
    hba: files.get(hba.path) as FileState,
    crl: files.get(crlFile.path) ?? crlFile,
    ...(crlDirectory && { crlDirectory: { ...crlDirectory, files: filesIn(crlDirectory.path, files) } }),
  };
  return { server: after, settings: settingsOf(after), files };
}

/** The text of the file that a setting names; `undefined` if the setting names no file, or if the file was not read. */
export function textNamedBy(
  { server, settings, files }: Result,
  name: 'ssl_ca_file' | 'ssl_cert_file',
): string | undefined {
  const path = setting(settings, name) ?? (name === 'ssl_cert_file' ? defaultFiles[name] : undefined);
  const file = path === undefined ? undefined : files.get(pathInDataDirectory(server.dataDirectory, path));
  return file?.content === undefined ? undefined : textOf(file.content());
}

/** The files in a directory, without those in its subdirectories. */
function filesIn(directory: string, files: Result['files']): readonly FileState[] {
  const folder = joinPathComponents(directory, '');
  const isThere = (file: TargetFile): file is FileState =>
    file.content !== undefined && file.path.startsWith(folder) && !file.path.slice(folder.length).includes('/');
  return [...files.values()].filter(isThere);
}

/**
 * Checks the state of a server after a plan with {@link checkConfiguration}.
 *
 * @returns diagnostics for the errors that exist after the plan and existed before it
 * @throws PgHostsslError `plan-refused` for an error that the plan would cause
 */
export function resultDiagnostics(before: Result, after: Result): readonly Diagnostic[] {
  const known = errorsOf(before).map((error) => faultOf(error, before));
  const errors = errorsOf(after);
  const first = errors.find((error) => {
    const index = known.indexOf(faultOf(error, after));
    // Of two equal faults, one may be new.
    if (index !== -1) known.splice(index, 1);
    return index === -1;
  });
  if (first === undefined) return errors;
  const { server } = after;
  const isShown = [server.conf, server.hba, ...(server.included?.files ?? [])].every((file) =>
    mayQuote(file, server.owner),
  );
  throw new PgHostsslError('plan-refused', `After this plan: ${isShown ? first.message : first.code}`, {
    file: first.file ?? server.conf.path,
    line: first.range.start.line,
    hint: 'Nothing was planned. Change the setting, the rule or the file first, then plan again.',
  });
}

/**
 * A text that names the fault of a diagnostic: its code, file and line. A plan moves lines, so the text of the line
 * counts and not its number.
 */
function faultOf({ code, file, range }: Diagnostic, { server: { conf, hba, included } }: Result): string {
  const found = [conf, hba, ...(included?.files ?? [])].find(({ path }) => path === file);
  return JSON.stringify([code, file, found?.content && textOf(found.content()).split('\n')[range.start.line - 1]]);
}

/**
 * The pg_hba.conf after a plan. It is parsed with the TLS settings after the plan, because they decide which rules
 * match.
 */
export function hbaOf({ server, settings }: Result): HbaFile {
  const { version, hba, included } = server;
  return HbaFile.parse(hba.content(), {
    version,
    file: hba.path,
    server: serverFacts(settings),
    ...includeReaders(included),
  });
}

function errorsOf(result: Result): readonly Diagnostic[] {
  const { server, settings, files } = result;
  const { hba, conf, owner, dataDirectory } = server;
  const tlsFiles = tlsFilesOf(settings, dataDirectory).map(({ setting: name, path }): TlsFile => {
    const file = files.get(path);
    if (file?.content === undefined) return { setting: name, path, state: file === undefined ? 'unread' : 'missing' };
    return { setting: name, path, state: 'read', ...given({ mode: file.mode, owner: file.owner }) };
  });
  const found = checkConfiguration({
    conf: settings,
    files: [
      { path: conf.path, state: 'read' },
      { path: hba.path, setting: 'hba_file', state: 'read' },
    ],
    hba: hbaOf(result),
    hasHba: true,
    tlsFiles,
    owner,
  });
  return found.filter(isError);
}

/**
 * Whether only a restart makes the server use new TLS files. This is so if its private key is encrypted, and the server
 * does not run `ssl_passphrase_command` at a reload (`ssl_passphrase_command_supports_reload`, 11 and later).
 */
export function needsStart({ settings, files }: Result, privateKey: string): boolean {
  const name = 'ssl_passphrase_command_supports_reload';
  const isAsked =
    settingDefinition(name, settings.version) !== undefined && parseBool(setting(settings, name) ?? 'off') === true;
  return !isAsked && isEncrypted(files.get(privateKey));
}

/**
 * A warning if a plan encrypts the server's private key, which was not encrypted, and no command prints the passphrase.
 */
export function passphraseDiagnostics(before: Result, after: Result, privateKey: string): readonly Diagnostic[] {
  // A server with records in pg_hosts.conf does not read this key.
  if (readsHosts(after.settings) === true) return [];
  // A server without TLS has not read the present key.
  const wasEncrypted = isSslOn(before.settings) && isEncrypted(before.files.get(before.server.privateKey.path));
  const isNew = !wasEncrypted && isEncrypted(after.files.get(privateKey));
  if (!isNew || hasPassphraseCommand(after.settings)) return [];
  const message =
    'The plan encrypts the private key of the server, but no ssl_passphrase_command prints the passphrase: the server asks for it when it starts, and without a terminal it does not start. Set ssl_passphrase_command (PostgreSQL 11 and later), or plan without `passphrase`';
  return [planDiagnostic({ file: privateKey }, 'ssl-key-encrypted', 'warning', message)];
}

function isEncrypted(file: TargetFile | undefined): boolean {
  if (file?.content === undefined) return false;
  return unlessInvalid(() => privateKeyOnly(textOf(file.content()), file.path))?.isEncrypted === true;
}
