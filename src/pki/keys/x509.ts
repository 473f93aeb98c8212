// The only file that imports @peculiar/x509. Other files import this one dynamically, because @peculiar/x509 takes
// longer to load than all the rest. The Reflect polyfill must be loaded first, or @peculiar/x509 throws. The polyfill
// must be the real `reflect-metadata`: if this library defined a stub, `reflect-metadata` would keep the stub when an
// application loads it later, and the application would break.
import 'reflect-metadata';

export { PublicKey } from '@peculiar/x509';
