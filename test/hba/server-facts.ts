import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import type { ServerFacts, ServerFeature } from '../../src/parse-options.ts';
import type { PgMajor } from '../../src/version.ts';
import { programsFromEnvironment } from '../server/index.ts';

const optionOf: Readonly<Record<ServerFeature, string>> = {
  ldap: '--with-ldap',
  pam: '--with-pam',
  gss: '--with-gssapi',
  sspi: '--with-sspi',
  bsd: '--with-bsd-auth',
};

/** Returns how a server is built, and its default settings. Without a folder of programs, it is a server of npm. */
export function serverFacts(
  major: PgMajor,
  programs: string | undefined = programsFromEnvironment(major),
): ServerFacts {
  const fromNpm: readonly ServerFeature[] = major === 10 ? ['ldap', 'pam', 'gss'] : [];
  return {
    ssl: false,
    features: programs === undefined ? fromNpm : featuresOf(programs),
    oauthValidators: [],
    dbUserNamespace: false,
    interfaces: ['lo'],
  };
}

function featuresOf(programs: string): readonly ServerFeature[] {
  const options = execFileSync(join(programs, 'pg_config'), ['--configure'], { encoding: 'utf8' });
  return (Object.keys(optionOf) as ServerFeature[]).filter((feature) => options.includes(`'${optionOf[feature]}'`));
}
