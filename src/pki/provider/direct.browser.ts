import type { Direct } from './provider.ts';

/** A browser has nothing but its WebCrypto. */
export const direct: Direct | undefined = undefined;
