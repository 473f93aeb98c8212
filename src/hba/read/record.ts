import type { LineDiagnostic } from '../../auth-file/read/line-diagnostic.ts';
import type { LineContext } from '../../auth-file/read/record-format.ts';
import { type LineReading, readUnlessRefused, refuse } from '../../auth-file/read/refusal.ts';
import { checkRegex } from '../../auth-file/read/regex.ts';
import type { Field, Token } from '../../auth-file/scan/token.ts';
import { includeDirectives } from '../../include/directive.ts';
import { parseIpAddress } from '../../net/ip.ts';
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
} from '../tables/tables.ts';
import { type AddressReading, readAddress, type ServerAddress } from './address.ts';
import { heldOptions } from './ldap.ts';
import { displacedColumn, missingColumns } from './misplaced-columns.ts';
import { englishList, type OptionToken } from './option.ts';
import { checkCombinations } from './option-combinations.ts';
import { readOptions } from './options.ts';
import { whyUnknown, wordFix } from './unknown-word.ts';

/** A line of pg_hba.conf as the server holds it (`HbaLine`), with the tokens that it was read from. */
export interface HbaRecord {
  /** The connection type. */
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
  /** The authentication method: `peer` if a `local` line says `ident`. */
  readonly method: AuthMethod;
  /** The token of the method column. */
  readonly methodToken: Token;
  /** The options in the order of the file, repeated ones included. */
  readonly options: readonly OptionToken[];
}

/** Reads the fields of a line. As `parse_hba_line`, it reads from left to right, and the first error ends the reading. */
export function readRecord(fields: readonly Field[], context: LineContext): LineReading<HbaRecord> {
  const reading = readUnlessRefused((warnings) => new RecordReader(fields, context, warnings).read());
  const { error, warnings } = reading;
  if (error === undefined || error.serverText !== undefined) return reading;
  // An error that sets no text of its own leaves the text of a former warning in the view's error column.
  const former = warnings.find(({ serverText }) => serverText !== undefined);
  return { error: { ...error, serverText: former?.serverText }, warnings };
}

/** The versions that refuse a `hostssl` line while `ssl` is off; later versions load it. */
const refusesHostsslWithoutSsl: PgMajorSpan = { until: 9.6 };

/** The versions that have the setting `db_user_namespace`. */
const hasUserNamespace: PgMajorSpan = { until: 16 };

/** Reads one line. */
class RecordReader {
  readonly #fields: readonly Field[];
  readonly #version: PgMajor;
  readonly #regularExpressions: boolean;
  readonly #server: ServerFacts;
  readonly #warnings: LineDiagnostic[];
  #next = 0;

  constructor(fields: readonly Field[], { version, rules, server }: LineContext, warnings: LineDiagnostic[]) {
    this.#fields = fields;
    this.#version = version;
    this.#regularExpressions = rules.regularExpressions;
    this.#server = server;
    this.#warnings = warnings;
  }

