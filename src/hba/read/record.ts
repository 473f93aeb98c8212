import type { LineDiagnostic } from '../../auth-file/read/line-diagnostic.ts';
import type { LineContext } from '../../auth-file/read/record-format.ts';
import { type LineReading, readUnlessRefused, refuse } from '../../auth-file/read/refusal.ts';
import { checkRegex } from '../../auth-file/read/regex.ts';
import { scanSwitches } from '../../auth-file/scan/scan-rules.ts';
import type { Field, Token } from '../../auth-file/scan/token.ts';
import { includeDirectives } from '../../include/directive.ts';
import type { ServerFacts } from '../../parse-options.ts';
import { type PgMajor, type PgMajorSpan, spanIncludes } from '../../version.ts';
import {
  type AuthMethod,
  authMethodRow,
  authMethods,
  authMethodsOf,
  type ConnectionType,
  connectionTypes,
  connectionTypesOf,
  usedMethod,
} from '../tables/tables.ts';
import type { ServerAddress } from './address.ts';
import { readAddressColumns } from './address-columns.ts';
import { Columns } from './columns.ts';
import { heldOptions } from './ldap.ts';
import { displacedColumn } from './misplaced-columns.ts';
import { englishList, type OptionToken } from './option.ts';
import { checkCombinations } from './option-combinations.ts';
import { readOptions } from './options.ts';
import { beginsComment, commentFix, meantWord, unknownWordAdvice, wordFix } from './unknown-word.ts';

/** A line of pg_hba.conf in the server's form (`HbaLine`), and its tokens. */
export interface HbaRecord {
  readonly type: ConnectionType;
  /** The token of the connection type. */
  readonly typeToken: Token;
  /** The tokens of the database column. */
  readonly databases: Field;
  /** The tokens of the user column. */
  readonly users: Field;
  /** The address; `undefined` for `local`. */
  readonly address: ServerAddress | undefined;
  /** The tokens of the address column and of the netmask column, if there is one. */
  readonly addressTokens: readonly Token[];
  /** The authentication method. It is `peer` if a `local` line names `ident`. */
  readonly method: AuthMethod;
  /** The token of the method column. */
  readonly methodToken: Token;
  /** The options in file order, including repeated options. */
  readonly options: readonly OptionToken[];
}

/**
 * Reads the fields of a line. Like `parse_hba_line`, this function reads from left to right and stops at the first
 * error.
 */
export function readRecord(fields: readonly Field[], context: LineContext): LineReading<HbaRecord> {
  const reading = readUnlessRefused((warnings) => new RecordReader(fields, context, warnings).read());
  const { error, warnings } = reading;
  if (error === undefined || error.serverText !== undefined) return reading;
  // If the server has no text for the error column of its view, this column keeps the text of an earlier warning of the
  // line.
  const former = warnings.find(({ serverText }) => serverText !== undefined);
  return { error: { ...error, serverText: former?.serverText }, warnings };
}

/** The major versions that refuse a `hostssl` line while `ssl` is off. Later versions load the line. */
const refusesHostsslWithoutSsl: PgMajorSpan = { until: 9.6 };

/** The versions with the setting `db_user_namespace`. */
const hasUserNamespace: PgMajorSpan = { until: 16 };

/** Reads the columns of one line of pg_hba.conf. */
class RecordReader {
  readonly #columns: Columns;
  readonly #version: PgMajor;
  readonly #regularExpressions: boolean;
  readonly #server: ServerFacts;
  readonly #warnings: LineDiagnostic[];

  constructor(fields: readonly Field[], { version, rules, server }: LineContext, warnings: LineDiagnostic[]) {
    this.#columns = new Columns(fields, version);
    this.#version = version;
    this.#regularExpressions = rules.regularExpressions;
    this.#server = server;
    this.#warnings = warnings;
  }

