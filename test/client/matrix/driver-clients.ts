import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as client from '../../../src/client/index.ts';
import { createPkcs12, PrivateKey } from '../../../src/pki/index.ts';
import { temporaryFolder } from '../../server/temporary.ts';
import { type MatrixClient, missing, printed, query } from './client.ts';

const odbcDriver = '/usr/lib/x86_64-linux-gnu/odbc/psqlodbcw.so';
const jar = '/usr/share/java/postgresql.jar';

/** The client programs whose connection strings have another form than the connection strings of libpq. */
export const driverClients: readonly MatrixClient[] = [
  {
    name: 'DBD::Pg with perlDbi',
    skip: missing('DBD::Pg', '/usr/bin/perl', '/usr/share/doc/libdbd-pg-perl'),
    encrypted: true,
    refused: { database: /['";]/g, directory: /['";]/g, passphrase: /['";]/g },
    ask: (bundle, directory) => {
      const { dsn, user } = client.perlDbi(bundle, { directory });
      const program = `use DBI; my $c = DBI->connect($ARGV[0], $ARGV[1], '', { RaiseError => 1 });
        my ($name) = $c->selectrow_array($ARGV[2]); binmode STDOUT, ':utf8'; print $name;`;
      return printed(['/usr/bin/perl', '-e', program, dsn, user, query]);
    },
  },
  {
    name: 'PDO with phpPdo',
    skip: missing('The PostgreSQL extension of PHP', '/usr/bin/php', '/usr/share/doc/php-pgsql'),
    encrypted: true,
    refused: { database: /;/g, directory: /;/g, passphrase: /;/g },
    ask: (bundle, directory) => {
      const { dsn, user } = client.phpPdo(bundle, { directory });
      const program = 'echo (new PDO($argv[1], $argv[2]))->query($argv[3])->fetchColumn();';
      return printed(['/usr/bin/php', '-r', program, '--', dsn, user, query]);
    },
  },
  {
    name: 'psqlODBC with odbcConnectionString',
    skip: missing('psqlODBC', '/usr/bin/isql', odbcDriver),
    encrypted: true,
    refused: { database: /[;{}]/g, directory: /[;{}]/g, passphrase: /[;{}]/g },
    ask: async (bundle, directory) => {
      const connection = `DRIVER=${odbcDriver};${client.odbcConnectionString(bundle, { directory })}`;
      const table = await printed(['/usr/bin/isql', '-k', connection, '-b', '-v'], { input: `${query}\n` });
      return (
        table
          .split('\n')
          .find((line) => line.includes(' @ '))
          ?.replace(/^\| (.*?) *\|$/, '$1') ?? table
      );
    },
  },
  {
    name: 'pgjdbc with jdbcUrl, and with jdbcProperties',
    skip: missing('pgjdbc, or a JDK,', '/usr/bin/java', '/usr/bin/javac', jar),
    encrypted: true,
    // Java opens a PKCS#12 file only with a passphrase of printable ASCII characters.
    refused: { passphrase: /[^ -~]/g },
    ask: async (bundle, directory) => {
      const passphrase = bundle.passphrase();
      const options = {
        directory,
        ...(passphrase === undefined ? {} : { pkcs12: { name: 'app.p12', passphrase } }),
      };
      const url = client.jdbcUrl(bundle, options);
      if (passphrase === undefined) {
        const [key] = client.jdbcFiles(bundle, directory);
        writeFileSync(key!.path, key!.content(), { mode: key!.mode });
      } else {
        const privateKey = await PrivateKey.read(bundle.privateKey(), { passphrase });
        const content = await createPkcs12({ certificates: bundle.certificate, privateKey, passphrase });
        writeFileSync(join(directory, 'app.p12'), content, { mode: 0o600 });
      }
      const properties = Object.entries(client.jdbcProperties(bundle, options)).flat();
      const parameters = [query, url, url.split('?')[0]!, ...properties];
      const both = await printed(['/usr/bin/java', '-cp', `${jar}:${await javaClasses()}`, 'Connect', ...parameters]);
      const [byUrl, byProperties] = both.split('\n');
      return byUrl === byProperties ? byUrl! : both;
    },
  },
];

let compiledClasses: Promise<string> | undefined;

/**
 * Compiles the Java class `Connect` once, and returns its folder. The parameters of the class are a query, a URL, and
 * another URL with connection properties.
 */
function javaClasses(): Promise<string> {
  compiledClasses ??= (async () => {
    const source = join(temporaryFolder(), 'Connect.java');
    writeFileSync(
      source,
      `import java.sql.*;
public class Connect {
  public static void main(String[] a) throws Exception {
    java.util.Properties properties = new java.util.Properties();
    for (int i = 3; i < a.length; i += 2) properties.setProperty(a[i], a[i + 1]);
    Connection[] connections = { DriverManager.getConnection(a[1]), DriverManager.getConnection(a[2], properties) };
    for (Connection c : connections) {
      ResultSet rows = c.createStatement().executeQuery(a[0]);
      rows.next();
      new java.io.PrintStream(System.out, true, "UTF-8").println(rows.getString(1));
      c.close();
    }
  }
}`,
    );
    await printed(['/usr/bin/javac', source]);
    return dirname(source);
  })();
  return compiledClasses;
}
