// TLS for a container of @testcontainers/postgresql, with certificates of one day in a folder of yours.
import { writeFile } from 'node:fs/promises';
import { type TestBundle, testBundle } from 'pg-hostssl/client';

/** Returns the container with TLS. Its clients use `pgConfig(bundle.serverOnlyClient({ user, port }))`. */
export async function secured<T extends { withSSLCert(ca: string, certificate: string, key: string): T }>(
  container: T,
  folder: string,
): Promise<{ container: T; bundle: TestBundle }> {
  const bundle = await testBundle({ hosts: ['localhost'], users: [] });
  for (const file of bundle.serverFiles(folder))
    await writeFile(file.path, file.content(), { mode: file.mode, flag: 'wx' });
  return { container: container.withSSLCert(...bundle.sslCertPaths(folder)), bundle };
}
