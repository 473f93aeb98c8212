import { Crypto } from '@peculiar/webcrypto';
import type { WebCrypto } from './provider.ts';

/** The default WebCrypto on Node: `@peculiar/webcrypto`, which behaves the same on every version of Node. */
export const crypto: WebCrypto = new Crypto();
