import type { ServerFacts } from '../../src/parse-options.ts';
import type { PgMajor } from '../../src/version.ts';

/** Returns how the servers of npm are built, and their default settings. */
export function serverFacts(major: PgMajor): ServerFacts {
  return {
    ssl: false,
    features: major === 10 ? ['ldap', 'pam', 'gss'] : [],
    oauthValidators: [],
    dbUserNamespace: false,
    interfaces: ['lo'],
  };
}
