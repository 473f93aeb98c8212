import type { Direct } from './provider.ts';

/** Always `undefined`: in a browser, no cryptographic functions can be called except WebCrypto. */
export const direct: Direct | undefined = undefined;
