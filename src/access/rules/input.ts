import { assertInstance, assertProperties, type PropertyNames } from '../../arguments.ts';
import { parseBool } from '../../c/boolean.ts';
import { ConfTree } from '../../conf/index.ts';
import { PgHostsslError } from '../../errors.ts';
import { type AuthMethod, HbaFile } from '../../hba/index.ts';
import { IdentFile } from '../../ident/index.ts';
import type { ServerFacts } from '../../parse-options.ts';

/** The files that decide who gets in. */
export interface AccessInput {
  /** The pg_hba.conf, with the callbacks that read what it includes. */
  readonly hba: HbaFile;
  /** The pg_ident.conf, with the maps that the rules name. */
  readonly ident?: IdentFile;
  /** The server's settings. Only `ssl`, `ssl_ca_file` and `krb_caseins_users` are used. */
  readonly conf?: ConfTree;
}

const inputNames: PropertyNames<AccessInput> = { hba: true, ident: true, conf: true };

/** The files of a server; only pg_hba.conf is required. @throws PgHostsslError `argument-invalid` */
export function inputOf(input: AccessInput | HbaFile, what: string): AccessInput {
  if (input instanceof HbaFile) return { hba: input };
  if (!((input as AccessInput | undefined)?.hba instanceof HbaFile)) {
    throw new PgHostsslError('argument-invalid', `${what} must be an HbaFile, or an object with one as hba`);
  }
  // A Configuration has further properties; in an object of the caller's own such a name is a mistake.
  if (Object.getPrototypeOf(input) === Object.prototype) assertProperties(input, inputNames, what);
  const { ident, conf } = input;
  if (ident !== undefined) assertInstance(ident, IdentFile, `ident in ${what}`);
  if (conf !== undefined) assertInstance(conf, ConfTree, `conf in ${what}`);
  return input;
}

/** The facts about the server that a file was parsed with. */
export function serverFactsOf(hba: HbaFile): ServerFacts {
  return hba.expandable().options.server ?? {};
}

/** What an input tells about TLS at the server. */
export interface TlsFacts {
  /** Whether `ssl` is on; `undefined` if it is not known. */
  readonly ssl: boolean | undefined;
  /** Whether a CA file is loaded that client certificates are checked with. */
  readonly sslCa: boolean | undefined;
}

/** Whether TLS and its CA file are on: from the settings, else from the facts that the file was parsed with. */
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

/** Whether the server compares the names of a method in any case if `krb_caseins_users` is on. */
export function ignoresCase(method: AuthMethod): boolean {
  return method === 'gss' || method === 'sspi';
}

/** The setting `krb_caseins_users`; `undefined` if it is not known. */
export function krbCaseinsUsers({ conf }: AccessInput): boolean | undefined {
  const value = conf && settingOf(conf, 'krb_caseins_users');
  return value === undefined ? undefined : parseBool(value);
}

/** The value of a setting, if it is known: a file that was not read may hold another one. */
function settingOf(conf: ConfTree, name: string): string | undefined {
  return conf.isWhole ? conf.effective(name)?.value : undefined;
}
