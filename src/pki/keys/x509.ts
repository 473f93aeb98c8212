// The only file that imports @peculiar/x509. Other files import this one dynamically, because @peculiar/x509 takes
// longer to load than all the rest. The Reflect polyfill must be loaded first, or @peculiar/x509 throws. A stub in
// place of the polyfill would break an application that uses `reflect-metadata`, because `reflect-metadata` keeps what
// it finds.
import 'reflect-metadata';

export { PublicKey } from '@peculiar/x509';
