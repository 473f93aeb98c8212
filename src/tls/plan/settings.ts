import { parseBool } from '../../c/boolean.ts';
import { ConfFile } from '../../conf/index.ts';
import { PgHostsslError } from '../../errors.ts';
import type { Diagnostic } from '../../text/diagnostic.ts';
import { type PgMajor, type PgMajorSpan, spanIncludes } from '../../version.ts';
import type { ServerState } from '../state.ts';
import { assertAccepted } from './accepted.ts';
import { noteAt } from './notes.ts';
import type { ServerAction } from './plan-data.ts';

/** A server's settings: those of postgresql.conf, over which those of postgresql.auto.conf win. */
export interface ServerSettings {
  /** postgresql.conf. */
  readonly conf: ConfFile;
  /** postgresql.auto.conf, which `ALTER SYSTEM` writes. */
  readonly auto: ConfFile;
}

/** The settings of a server's files. */
export function serverSettings(server: Pick<ServerState, 'version' | 'conf' | 'autoConf'>): ServerSettings {
  const { version, conf, autoConf } = server;
  return {
    conf: ConfFile.parse(conf.content(), { version, file: conf.path }),
    auto: ConfFile.parse(autoConf?.content() ?? '', { version, ...(autoConf && { file: autoConf.path }) }),
  };
}

/** The text of a setting; undefined where it is not set, or set to nothing. */
export function setting({ conf, auto }: ServerSettings, name: string): string | undefined {
  return (auto.get(name) ?? conf.get(name)) || undefined;
}

/** A path as the server takes it in `ssl_…_file`: a relative one begins in the data directory. */
export function resolvePath(dataDirectory: string, path: string): string {
  return isAbsolute(path) ? path : `${withoutSlash(dataDirectory)}/${path}`;
}

/** Whether a path does not depend on a directory, on Unix or on Windows. */
export function isAbsolute(path: string): boolean {
  return /^(?:[\\/]|[A-Za-z]:[\\/])/.test(path);
}

/** Where the server looks for its certificate files, if the settings do not say otherwise. */
export const defaultCertificateFiles = { ssl_cert_file: 'server.crt', ssl_key_file: 'server.key' } as const;

/**
 * postgresql.conf with TLS on, and the paths of the certificate files in it as far as they are not the defaults.
 *
 * @throws PgHostsslError `conf-refused` for a file that the server refuses; `setting-overridden` where
 * postgresql.auto.conf says otherwise.
 */
export function planSettings(server: ServerState, settings: ServerSettings): ConfFile {
  assertAccepted('conf-refused', server.conf.path, settings.conf.diagnostics);
  const { dataDirectory, certificate, privateKey, ca } = server;
  const isAt = (name: string, fallback: string | undefined, path: string): boolean => {
    const current = setting(settings, name) ?? fallback;
    return current !== undefined && resolvePath(dataDirectory, current) === path;
  };
  const changes: [name: 'ssl' | 'ssl_ca_file' | keyof typeof defaultCertificateFiles, value: string][] = [];
  if (parseBool(setting(settings, 'ssl') ?? 'off') !== true) changes.push(['ssl', 'on']);
  if (!isAt('ssl_ca_file', undefined, ca.path)) changes.push(['ssl_ca_file', ca.path]);
  const { ssl_cert_file, ssl_key_file } = defaultCertificateFiles;
  if (!isAt('ssl_cert_file', ssl_cert_file, certificate.path)) changes.push(['ssl_cert_file', certificate.path]);
  if (!isAt('ssl_key_file', ssl_key_file, privateKey.path)) changes.push(['ssl_key_file', privateKey.path]);
  let { conf } = settings;
  let previous: (typeof changes)[number][0] = 'ssl';
  for (const [name, value] of changes) {
    assertNotOverridden(server, settings.auto, name);
    conf = conf.set(name, shortPath(dataDirectory, value), { after: previous });
    previous = name;
  }
  return conf;
}

/** What in the settings whoever applies the plan should know. */
export function settingNotes(server: ServerState, settings: ServerSettings, host: string): Diagnostic[] {
  const notes: Diagnostic[] = [];
  const file = server.conf.path;
  const include = settings.conf.entries.findIndex((entry) => entry.kind === 'include');
  if (include !== -1) {
    const message = 'included files have not been read; one that sets ssl or ssl_…_file further down would win';
    notes.push(
      noteAt(
        { file, line: include + 1, text: settings.conf.entries[include]!.text },
        'tls-conf-include',
        'warning',
        message,
      ),
    );
  }
  const listens = (setting(settings, 'listen_addresses') ?? 'localhost').split(',').map((name) => name.trim());
  if (listens.every(isLoopback) && !isLoopback(host)) {
    const message = `listen_addresses is ${listens.join(', ')}: nobody reaches the server as ${host}; changing it takes a restart`;
    notes.push(noteAt({ file }, 'tls-listens-locally', 'info', message));
  }
  return notes;
}

interface SslActionRow extends PgMajorSpan {
  readonly action: ServerAction;
}

/** The context of all `ssl…` settings: postmaster in 9.6, sighup from 10 on. */
const sslActions: readonly SslActionRow[] = [
  { until: 9.6, action: 'restart' },
  { since: 10, action: 'reload' },
];

/** What a server needs to see other TLS settings, certificates or keys. */
export function sslAction(version: PgMajor): ServerAction {
  return sslActions.find((row) => spanIncludes(row, version))!.action;
}

function assertNotOverridden(server: ServerState, auto: ConfFile, name: string): void {
  const entry = auto.settings.findLast((other) => other.name.toLowerCase() === name);
  if (entry === undefined || server.autoConf === undefined) return;
  throw new PgHostsslError('setting-overridden', `${name} is set here, and wins over postgresql.conf`, {
    file: server.autoConf.path,
    line: auto.lineNumber(entry),
    hint: `Nothing was planned. Run ALTER SYSTEM RESET ${name} and plan anew.`,
  });
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}

function shortPath(dataDirectory: string, path: string): string {
  const folder = `${withoutSlash(dataDirectory)}/`;
  return path.startsWith(folder) ? path.slice(folder.length) : path;
}

function withoutSlash(directory: string): string {
  return directory.replace(/(?<=.)[\\/]+$/, '');
}
