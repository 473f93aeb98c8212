/**
 * The Reflect polyfill that `@peculiar/x509` 2 demands before it is loaded. It is the real one and not a stub, because a
 * stub loaded before a host application's own `reflect-metadata` would stay in its place and break it.
 */
import 'reflect-metadata';
