import type { SecretNames } from '../../find-secrets.ts';
import { authOptions } from './tables.ts';

/** The options whose values are secret, including common misspellings; see `secret` in {@link authOptions}. */
export const secretOptions: SecretNames = {
  secret: [
    { name: /^(?:ldap\w*(?:pas|psw|pwd|bindp)\w*|radiu\w*(?:ecr|erc|cret|sect|ecet)\w*)$/i, bare: true },
    { name: /^ldapurl$/i, bare: false, isLdapUrl: true },
  ],
  otherOption: new RegExp(`[ \\t\\r\\n,]+"?(?:${Object.keys(authOptions).join('|')})=`, 'y'),
};
