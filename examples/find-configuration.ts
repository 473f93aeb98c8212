// Instead of a list of paths to try: finds the servers of this machine, and the servers of Postgres.app.
import { readdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { type Configuration, locateConfiguration, readConfiguration } from 'pg-hostssl/configuration';

/** Returns every server that is found, with its files. */
export async function findConfigurations(home: string = homedir()): Promise<readonly Configuration[]> {
  const postgresApp = join(home, 'Library/Application Support/Postgres');
  const names = await readdir(postgresApp).catch(() => []);
  const own = names.filter((name) => name.startsWith('var-')).map((name) => join(postgresApp, name));
  return Promise.all([...own, ...(await locateConfiguration())].map((place) => readConfiguration(place)));
}
