import type { SecretNames } from '../../find-secrets.ts';

/**
 * The settings whose values are secret: the passphrase command, and settings of extensions with the name of a secret.
 */
export const secretSettings: SecretNames = {
  secret: [
    { name: /^ssl_passphrase_c\w{0,8}$/i, bare: true },
    {
      name: /^\w+\.\w*(?:pass(?:wo?r?d|phrase)|pwd|secret|credential|token|(?:api|access|private|encryption|account|storage|signing|shared)_?key|_key$)\w*$/i,
      bare: true,
    },
  ],
};
