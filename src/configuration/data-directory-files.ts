import { joinPathComponents } from '../c/paths.ts';

/** The paths of the files in a data directory that no setting can move. */
export interface DataDirectoryFiles {
  /** The file PG_VERSION, with the major version. */
  readonly version: string;
  /** The file postgresql.auto.conf. */
  readonly autoConf: string;
  /** The file postmaster.opts, with the command line of the last start. */
  readonly startOptions: string;
  /** The file postmaster.pid of a running server. */
  readonly pid: string;
}

/** Returns the paths of the files in a data directory that no setting can move. */
export function dataDirectoryFiles(dataDirectory: string): DataDirectoryFiles {
  return {
    version: joinPathComponents(dataDirectory, 'PG_VERSION'),
    autoConf: joinPathComponents(dataDirectory, 'postgresql.auto.conf'),
    startOptions: joinPathComponents(dataDirectory, 'postmaster.opts'),
    pid: joinPathComponents(dataDirectory, 'postmaster.pid'),
  };
}
