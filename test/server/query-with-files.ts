import { existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type pg from 'pg';
import type { ServerFile, ServerFiles } from './files.ts';
import type { TestServer } from './test-server.ts';

/**
 * Queries a running server while other files are in its data directory: `pg_hba_file_rules`, `pg_ident_file_mappings`
 * and `pg_file_settings` read the files again at each query. The server does not reload, and afterwards the former
 * files are restored. One server can therefore judge thousands of files, one after the other.
 */
export async function queryWithFiles<Row extends pg.QueryResultRow>(
  server: TestServer,
  files: ServerFiles,
  sql: string,
): Promise<Row[]> {
  const names = Object.keys(files);
  const before = names.map((name) => [name, readServerFile(join(server.dataDirectory, name))] as const);
  const newFolders = names.map((name) => outermostNewFolder(server.dataDirectory, name));
  try {
    server.writeFiles(files);
    return await server.query<Row>(sql);
  } finally {
    for (const [name, file] of before) {
      if (file !== undefined) server.writeFiles({ [name]: file });
      else rmSync(join(server.dataDirectory, name), { force: true });
    }
    for (const folder of newFolders) if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  }
}

function readServerFile(path: string): ServerFile | undefined {
  return existsSync(path) ? { content: readFileSync(path), mode: statSync(path).mode & 0o7777 } : undefined;
}

function outermostNewFolder(root: string, name: string): string | undefined {
  let found: string | undefined;
  for (let folder = dirname(join(root, name)); folder !== root && !existsSync(folder); folder = dirname(folder)) {
    found = folder;
  }
  return found;
}
