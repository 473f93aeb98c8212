import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { libpqFolder } from '../client/libpq-judge.ts';
import { repositoryRoot } from '../repository.ts';
import { type Account, serverAccount, temporaryFolder } from '../server/index.ts';

/**
 * A client program that reads connection strings line by line. It connects with each, and answers with the text of the
 * error as a line of JSON.
 */
export class LineClient {
  readonly #child: ChildProcess;
  readonly #waiting: ((text: string) => void)[] = [];
  #errors = '';

  constructor(command: string, parameters: readonly string[], env: NodeJS.ProcessEnv = {}, account?: Account) {
    this.#child = spawn(command, parameters, {
      ...account,
      cwd: '/',
      env: { PATH: process.env.PATH, HOME: temporaryFolder(), LC_ALL: 'C.UTF-8', ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.#child.stderr!.on('data', (piece) => {
      this.#errors += piece;
    });
    createInterface({ input: this.#child.stdout! }).on('line', (line) => this.#waiting.shift()?.(JSON.parse(line)));
    this.#child.on('close', () => {
      for (const answer of this.#waiting.splice(0)) answer(`the program ended: ${this.#errors}`);
    });
  }

  /** Lets the program connect, and returns the text of the error; an empty text if there is no error. */
  ask(connection: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no answer in time: ${this.#errors}`)), 180_000);
      this.#waiting.push((text) => {
        clearTimeout(timer);
        resolve(text);
      });
      this.#child.stdin!.write(`${JSON.stringify(connection)}\n`);
    });
  }

  close(): void {
    this.#child.stdin!.end();
    this.#child.kill();
  }
}

const python = `
import ctypes, json, sys
libpq = ctypes.CDLL(sys.argv[1])
libpq.PQconnectdb.restype = ctypes.c_void_p
libpq.PQconnectdb.argtypes = libpq.PQfinish.argtypes = libpq.PQerrorMessage.argtypes = [ctypes.c_void_p]
libpq.PQconnectdb.argtypes = [ctypes.c_char_p]
libpq.PQerrorMessage.restype = ctypes.c_char_p
for line in sys.stdin:
    connection = libpq.PQconnectdb(json.loads(line).encode())
    print(json.dumps(libpq.PQerrorMessage(connection).decode()), flush=True)
    libpq.PQfinish(connection)
`;

const node = `
const { Client } = require(process.argv[1]);
require('node:readline').createInterface({ input: process.stdin }).on('line', async (line) => {
  let text = '';
  try {
    const client = new Client({ connectionString: JSON.parse(line) });
    await client.connect();
    await client.end();
  } catch ({ code, name, message }) {
    text = [code, name, message].join('\\n');
  }
  console.log(JSON.stringify(text));
});`;

const bun = `
import { SQL } from 'bun';
for await (const line of console) {
  const sql = new SQL({ ...JSON.parse(JSON.parse(line)), max: 1, connectionTimeout: 1 });
  const text = await sql.unsafe('select 1').then(
    () => '',
    ({ code, name, message }) => [code, name, message].join('\\n'),
  );
  console.log(JSON.stringify(text));
}`;

const java = `import java.io.*; import java.sql.*;
public class Client {
  public static void main(String[] a) throws Exception {
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, "UTF-8"));
    for (String line; (line = lines.readLine()) != null; ) {
      String text = "";
      try { DriverManager.getConnection(line.substring(1, line.length() - 1)).close(); }
      catch (Throwable error) { for (Throwable e = error; e != null; e = e.getCause()) text += e + "\\n"; }
      StringBuilder json = new StringBuilder("\\"");
      for (char c : text.toCharArray()) json.append(c == '"' || c == '\\\\' ? "\\\\" + c : c < ' ' ? "\\\\n" : String.valueOf(c));
      System.out.println(json.append('"'));
    }
  }
}`;

const go = `package main
import ("bufio"; "context"; "database/sql"; "encoding/json"; "os"; "strings"
  _ "github.com/lib/pq"; "github.com/jackc/pgx/v4")
func main() {
  lines := bufio.NewScanner(os.Stdin)
  for lines.Scan() {
    var line string
    json.Unmarshal(lines.Bytes(), &line)
    var err error
    if strings.HasPrefix(line, "pgx ") {
      var c *pgx.Conn
      if c, err = pgx.Connect(context.Background(), line[4:]); err == nil { c.Close(context.Background()) }
    } else {
      var db *sql.DB
      if db, err = sql.Open("postgres", line); err == nil { err = db.Ping(); db.Close() }
    }
    text := ""
    if err != nil { text = err.Error() }
    json.NewEncoder(os.Stdout).Encode(text)
  }
}`;

/** The names of the client programs that read connection strings line by line. */
export type LineClientName =
  | 'libpq 10'
  | 'libpq 15'
  | 'libpq 18'
  | 'libpq 10 of another account'
  | 'libpq 18 of another account'
  | 'pg of another account'
  | 'pgjdbc'
  | 'bun'
  | 'go';

const bunProgram = join(repositoryRoot, 'test/client/npm/node_modules/@oven/bun-linux-x64/bin/bun');

/** A client program, and whether it is installed. */
export interface InstalledClient {
  readonly isThere: boolean;
  readonly start: () => LineClient;
}

/** The client programs. A program starts when it is first used. */
export const lineClients: Readonly<Record<LineClientName, InstalledClient>> = {
  'libpq 10': libpq(join(libpqFolder(10), 'libpq.so.5')),
  // The libpq of Debian and the libpq of the npm packages are built with different versions of OpenSSL.
  'libpq 15': libpq('/usr/lib/x86_64-linux-gnu/libpq.so.5'),
  'libpq 18': libpq(join(libpqFolder(18), 'libpq.so.5')),
  // Root can read each file, so if root runs the tests, these programs run with the account of the test servers.
  'libpq 10 of another account': libpq(join(libpqFolder(10), 'libpq.so.5'), serverAccount),
  'libpq 18 of another account': libpq(join(libpqFolder(18), 'libpq.so.5'), serverAccount),
  'pg of another account': {
    isThere: true,
    start: (): LineClient => {
      const pg = createRequire(import.meta.url).resolve('pg');
      return new LineClient(process.execPath, ['-e', node, pg], {}, serverAccount);
    },
  },
  pgjdbc: {
    isThere: existsSync('/usr/share/java/postgresql.jar') && existsSync('/usr/bin/java'),
    start: (): LineClient => {
      const program = join(temporaryFolder(), 'Client.java');
      writeFileSync(program, java);
      return new LineClient('/usr/bin/java', ['-cp', '/usr/share/java/postgresql.jar', program]);
    },
  },
  bun: {
    isThere: existsSync(bunProgram),
    start: (): LineClient => new LineClient(bunProgram, ['-e', bun]),
  },
  go: {
    isThere: existsSync('/usr/bin/go') && existsSync('/usr/share/gocode/src/github.com/jackc/pgx'),
    start: (): LineClient => {
      const program = join(temporaryFolder(), 'client.go');
      writeFileSync(program, go);
      return new LineClient('/usr/bin/go', ['run', program], { GOPATH: '/usr/share/gocode', GO111MODULE: 'off' });
    },
  },
};

function libpq(library: string, account?: Account): InstalledClient {
  return {
    isThere: existsSync('/usr/bin/python3') && existsSync(library),
    start: (): LineClient => new LineClient('/usr/bin/python3', ['-c', python, library], {}, account),
  };
}
