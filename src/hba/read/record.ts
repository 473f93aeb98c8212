import { checkRegex } from '../../auth-file/read/check-regex.ts';
import type { Reading } from '../../auth-file/read/line.ts';
import {
  englishList,
  type LineFix,
  type LineProblem,
  type LineReading,
  refuse,
  unlessRefused,
} from '../../auth-file/read/line-diagnostic.ts';
import type { Field, Token } from '../../auth-file/scan/token.ts';
import { parseIpAddress } from '../../net/ip.ts';
import type { ServerFacts } from '../../parse-options.ts';
import { type PgMajor, type PgMajorSpan, spanIncludes } from '../../version.ts';
import {
  type AuthMethod,
  authMethodRow,
  authMethodsOf,
  type ConnectionType,
  connectionTypesOf,
} from '../tables/tables.ts';
import { type AddressReading, readAddress, type ServerAddress } from './address.ts';
import { heldOptions } from './ldap.ts';
import type { OptionToken } from './option.ts';
import { checkCombinations } from './option-combinations.ts';
import { readOptions } from './options.ts';

/** A line of pg_hba.conf as the server holds it (`HbaLine`), with the tokens that it was read from. */
export interface HbaRecord {
  /** The connection type. */
  readonly type: ConnectionType;
  /** The tokens of the database column. */
  readonly databases: Field;
  /** The tokens of the user column. */
  readonly users: Field;
  /** The address; undefined for `local` alone. */
  readonly address: ServerAddress | undefined;
  /** The tokens of the address column and, where the mask is one of its own, the netmask column. */
  readonly addressTokens: readonly Token[];
  /** The authentication method, which is `peer` where a `local` line says `ident`. */
  readonly method: AuthMethod;
  /** The token of the method column. */
  readonly methodToken: Token;
  /** The options in the order of the file, repeated ones included. */
  readonly options: readonly OptionToken[];
}

/** A line's reading, with what else is to be said of the line. */
export type RecordReading = LineReading<HbaRecord> & {
  /** What the server says without refusing the line, or what hangs on a fact that is not known. */
  readonly notes: readonly LineProblem[];
};

/** Reads the fields of a line. Mirrors `parse_hba_line`: from left to right, and the first problem ends it. */
export function readRecord(fields: readonly Field[], how: Reading): RecordReading {
  const reader = new RecordReader(fields, how);
  const { notes } = reader;
  const { record, problem } = unlessRefused(() => reader.read());
  if (problem === undefined) return { record, notes };
  // A refusal that sets no text of its own leaves that of a former note in the view's error column.
  return { problem: { ...problem, serverText: problem.serverText ?? serverTextOf(notes) }, notes };
}

/** The text that the view shows for a line that is loaded in spite of something. */
export function serverTextOf(notes: readonly LineProblem[]): string | null {
  return notes.find((note) => note.serverText !== null)?.serverText ?? null;
}

/** The majors that refuse a `hostssl` line while `ssl` is off; later ones load it. */
const refusesHostsslWithoutSsl: PgMajorSpan = { until: 9.6 };

/** The majors that have the setting `db_user_namespace`. */
const hasUserNamespace: PgMajorSpan = { until: 16 };

/** The state of one reading. */
class RecordReader {
  readonly #fields: readonly Field[];
  readonly #version: PgMajor;
  readonly #regularExpressions: boolean;
  readonly #server: ServerFacts;
  /** What the server says of the line without refusing it. */
  readonly notes: LineProblem[] = [];
  #next = 0;

  constructor(fields: readonly Field[], { version, rules, server }: Reading) {
    this.#fields = fields;
    this.#version = version;
    this.#regularExpressions = rules.regularExpressions;
    this.#server = server;
  }

