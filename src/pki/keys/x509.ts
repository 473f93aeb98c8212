// The only door to @peculiar/x509, opened by a dynamic import: the library takes longer to load than all the rest. The
// Reflect polyfill must be loaded before it, or it throws. A stub would not do: `reflect-metadata` of the host application
// would find the stub in its place, and break.
import 'reflect-metadata';

export { PublicKey } from '@peculiar/x509';
