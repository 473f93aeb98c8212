import type { WebCrypto } from './provider.ts';

/** The default WebCrypto in a browser bundle: that of the browser. */
export const crypto: WebCrypto = globalThis.crypto;
