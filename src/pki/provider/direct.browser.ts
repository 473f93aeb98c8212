import type { Direct } from './provider.ts';

/** A browser has only WebCrypto, and no direct way. */
export const direct: Direct | undefined = undefined;