  read(): HbaRecord {
    const { type, token: typeToken } = this.#type();
    const databases = this.#names('end-of-line before database specification', 'the database column');
    const users = this.#names('end-of-line before role specification', 'the user column');
    const from = this.#columns.next;
    const address = type === 'local' ? undefined : readAddressColumns(this.#columns, this.#server, this.#warnings);
    const addressTokens = this.#columns.tokensBetween(from, this.#columns.next);
    const { method, token } = this.#method(type, addressTokens);
    const [version, server, warnings] = [this.#version, this.#server, this.#warnings];
    const options = readOptions(this.#columns.rest(), { type, method, version, warnings });
    checkCombinations({ options: heldOptions(options), method, token, version, server, warnings });
    return { type, typeToken, databases, users, address, addressTokens, method, methodToken: token, options };
  }

  #type(): { type: ConnectionType; token: Token } {
    const token = this.#columns.takeWord('connection type', 'a connection type');
    const known = connectionTypesOf(this.#version);
    const type = known.get(token.value);
    if (type === undefined) {
      const words = [...known.keys()];
      const advice = unknownWordAdvice([token], { ...connectionTypes, ...includeLines }, words, this.#version);
      return refuse({
        code: 'hba-type-unknown',
        span: token,
        serverText: `invalid connection type "${token.value}"`,
        message: `"${token.value}" is not a connection type of PostgreSQL ${this.#version}${advice}`,
        fix: beginsComment(token.value) ? commentFix(token, 'make the line a comment') : wordFix(token, words),
      });
    }
    if (type === 'hostssl') this.#checkSsl(token);
    if (type === 'hostgssenc') this.#checkGss(token);
    return { type, token };
  }

  #checkSsl(token: Token): void {
    const refuses = spanIncludes(refusesHostsslWithoutSsl, this.#version);
    const { ssl } = this.#server;
    if (ssl === true || (ssl === undefined && !refuses)) return;
    const diagnostic = {
      code: 'hba-hostssl-without-ssl',
      span: token,
      serverText: ssl === false ? 'hostssl record cannot match because SSL is disabled' : undefined,
      message: refuses
        ? 'The server refuses a hostssl rule while ssl is off. Set ssl = on. The command line and postgresql.auto.conf win over postgresql.conf'
        : 'A hostssl rule never matches while ssl is off. Set ssl = on. The command line and postgresql.auto.conf win over postgresql.conf',
    } as const;
    if (ssl === false && refuses) refuse(diagnostic);
    this.#warnings.push({ ...diagnostic, severity: 'warning' });
  }

  #checkGss(token: Token): void {
    const features = this.#server.features;
    if (features === undefined || features.includes('gss')) return;
    this.#warnings.push({
      code: 'hba-hostgssenc-without-gss',
      severity: 'warning',
      span: token,
      serverText: 'hostgssenc record cannot match because GSSAPI is not supported by this build',
      message: 'A hostgssenc rule never matches on a server that is built without GSSAPI. Use another connection type',
    });
  }

  /** Reads the next column of a line as a list of names: the database column or the user column. */
  #names(missing: string, what: string): Field {
    const field = this.#columns.take(missing, what);
    if (this.#regularExpressions) for (const token of field) checkRegex(token, this.#warnings);
    return field;
  }

  #method(type: ConnectionType, address: readonly Token[]): { method: AuthMethod; token: Token } {
    const token = this.#columns.takeWord(
      'authentication type',
      'an authentication method',
      'end-of-line before authentication method',
    );
    const known = authMethodsOf(this.#version);
    const word = known.get(token.value);
    if (word === undefined) {
      const words = [...known.keys()];
      const line = this.#columns.tokensBetween(0, this.#columns.next);
      const advice = unknownWordAdvice(line, authMethods, words, this.#version);
      const meant = meantWord(token, words);
      const isAllowed = meant !== undefined && this.#isAllowed(known.get(meant)!, type);
      return refuse({
        code: 'hba-method-unknown',
        span: token,
        serverText: `invalid authentication method "${token.value}"`,
        message:
          displacedColumn(type, token, address, known) ??
          `"${token.value}" is not an authentication method of PostgreSQL ${this.#version}${advice}`,
        fix: isAllowed ? wordFix(token, words) : undefined,
      });
    }
    this.#checkBuild(word, token);
    if (word === 'md5' && spanIncludes(hasUserNamespace, this.#version)) this.#checkUserNamespace(token);
    const method = usedMethod(type, word);
    this.#checkType(type, method, token);
    return { method, token };
  }

  /** Returns whether the server certainly knows a method and accepts it on lines of a connection type. */
  #isAllowed(method: AuthMethod, type: ConnectionType): boolean {
    const { types, feature } = authMethodRow(method);
    const isBuilt = feature === undefined || this.#server.features?.includes(feature) === true;
    return isBuilt && (types === undefined || types.includes(type));
  }

  #checkUserNamespace(token: Token): void {
    const { dbUserNamespace } = this.#server;
    if (dbUserNamespace === false) return;
    const diagnostic = {
      code: 'hba-md5-with-namespace',
      span: token,
      serverText: dbUserNamespace
        ? 'MD5 authentication is not supported when "db_user_namespace" is enabled'
        : undefined,
      message: 'The server refuses method md5 while db_user_namespace is on. Set db_user_namespace = off',
    } as const;
    if (dbUserNamespace) refuse(diagnostic);
    this.#warnings.push({ ...diagnostic, severity: 'info' });
  }

  #checkBuild(method: AuthMethod, token: Token): void {
    const { feature } = authMethodRow(method);
    const features = this.#server.features;
    if (feature === undefined || features?.includes(feature) === true) return;
    const serverText = `invalid authentication method "${method}": not supported by this build`;
    if (features !== undefined) {
      const message = `The server is built without ${method}. Use another method`;
      refuse({ code: 'hba-method-not-built', span: token, serverText, message });
    }
    this.#warnings.push({
      code: 'hba-method-not-built',
      severity: 'info',
      span: token,
      message: `A server that is built without ${method} refuses the file. Give server.features to check this`,
    });
  }

  #checkType(type: ConnectionType, method: AuthMethod, token: Token): void {
    const { types, misplaced, label = method } = authMethodRow(method);
    if (types === undefined || types.includes(type)) return;
    refuse({
      code: 'hba-method-misplaced',
      span: token,
      serverText: `${label} authentication is ${misplaced}`,
      message: `Method ${method} is not allowed on a ${type} line, only on ${englishList(types)}`,
    });
  }
}

/** The first words of include lines, with the major versions that read these lines as includes and not as rules. */
const includeLines: Readonly<Record<string, PgMajorSpan>> = Object.fromEntries(
  includeDirectives.map((word) => [word, scanSwitches.includes]),
);
