import type { Direct } from './engine.ts';

/** A browser has nothing but its WebCrypto. */
export const direct: Direct | undefined = undefined;
