import { type PgMajor, type PgMajorSpan, spanIncludes } from '../../version.ts';
import { type LdapScheme, type LdapUrl, type LdapUrlProblem, parseLdapUrl } from './ldap-url.ts';
import { type OptionToken, refuseValue } from './option.ts';

/**
 * An option as the server stores it. The name can also be `ldapscope`, which is not an option of the file: an `ldapurl`
 * sets it.
 */
export type HeldOption = Pick<OptionToken, 'name' | 'value'>;

/** For each major version, the schemes that the server accepts in an LDAP URL, and whether it accepts a filter. */
const urlRules: readonly (PgMajorSpan & { readonly schemes: readonly LdapScheme[]; readonly filter: boolean })[] = [
  { until: 10, schemes: ['ldap'], filter: false },
  { since: 11, schemes: ['ldap', 'ldaps'], filter: true },
];

/** Checks an `ldapurl`, as `parse_hba_auth_opt` does. */
export function checkLdapUrl(option: OptionToken, version: PgMajor): void {
  const url = parseLdapUrl(option.value);
  if (isProblem(url)) {
    const serverText = `could not parse LDAP URL "${option.value}": ${url.openLdapText}`;
    refuseValue(option, serverText, `${url.problem}. Write it as in ldap://host/dc=example?uid?sub`);
  }
  const { schemes, filter } = urlRules.find((row) => spanIncludes(row, version))!;
  if (!schemes.includes(url.scheme)) {
    const known = schemes.map((scheme) => `${scheme}://`).join(' or ');
    refuseValue(option, `unsupported LDAP URL scheme: ${url.scheme}`, `begin the URL with ${known}`);
  }
  if (url.attributes?.length === 0) {
    refuseValue(option, undefined, 'its list of attributes is empty, which crashes the server');
  }
  if (url.filter !== undefined && !filter) {
    refuseValue(
      option,
      'filters not supported in LDAP URLs',
      `PostgreSQL ${version} supports no filter in an LDAP URL`,
    );
  }
}

/**
 * Returns the options as the server stores them. An `ldapurl` is replaced by the options that it sets. If an option has
 * several values, the last value counts.
 */
export function heldOptions(options: readonly OptionToken[]): readonly HeldOption[] {
  const last = options.at(-1);
  if (last === undefined || !options.some(isUrl)) return options;
  const held = options.flatMap((option) => (isUrl(option) ? settingsOf(option) : [option]));
  return isUrl(last) ? held : [...held, wholeSubtree];
}

/**
 * The search scope that the server sets again before it reads each option (`parse_hba_auth_opt`). An `ldapurl`
 * therefore sets the scope only if it is the last option.
 */
const wholeSubtree: HeldOption = { name: 'ldapscope', value: '2' };

function isUrl({ name }: OptionToken): boolean {
  return name === 'ldapurl';
}

/**
 * Returns the options that an accepted `ldapurl` sets. The URL always sets the port and the scope. Any other option is
 * set only if the URL has a part for it.
 */
function settingsOf({ value }: OptionToken): HeldOption[] {
  const url = parseLdapUrl(value);
  if (isProblem(url)) return [];
  const { scheme, host, port, baseDn, attributes, scope, filter } = url;
  return Object.entries({
    ldapscheme: scheme,
    ldapserver: host,
    ldapport: String(port),
    ldapbasedn: baseDn,
    ldapsearchattribute: attributes?.[0],
    ldapscope: String(scope),
    ldapsearchfilter: filter,
  }).flatMap(([name, value]) => (value === undefined ? [] : [{ name, value }]));
}

function isProblem(url: LdapUrl | LdapUrlProblem): url is LdapUrlProblem {
  return 'problem' in url;
}
