import { Crypto } from '@peculiar/webcrypto';
import type { WebCrypto } from './provider.ts';

/** The default WebCrypto: `@peculiar/webcrypto`, which behaves alike on every Node version. */
export const crypto: WebCrypto = new Crypto();
