import type { Direct } from './provider.ts';

/** A browser has only its WebCrypto. */
export const direct: Direct | undefined = undefined;
