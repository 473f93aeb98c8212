import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { type PgMajor, parsePgVersion } from '../../src/version.ts';
import { isNamed, namesOthers } from './packages.ts';

const folder = '/usr/lib/postgresql';

/** A server that the operating system's distribution has installed, or why there is none. */
export type DistributionServer =
  | {
      /** Its major version. */
      readonly major: PgMajor;
      /** The folder of its programs. */
      readonly programs: string;
      /** What is missing. */
      readonly missing?: undefined;
    }
  | {
      /** What is missing. */
      readonly missing: string;
      readonly major?: undefined;
      readonly programs?: undefined;
    };

/** A server that npm does not have: where its programs are. */
export interface OtherServer {
  /** Its major version. */
  readonly major: PgMajor;
  /** The folder of its programs. */
  readonly programs: string;
}

/**
 * The servers beside npm's: those in the folders of programs that PG_HOSTSSL_SERVERS names, divided by colons (a 19, say),
 * and the distribution's.
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

/** The newest server of Debian's packages, which are built with LDAP, PAM and GSSAPI, as npm's are not since 11. */
export function distributionServer(): DistributionServer {
  const installed = existsSync(folder) ? readdirSync(folder) : [];
  const programs = installed.map((name) => `${folder}/${name}/bin`).filter((path) => existsSync(`${path}/postgres`));
  const newest = programs.at(-1);
  if (newest === undefined) return { missing: `no server is installed below ${folder}` };
  const major = majorOf(newest);
  return isNamed(major) ? { major, programs: newest } : { missing: namesOthers };
}
