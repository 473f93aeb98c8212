import { Crypto } from '@peculiar/webcrypto';
import type { WebCrypto } from './provider.ts';

/** The WebCrypto that is used where none is given: `@peculiar/webcrypto`, alike on every Node version. */
export const crypto: WebCrypto = new Crypto();
