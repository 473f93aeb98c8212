import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { type PgMajor, parsePgVersion } from '../../src/version.ts';
import { isNamed, namesOthers } from './packages.ts';

const folder = '/usr/lib/postgresql';

/** A server that the distribution of the operating system has installed, or the reason why there is none. */
export type DistributionServer =
  | {
      /** The major version. */
      readonly major: PgMajor;
      /** The folder of the server's programs. */
      readonly programs: string;
      /** The name of the part that is not installed. */
      readonly missing?: undefined;
    }
  | {
      /** The name of the part that is not installed. */
      readonly missing: string;
      readonly major?: undefined;
      readonly programs?: undefined;
    };

/** A server that does not come from npm. */
export interface OtherServer {
  /** The major version. */
  readonly major: PgMajor;
  /** The folder of the server's programs. */
  readonly programs: string;
}

/**
 * Returns the servers that do not come from npm: the servers whose program folders PG_HOSTSSL_SERVERS names, separated
 * by colons, and the server of the distribution.
 */
export function otherServers(): readonly OtherServer[] {
  const named = (process.env.PG_HOSTSSL_SERVERS ?? '').split(':').filter((path) => path !== '');
  const servers = named.map((programs) => ({ major: majorOf(programs), programs }));
  const { major, programs } = distributionServer();
  return [...servers.filter((server) => isNamed(server.major)), ...(major === undefined ? [] : [{ major, programs }])];
}

function majorOf(programs: string): PgMajor {
  return parsePgVersion(spawnSync(`${programs}/postgres`, ['--version']).stdout.toString());
}

/**
 * Returns the newest server from Debian's packages. Unlike the npm servers since 11, these servers are built with LDAP,
 * PAM and GSSAPI.
 */
export function distributionServer(): DistributionServer {
  const installed = existsSync(folder) ? readdirSync(folder) : [];
  const programs = installed.map((name) => `${folder}/${name}/bin`).filter((path) => existsSync(`${path}/postgres`));
  const newest = programs.at(-1);
  if (newest === undefined) return { missing: `no server is installed below ${folder}` };
  const major = majorOf(newest);
  return isNamed(major) ? { major, programs: newest } : { missing: namesOthers };
}
