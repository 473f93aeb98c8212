import { assertInstance, assertProperties, type PropertyNames } from '../../arguments.ts';
import { settingDefinition } from '../../conf/catalogue/catalogue.ts';
import { isSettingOn, knownSetting, serverFacts } from '../../conf/server/server-facts.ts';
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
   * whether `listen_addresses` or `unix_socket_directories` is empty. With `db_user_namespace`, searches, comparisons
   * and policies treat the users of a rule as unknown.
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

/**
 * Returns the facts about the server. The settings of `conf` take precedence over the facts with which pg_hba.conf was
 * parsed. A fact that is not known is left out.
 */
export function serverFactsOf({ hba, conf }: AccessInput): ServerFacts {
  const parsedWith = hba.expandable().options.server ?? {};
  return conf === undefined ? parsedWith : { ...parsedWith, ...serverFacts(conf) };
}

/**
 * Returns why the server offers no connection over a transport; `undefined` if it offers such connections, or if the
 * settings are unknown.
 */
export function whyNotOffered(transport: Transport, input: AccessInput): string | undefined {
  const { hba, conf } = input;
  const name = transport === 'local' ? 'unix_socket_directories' : 'listen_addresses';
  const setting = conf && knownSetting(conf, name);
  if (setting !== undefined && splitListSetting(name, setting.value, hba.version)?.length === 0)
    return `${name} is empty`;
  const hasGss = spanIncludes(connectionTypes.hostgssenc, hba.version);
  if (transport === 'gss' && !hasGss) return `PostgreSQL ${hba.version} has no GSS encryption`;
  return transport === 'ssl' && serverFactsOf(input).ssl === false ? 'ssl is off' : undefined;
}

/** Returns the transports that the server can offer. */
export function offeredTransports(input: AccessInput): TransportSet {
  return transportSet(transports.filter((transport) => whyNotOffered(transport, input) === undefined));
}

/** Returns whether the server appends the database to the name of the user: `db_user_namespace`, up to 16. */
export function isNamespaced(input: AccessInput): boolean {
  const isKnown = settingDefinition('db_user_namespace', input.hba.version) !== undefined;
  return isKnown && serverFactsOf(input).dbUserNamespace === true;
}

/** Returns whether `krb_caseins_users` affects the method. */
export function ignoresCase(method: AuthMethod): boolean {
  return methodRows[method].isKerberos === true;
}

/** Returns the setting `krb_caseins_users`; `undefined` if the setting is unknown. */
export function krbCaseinsUsers({ conf }: AccessInput): boolean | undefined {
  return conf && isSettingOn(conf, 'krb_caseins_users');
}
