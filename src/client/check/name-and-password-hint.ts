/**
 * What to do if a rule asks for a password and has clientcert=verify-full, and the certificate names another role.
 * `checkBundle` and `explain` give this advice. It has a file of its own, so that neither loads the code of the other.
 */
export const nameAndPasswordHint =
  'Issue a certificate for this role. Or set clientcert=verify-ca, if the password alone may decide who logs in.';
