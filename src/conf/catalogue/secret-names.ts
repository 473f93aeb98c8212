import type { SecretName } from '../../text/secrets.ts';

/** Settings whose values are secret: the passphrase command, and settings of extensions that are called like secrets. */
export const secretSettings: readonly SecretName[] = [
  { name: /^ssl_passphrase_c\w{0,8}$/i, bare: true },
  {
    name: /^\w+\.\w*(?:pass(?:wo?r?d|phrase)|pwd|secret|credential|token|(?:api|access|private|encryption|account|storage|signing|shared)_?key|_key$)\w*$/i,
    bare: true,
  },
];
