import { given } from '../../arguments.ts';
import { parseBool } from '../../c/boolean.ts';
import type { ServerFacts } from '../../parse-options.ts';
import { settingDefinition } from '../catalogue/catalogue.ts';
import type { ConfTree, EffectiveSetting } from '../tree.ts';
import { splitListSetting } from '../values/value.ts';

/**
 * Returns the assignment of a setting if the server certainly uses it. The result is `undefined` if another value can
 * be in effect: a file was not read, or the server does not load a file because of an error in the file. Only the
 * command line wins over every file.
 */
export function knownSetting(conf: ConfTree, name: string): EffectiveSetting | undefined {
  const found = conf.effective(name);
  return conf.isWhole || found?.source === 'command-line' ? found : undefined;
}

/** Whether a setting is on; `undefined` if its value is unknown, or if the major version has no such setting. */
export function isSettingOn(conf: ConfTree, name: string): boolean | undefined {
  const setting = knownSetting(conf, name);
  return setting && parseBool(setting.value);
}

/** Returns whether `ssl_ca_file` names a file; `undefined` if its value is unknown. */
export function hasCaFile(conf: ConfTree): boolean | undefined {
  const caFile = knownSetting(conf, 'ssl_ca_file');
  return caFile && caFile.value !== '';
}

/**
 * Returns whether the server reads pg_hosts.conf (19), whose records replace the settings for certificate, key and CA
 * file; `undefined` if the value of `ssl_sni` is unknown.
 */
export function readsHosts(conf: ConfTree): boolean | undefined {
  return settingDefinition('ssl_sni', conf.version) === undefined ? false : isSettingOn(conf, 'ssl_sni');
}

const known = new WeakMap<ConfTree, ServerFacts>();

/**
 * Returns the values of the settings that decide which authentication files the server accepts. A value that is not
 * known is left out. `sslCa` is also left out if the server can take its CA files from pg_hosts.conf.
 */
export function serverFacts(conf: ConfTree): ServerFacts {
  const before = known.get(conf);
  if (before !== undefined) return before;
  const validators = knownSetting(conf, 'oauth_validator_libraries');
  const facts = given({
    ssl: isSettingOn(conf, 'ssl'),
    sslCa: readsHosts(conf) === false ? hasCaFile(conf) : undefined,
    dbUserNamespace: isSettingOn(conf, 'db_user_namespace'),
    oauthValidators: validators && splitListSetting('oauth_validator_libraries', validators.value, conf.version),
  });
  known.set(conf, facts);
  return facts;
}
