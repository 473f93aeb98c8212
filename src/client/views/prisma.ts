import { assertCText, assertProperties, assertRecord, assertText, type PropertyNames } from '../../arguments.ts';
import { PgHostsslError } from '../../errors.ts';
import { assertBundle } from '../bundle/assert-bundle.ts';
import type { ConnectionBundle } from '../bundle/bundle.ts';
import { clientFilePath, clientFilePaths } from '../bundle/files.ts';
import { urlQuery } from '../connection/url-query.ts';
import { toConnectionString } from '../connection/write-connection-string.ts';

/** Options of {@link prismaLegacyUrl}. */
export interface PrismaLegacyOptions {
  /**
   * The directory of `root.crt` and of the PKCS#12 file. A relative path starts from the folder of the Prisma schema.
   */
  readonly directory: string;
  /** The name and passphrase of the PKCS#12 file; see `createPkcs12` of `pg-hostssl/pki`. */
  readonly pkcs12: {
    /** The name of the file. */
    readonly name: string;
    /** The passphrase of the file. */
    readonly passphrase: string;
  };
}

const optionNames: PropertyNames<PrismaLegacyOptions> = { directory: true, pkcs12: true };

/**
 * A connection URL for Prisma up to 6. The engine of Prisma takes the file in `sslcert` for the root certificate, and
 * reads the client's certificate and key only from a PKCS#12 file. The URL follows Prisma's documentation; no test of
 * this library runs the engine. For Prisma 7, give {@link pgConfig} to the adapter `PrismaPg`.
 *
 * @param bundle the target, certificates and key of the client
 * @param options the directory of the files
 * @returns the URL. It holds the passphrase of the PKCS#12 file.
 * @throws PgHostsslError `connection-not-expressible` for a target with `hostaddr`, and in the cases of {@link
 * toConnectionString}; `client-directory-invalid`; `text-invalid`; `argument-invalid`.
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { prismaLegacyUrl, testBundle } from 'pg-hostssl/client';
 *
 * const bundle = (await testBundle({ users: ['alice'] })).client({ user: 'alice', database: 'app' });
 * const url = prismaLegacyUrl(bundle, { directory: '/etc/app/db', pkcs12: { name: 'alice.p12', passphrase: 'open sesame' } });
 * assert.match(url, /\?sslmode=require&sslaccept=strict&sslcert=\/etc\/app\/db\/root\.crt&sslidentity=/);
 * ```
 */
export function prismaLegacyUrl(bundle: ConnectionBundle, options: PrismaLegacyOptions): string {
  assertBundle(bundle);
  assertProperties(options, optionNames, 'the options of prismaLegacyUrl');
  const { directory, pkcs12 } = options;
  assertRecord(pkcs12, 'pkcs12 of prismaLegacyUrl');
  for (const part of ['name', 'passphrase'] as const) {
    assertText(pkcs12[part], `pkcs12.${part} of prismaLegacyUrl`);
    assertCText(pkcs12[part], `pkcs12.${part} of prismaLegacyUrl`);
  }
  const { hostaddr, ...target } = bundle.target;
  if (hostaddr !== undefined) {
    throw new PgHostsslError('connection-not-expressible', 'Prisma has no option for hostaddr', {
      hint: 'Give a target whose host is the name or the address to connect to.',
    });
  }
  const identity = { sslidentity: clientFilePath(directory, pkcs12.name), sslpassword: pkcs12.passphrase };
  const tls = {
    sslmode: 'require',
    sslaccept: 'strict',
    sslcert: clientFilePaths(directory).ca,
    ...(bundle.certificate === undefined ? {} : identity),
  };
  return `${toConnectionString(target)}?${urlQuery(tls)}`;
}
