import { PgHostsslError } from '../../errors.ts';

/** What reading a file's content gives; an error about the content names the file. */
export async function inFile<T>(file: string, read: () => T | Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof PgHostsslError)) throw error;
    throw new PgHostsslError(error.code, error.message, { file, cause: error });
  }
}
