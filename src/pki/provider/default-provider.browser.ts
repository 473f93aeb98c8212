import type { WebCrypto } from './provider.ts';

/** The default WebCrypto in a browser bundle: the WebCrypto of the browser. */
export const crypto: WebCrypto = globalThis.crypto;