  read(): HbaRecord {
    const { type, token: typeToken } = this.#type();
    const databases = this.#names('end-of-line before database specification', 'the database column');
    const users = this.#names('end-of-line before role specification', 'the user column');
    const from = this.#next;
    const address = type === 'local' ? undefined : this.#address();
    const addressTokens = tokensOf(this.#fields, from, this.#next);
    const { method, token } = this.#method(type, addressTokens);
    const optionTokens = tokensOf(this.#fields, this.#next, this.#fields.length);
    const options = readOptions(optionTokens, type, method, this.#version, this.#warnings);
    checkCombinations({
      options: heldOptions(options),
      method,
      token,
      version: this.#version,
      server: this.#server,
      warnings: this.#warnings,
    });
    return { type, typeToken, databases, users, address, addressTokens, method, methodToken: token, options };
  }

  #type(): { type: ConnectionType; token: Token } {
    const token = this.#single('connection type', 'a connection type');
    const known = connectionTypesOf(this.#version);
    const type = known.get(token.value);
    if (type === undefined) {
      const words = [...known.keys()];
      const why = whyUnknown(token, { ...connectionTypes, ...includeLines }, this.#version);
      return refuse({
        code: 'hba-type-unknown',
        span: token,
        serverText: `invalid connection type "${token.value}"`,
        message: `"${token.value}" is no connection type of PostgreSQL ${this.#version}${why === undefined ? '' : `: ${why}`}. Write one of ${words.join(', ')}`,
        fix: wordFix(token, words),
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
        ? 'The server refuses a hostssl rule while ssl is off. Set ssl = on in postgresql.conf'
        : 'A hostssl rule never matches while ssl is off. Set ssl = on in postgresql.conf',
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

  /** The next column, a list of names. */
  #names(missing: string, what: string): Field {
    const field = this.#column(missing, what);
    if (this.#regularExpressions) for (const token of field) checkRegex(token, this.#warnings);
    return field;
  }

  #address(): ServerAddress {
    const token = this.#single('host address', 'an address', 'end-of-line before IP address specification');
    const reading = readAddress(token, this.#server.interfaces);
    this.#checkZone(reading, token);
    switch (reading.kind) {
      case 'host-name-with-mask':
        return refuse({
          code: 'hba-host-name-with-mask',
          span: token,
          serverText: `specifying both host name and CIDR mask is invalid: "${token.value}"`,
          message: `"${token.value}" has a prefix length behind a text that is no IP address. Give an IP address, or a host name without the slash`,
        });
      case 'bad-prefix':
        return refuse({
          code: 'hba-prefix-invalid',
          span: token,
          serverText: `invalid CIDR mask in address "${token.value}"`,
          message: `"${token.value}" has no valid prefix length. Give 0 to 32 for IPv4, 0 to 128 for IPv6`,
        });
      case 'needs-mask':
        return { kind: 'network', address: reading.address, mask: this.#mask(reading.address.family, token) };
      default:
        return reading;
    }
  }

  #checkZone(reading: AddressReading, token: Token): void {
    const zone = 'address' in reading ? reading.address.zone : undefined;
    if (zone === undefined || /^\d+$/.test(zone) || this.#server.interfaces !== undefined) return;
    const message = `On a machine without a network interface ${zone}, the server takes "${token.value}" for a host name. Give server.interfaces to check this`;
    this.#warnings.push({ code: 'address-zone-unchecked', severity: 'warning', span: token, message });
  }

  #mask(family: 'ipv4' | 'ipv6', address: Token): NonNullable<ReturnType<typeof parseIpAddress>> {
    // The unspecified address is the address of no client: every address was meant.
    const isUnspecified = parseIpAddress(address.value)?.bytes.every((byte) => byte === 0) === true;
    const length = isUnspecified ? 0 : family === 'ipv4' ? 32 : 128;
    const remedy = `Write ${address.value}/${length} for ${isUnspecified ? 'every' : 'this one'} address, or give a netmask as the next column`;
    const { end } = address;
    const fix = { title: `write ${address.value}/${length}`, start: end, end, text: `/${length}` };
    if (this.#next >= this.#fields.length) {
      refuse({
        code: 'hba-column-missing',
        serverText: 'end-of-line before netmask specification',
        message: `The line ends before the netmask of ${address.value}. ${remedy}`,
        fix,
      });
    }
    const token = this.#single('netmask', 'a netmask');
    const mask = parseIpAddress(token.value, this.#server.interfaces);
    if (mask === undefined) {
      return refuse({
        code: 'hba-mask-invalid',
        span: token,
        serverText: `invalid IP mask "${token.value}": Name or service not known`,
        message: `"${token.value}" is not the netmask that must follow ${address.value}. ${remedy}`,
        fix,
      });
    }
    if (mask.family !== family) {
      refuse({
        code: 'hba-mask-family',
        span: token,
        serverText: 'IP address and mask do not match',
        message: `The address ${address.value} and the netmask ${token.value} are not both IPv4 or both IPv6. ${remedy}`,
      });
    }
    return mask;
  }

  #method(type: ConnectionType, address: readonly Token[]): { method: AuthMethod; token: Token } {
    const token = this.#single(
      'authentication type',
      'an authentication method',
      'end-of-line before authentication method',
    );
    const known = authMethodsOf(this.#version);
    const word = known.get(token.value);
    if (word === undefined) {
      const words = [...known.keys()];
      const why = whyUnknown(token, authMethods, this.#version);
      const displaced = displacedColumn(type, token, address, known);
      return refuse({
        code: 'hba-method-unknown',
        span: token,
        serverText: `invalid authentication method "${token.value}"`,
        message:
          displaced ??
          `"${token.value}" is no authentication method of PostgreSQL ${this.#version}${why === undefined ? '' : `: ${why}`}. Write one of ${words.join(', ')}`,
        fix: wordFix(token, words),
      });
    }
    this.#checkBuild(word, token);
    if (word === 'md5' && spanIncludes(hasUserNamespace, this.#version)) this.#checkUserNamespace(token);
    const method = type === 'local' && word === 'ident' ? 'peer' : word;
    this.#checkType(type, method, token);
    return { method, token };
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
    const { types, label = method } = authMethodRow(method);
    if (types === undefined || types.includes(type)) return;
    const places: Partial<Record<AuthMethod, string>> = {
      gss: 'not supported on local sockets',
      peer: 'only supported on local sockets',
      cert: 'only supported on hostssl connections',
    };
    refuse({
      code: 'hba-method-misplaced',
      span: token,
      serverText: `${label} authentication is ${places[method]}`,
      message: `Method ${method} cannot stand on a ${type} line, only on ${englishList(types)}`,
    });
  }

  /** The next column, which must be there. */
  #column(serverText: string, what: string): Field {
    const field = this.#fields[this.#next];
    this.#next += 1;
    if (field !== undefined) return field;
    return refuse({
      code: 'hba-column-missing',
      serverText: serverText === '' ? undefined : serverText,
      message: `The line ends before ${what}${missingColumns(this.#fields, this.#version)}`,
    });
  }

  /** The next column, which must be there and must be no list. */
  #single(serverWhat: string, what: string, missing = ''): Token {
    const field = this.#column(missing, what);
    if (field.length === 1) return field[0];
    return refuse({
      code: 'hba-list-not-allowed',
      span: field[1],
      serverText: `multiple values specified for ${serverWhat}`,
      message: `A comma makes a list of ${what}, which can hold one word only. Remove the comma`,
    });
  }
}

const noTokens: readonly Token[] = [];

/** The tokens of the columns from one index to another. */
function tokensOf(fields: readonly Field[], from: number, to: number): readonly Token[] {
  if (to - from === 1) return fields[from]!;
  if (to === from) return noTokens;
  const tokens: Token[] = [];
  for (let i = from; i < to; i++) for (const token of fields[i]!) tokens.push(token);
  return tokens;
}

/** The first words of include lines, which are lines of their own since 16. */
const includeLines: Readonly<Record<string, PgMajorSpan>> = Object.fromEntries(
  includeDirectives.map((word) => [word, { since: 16 }]),
);
