import type { ServerFacts } from '../../src/parse-options.ts';
import type { PgMajor } from '../../src/version.ts';

/** What the servers of npm are built with, and how they are set where nothing else is said. */
export function serverFacts(major: PgMajor): ServerFacts {
  return {
    ssl: false,
    features: major === 10 ? ['ldap', 'pam', 'gss'] : [],
    oauthValidators: [],
    dbUserNamespace: false,
    interfaces: ['lo'],
  };
}
