/**
 * The Reflect polyfill that `@peculiar/x509` 2 needs before it is loaded. A stub would not do: `reflect-metadata` of the
 * host application would find the stub in its place, and break.
 */
import 'reflect-metadata';
