import { assertInstance, assertProperties, type PropertyNames } from '../../arguments.ts';
import { parseBool } from '../../c/boolean.ts';
import { ConfTree } from '../../conf/tree.ts';
import { splitListSetting } from '../../conf/values/value.ts';
import { PgHostsslError } from '../../errors.ts';
import { HbaFile } from '../../hba/file.ts';
import { type AuthMethod, connectionTypes } from '../../hba/tables/tables.ts';
import { IdentFile } from '../../ident/file.ts';
import type { ServerFacts } from '../../parse-options.ts';
import { spanIncludes } from '../../version.ts';
import { methodRows } from './methods.ts';
import { type Transport, type TransportSet, transportSet, transports } from './transport.ts';

/** The files that decide who gets in. */
export interface AccessInput {
  /** pg_hba.conf, with the callbacks that read its included files. */
  readonly hba: HbaFile;
  /** pg_ident.conf, with the maps that the rules name. */
  readonly ident?: IdentFile | undefined;
  /**
   * The settings of the server. Only `ssl`, `ssl_ca_file`, `krb_caseins_users` and `db_user_namespace` are used, and
   * whether `listen_addresses` or `unix_socket_directories` is empty.
   */
  readonly conf?: ConfTree | undefined;
}

const inputNames: PropertyNames<AccessInput> = { hba: true, ident: true, conf: true };

/**
 * Checks the files of a server. Only pg_hba.conf is required.
 *
 * @throws PgHostsslError `argument-invalid` for values of the wrong kind
 */
export function inputOf(input: AccessInput | HbaFile, what: string): AccessInput {
  if (input instanceof HbaFile) return { hba: input };
  if (!((input as AccessInput | undefined)?.hba instanceof HbaFile)) {
    throw new PgHostsslError(
      'argument-invalid',
      `${what} must be an HbaFile, or an object whose property hba is an HbaFile`,
    );
  }
  // A Configuration has further properties. In a plain object, an unknown property is a mistake of the caller.
  if (Object.getPrototypeOf(input) === Object.prototype) assertProperties(input, inputNames, what);
  const { ident, conf } = input;
  if (ident !== undefined) assertInstance(ident, IdentFile, `ident in ${what}`);
  if (conf !== undefined) assertInstance(conf, ConfTree, `conf in ${what}`);
  return input;
}

/** Returns the facts about the server with which a file was parsed. */
export function serverFactsOf(hba: HbaFile): ServerFacts {
  return hba.expandable().options.server ?? {};
}

/** What is known about TLS on the server. */
export interface TlsFacts {
  /** `true` if `ssl` is on; `undefined` if that is unknown. */
  readonly ssl: boolean | undefined;
  /** `true` if the server loads a CA file to check client certificates; `undefined` if that is unknown. */
  readonly sslCa: boolean | undefined;
}

/**
 * Returns whether TLS is on and whether a CA file is set. The settings of `conf` take precedence over the server facts
 * with which pg_hba.conf was parsed.
 */
export function tlsFactsOf({ hba, conf }: AccessInput): TlsFacts {
  const { ssl, sslCa } = serverFactsOf(hba);
  if (conf === undefined) return { ssl, sslCa };
  const isOn = settingOf(conf, 'ssl');
  const caFile = settingOf(conf, 'ssl_ca_file');
  return {
    ssl: isOn === undefined ? ssl : parseBool(isOn),
    sslCa: caFile === undefined ? sslCa : caFile !== '',
  };
}

/**
 * Returns why the server offers no connection over a transport; `undefined` if it offers such connections, or if the
 * settings are unknown.
 */
export function whyNotOffered(transport: Transport, input: AccessInput): string | undefined {
  const { hba, conf } = input;
  const name = transport === 'local' ? 'unix_socket_directories' : 'listen_addresses';
  const value = conf && settingOf(conf, name);
  if (value !== undefined && splitListSetting(name, value, hba.version)?.length === 0) return `${name} is empty`;
  const hasGss = spanIncludes(connectionTypes.hostgssenc, hba.version);
  if (transport === 'gss' && !hasGss) return `PostgreSQL ${hba.version} has no GSS encryption`;
  return transport === 'ssl' && tlsFactsOf(input).ssl === false ? 'ssl is off' : undefined;
}

/** Returns the transports that the server can offer. */
export function offeredTransports(input: AccessInput): TransportSet {
  return transportSet(transports.filter((transport) => whyNotOffered(transport, input) === undefined));
}

/** Returns whether `krb_caseins_users` affects the method. */
export function ignoresCase(method: AuthMethod): boolean {
  return methodRows[method].isKerberos === true;
}

/** Returns the setting `krb_caseins_users`; `undefined` if the setting is unknown. */
export function krbCaseinsUsers({ conf }: AccessInput): boolean | undefined {
  const value = conf && settingOf(conf, 'krb_caseins_users');
  return value === undefined ? undefined : parseBool(value);
}

/**
 * Returns the setting `db_user_namespace`, which exists up to major version 16; `undefined` if the setting is unknown.
 * The setting in `conf` takes precedence over the server facts with which pg_hba.conf was parsed.
 */
export function dbUserNamespace({ hba, conf }: AccessInput): boolean | undefined {
  const value = conf && settingOf(conf, 'db_user_namespace');
  return value === undefined ? serverFactsOf(hba).dbUserNamespace : parseBool(value);
}

/** Returns the value of a setting; `undefined` if a file was not read, because that file can contain another value. */
function settingOf(conf: ConfTree, name: string): string | undefined {
  return conf.isWhole ? conf.effective(name)?.value : undefined;
}
