import type { WebCrypto } from './provider.ts';

/** The default WebCrypto in a browser bundle: the browser's own. */
export const crypto: WebCrypto = globalThis.crypto;
