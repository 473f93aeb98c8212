import { ConfFile } from '../conf/index.ts';
import type { ServerState } from './state.ts';

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
    conf: ConfFile.parse(conf.content, { version, file: conf.path }),
    auto: ConfFile.parse(autoConf?.content ?? '', { version, ...(autoConf && { file: autoConf.path }) }),
  };
}

/** The path that a setting names; undefined where it is not set, or set to nothing. */
export function pathSetting({ conf, auto }: ServerSettings, name: string): string | undefined {
  return (auto.get(name) ?? conf.get(name)) || undefined;
}

/** A path as the server takes it in `ssl_…_file`: a relative one begins in the data directory. */
export function resolvePath(dataDirectory: string, path: string): string {
  return isAbsolute(path) ? path : `${dataDirectory.replace(/(?<=.)[\\/]+$/, '')}/${path}`;
}

/** Whether a path does not depend on a directory, on Unix or on Windows. */
export function isAbsolute(path: string): boolean {
  return /^(?:[\\/]|[A-Za-z]:[\\/])/.test(path);
}