  read(): HbaRecord {
    const type = this.#type();
    const databases = this.#names('end-of-line before database specification', 'the database column');
    const users = this.#names('end-of-line before role specification', 'the user column');
    const from = this.#next;
    const address = type === 'local' ? undefined : this.#address();
    const addressTokens = tokensOf(this.#fields, from, this.#next);
    const { method, token } = this.#method(type);
    const optionTokens = tokensOf(this.#fields, this.#next, this.#fields.length);
    const options = readOptions(optionTokens, type, method, this.#version, this.notes);
    const [version, server, notes] = [this.#version, this.#server, this.notes] as const;
    checkCombinations({ options: heldOptions(options), method, token, version, server, notes });
    return { type, databases, users, address, addressTokens, method, methodToken: token, options };
  }

  #type(): ConnectionType {
    const token = this.#single('connection type', 'a connection type');
    const known = connectionTypesOf(this.#version);
    const type = known.get(token.value);
    if (type === undefined) {
      const words = [...known.keys()];
      return refuse({
        code: 'hba-type-unknown',
        token,
        serverText: `invalid connection type "${token.value}"`,
        message: `"${token.value}" is no connection type of PostgreSQL ${this.#version}; write one of ${words.join(', ')}`,
        fix: lowerCaseFix(token, words),
      });
    }
    if (type === 'hostssl') this.#noteSsl(token);
    if (type === 'hostgssenc') this.#noteGss(token);
    return type;
  }

  #noteSsl(token: Token): void {
    const refuses = spanIncludes(refusesHostsslWithoutSsl, this.#version);
    const { ssl } = this.#server;
    if (ssl === true || (ssl === undefined && !refuses)) return;
    const problem: LineProblem = {
      code: 'hba-hostssl-without-ssl',
      token,
      serverText: ssl === false ? 'hostssl record cannot match because SSL is disabled' : null,
      message: refuses
        ? 'a hostssl rule is refused while ssl is off; set ssl = on in postgresql.conf'
        : 'a hostssl rule never matches while ssl is off; set ssl = on in postgresql.conf',
    };
    if (ssl === false && refuses) refuse(problem);
    this.notes.push(problem);
  }

  #noteGss(token: Token): void {
    const features = this.#server.features;
    if (features === undefined || features.includes('gss')) return;
    this.notes.push({
      code: 'hba-hostgssenc-without-gss',
      token,
      serverText: 'hostgssenc record cannot match because GSSAPI is not supported by this build',
      message: 'a hostgssenc rule never matches on a server that is built without GSSAPI',
    });
  }

  /** The next column, which is a list of names. */
  #names(missing: string, what: string): Field {
    const field = this.#column(missing, what);
    if (this.#regularExpressions) for (const token of field) checkRegex(token, this.notes);
    return field;
  }

  #address(): ServerAddress {
    const token = this.#single('host address', 'an address', 'end-of-line before IP address specification');
    const reading = readAddress(token, this.#server.interfaces);
    this.#noteZone(reading, token);
    switch (reading.kind) {
      case 'host-name-with-mask':
        return refuse({
          code: 'hba-host-name-with-mask',
          token,
          serverText: `specifying both host name and CIDR mask is invalid: "${token.value}"`,
          message: `what stands before the slash of "${token.value}" is no IP address, and a host name can have no mask`,
        });
      case 'bad-prefix':
        return refuse({
          code: 'hba-prefix-invalid',
          token,
          serverText: `invalid CIDR mask in address "${token.value}"`,
          message: `"${token.value}" has no valid prefix length: give 0 to 32 for IPv4, 0 to 128 for IPv6`,
        });
      case 'needs-mask':
        return { kind: 'network', address: reading.address, mask: this.#mask(reading.address.family, token) };
      default:
        return reading;
    }
  }

  #noteZone(reading: AddressReading, token: Token): void {
    const zone = 'address' in reading ? reading.address.zone : undefined;
    if (zone === undefined || /^\d+$/.test(zone) || this.#server.interfaces !== undefined) return;
    const message = `the address becomes a host name on a machine that has no network interface ${zone}`;
    this.notes.push({ code: 'address-zone-unchecked', token, serverText: null, message });
  }

  #mask(family: 'ipv4' | 'ipv6', address: Token): NonNullable<ReturnType<typeof parseIpAddress>> {
    const full = family === 'ipv4' ? 32 : 128;
    const remedy = `write ${address.value}/${full} for this one address, or give a netmask as the next column`;
    const { end } = address;
    const fix = { title: `write ${address.value}/${full}`, start: end, end, text: `/${full}` };
    if (this.#next >= this.#fields.length) {
      refuse({
        code: 'hba-column-missing',
        token: undefined,
        serverText: 'end-of-line before netmask specification',
        message: `the line ends before the netmask of ${address.value}; ${remedy}`,
        fix,
      });
    }
    const token = this.#single('netmask', 'a netmask');
    const mask = parseIpAddress(token.value, this.#server.interfaces);
    if (mask === undefined) {
      return refuse({
        code: 'hba-mask-invalid',
        token,
        serverText: `invalid IP mask "${token.value}": Name or service not known`,
        message: `"${token.value}" stands where the netmask of ${address.value} must: ${remedy}`,
        fix,
      });
    }
    if (mask.family !== family) {
      refuse({
        code: 'hba-mask-family',
        token,
        serverText: 'IP address and mask do not match',
        message: `the address ${address.value} and the mask ${token.value} are of different families`,
      });
    }
    return mask;
  }

  #method(type: ConnectionType): { method: AuthMethod; token: Token } {
    const token = this.#single(
      'authentication type',
      'an authentication method',
      'end-of-line before authentication method',
    );
    const known = authMethodsOf(this.#version);
    const word = known.get(token.value);
    if (word === undefined) {
      const words = [...known.keys()];
      return refuse({
        code: 'hba-method-unknown',
        token,
        serverText: `invalid authentication method "${token.value}"`,
        message: `"${token.value}" is no authentication method of PostgreSQL ${this.#version}; write one of ${words.join(', ')}`,
        fix: lowerCaseFix(token, words),
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
    const problem: LineProblem = {
      code: 'hba-md5-with-namespace',
      token,
      serverText: dbUserNamespace ? 'MD5 authentication is not supported when "db_user_namespace" is enabled' : null,
      message: 'md5 is refused while db_user_namespace is on',
    };
    if (dbUserNamespace) refuse(problem);
    this.notes.push(problem);
  }

  #checkBuild(method: AuthMethod, token: Token): void {
    const { feature } = authMethodRow(method);
    const features = this.#server.features;
    if (feature === undefined || features?.includes(feature) === true) return;
    const serverText = `invalid authentication method "${method}": not supported by this build`;
    if (features !== undefined) {
      refuse({ code: 'hba-method-not-built', token, serverText, message: `the server is built without ${method}` });
    }
    this.notes.push({
      code: 'hba-method-not-built',
      token,
      serverText: null,
      message: `a server that is built without ${method} refuses the file; say with server.features what it is built with`,
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
      token,
      serverText: `${label} authentication is ${places[method]}`,
      message: `method ${method} cannot stand on a ${type} line, only on ${englishList(types)}`,
    });
  }

  /** The next column, which must be there. */
  #column(serverText: string, what: string): Field {
    const field = this.#fields[this.#next];
    this.#next += 1;
    if (field !== undefined) return field;
    return refuse({
      code: 'hba-column-missing',
      token: undefined,
      serverText,
      message: `the line ends before ${what}`,
    });
  }

  /** The next column, which must be there and be no list. */
  #single(serverWhat: string, what: string, missing = ''): Token {
    const field = this.#column(missing, what);
    if (field.length === 1) return field[0];
    return refuse({
      code: 'hba-list-not-allowed',
      token: field[1],
      serverText: `multiple values specified for ${serverWhat}`,
      message: `${what} cannot be a list; a comma joins it with the next word`,
    });
  }
}

/** The tokens of some columns. */
function tokensOf(fields: readonly Field[], from: number, to: number): readonly Token[] {
  if (to - from === 1) return fields[from]!;
  const tokens: Token[] = [];
  for (let i = from; i < to; i++) for (const token of fields[i]!) tokens.push(token);
  return tokens;
}

/** A keyword that only differs in case from the right one. */
function lowerCaseFix({ value, start, end }: Token, known: readonly string[]): LineFix | undefined {
  const text = known.find((word) => word === value.toLowerCase());
  return text === undefined ? undefined : { title: `write ${text}`, start, end, text };
}
