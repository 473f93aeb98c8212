import type { ServerFacts } from '../../src/parse-options.ts';
import type { PgMajor } from '../../src/version.ts';

/** What the servers of npm are built with, and what their settings are in these tests. */
export function serverFacts(major: PgMajor, ssl = false): ServerFacts {
  return {
    ssl,
    features: major === 10 ? ['ldap', 'pam', 'gss'] : [],
    oauthValidators: [],
    dbUserNamespace: false,
    interfaces: ['lo'],
  };
}
