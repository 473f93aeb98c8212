import type { WebCrypto } from './provider.ts';

/** The WebCrypto that is used where none is given: in a browser bundle, the browser's own. */
export const crypto: WebCrypto = globalThis.crypto;
