import type { LineDiagnostic } from '../../auth-file/read/line-diagnostic.ts';
import { refuse } from '../../auth-file/read/refusal.ts';
import type { Token } from '../../auth-file/scan/token.ts';
import { splitGucList } from '../../c/lists.ts';
import type { ServerFacts } from '../../parse-options.ts';
import { type PgMajor, type PgMajorSpan, spanIncludes } from '../../version.ts';
import {
  clientCertEffect,
  demandedCertificate,
  hasHostsFile,
  noRootStore,
  refusesOptionWithoutCa,
} from '../tables/client-cert.ts';
import { type AuthMethod, requiredOptions } from '../tables/tables.ts';
import type { HeldOption } from './ldap.ts';
import { optionValue } from './option.ts';

/** The parts of a line that are needed to check the options of the line together. */
export interface Combination {
  /** The options as the server stores them. If an option is repeated, the server uses the last value. */
  readonly options: readonly HeldOption[];
  /** The authentication method. */
  readonly method: AuthMethod;
  /** The token of the method. */
  readonly token: Token;
  /** The server's major version. */
  readonly version: PgMajor;
  /** Facts about the server that decide whether it accepts the line. */
  readonly server: ServerFacts;
  /** Receives warnings about conditions that the server reports, or for which the server may refuse the line. */
  readonly warnings: LineDiagnostic[];
}

/** Checks the options of a line together, as `parse_hba_line` does after the last option. */
export function checkCombinations(line: Combination): void {
  if (line.method === 'ldap') checkLdap(line);
  if (line.method === 'radius') checkRadius(line);
  if (line.method === 'oauth') checkOauth(line);
  checkCertificateAuthority(line);
}

const mixedLdapModes: readonly (PgMajorSpan & { readonly text: string })[] = [
  {
    until: 10,
    text: 'cannot use ldapbasedn, ldapbinddn, ldapbindpasswd, ldapsearchattribute, or ldapurl together with ldapprefix',
  },
  {
    since: 11,
    until: 17,
    text: 'cannot use ldapbasedn, ldapbinddn, ldapbindpasswd, ldapsearchattribute, ldapsearchfilter, or ldapurl together with ldapprefix',
  },
  { since: 18, text: 'cannot mix options for simple bind and search+bind modes' },
];

/** The versions that require `ldapserver` for LDAP. Later versions find the server by DNS. */
const ldapNeedsServer: PgMajorSpan = { until: 11 };

const searchOptions = ['ldapbasedn', 'ldapbinddn', 'ldapbindpasswd', 'ldapsearchattribute', 'ldapsearchfilter'];

function checkLdap(line: Combination): void {
  const has = (name: string): boolean => optionValue(line.options, name) !== undefined;
  if (spanIncludes(ldapNeedsServer, line.version) && !has('ldapserver')) refuseMissing(line, 'ldapserver');
  if (has('ldapprefix') || has('ldapsuffix')) {
    if (searchOptions.some(has)) {
      const { text } = mixedLdapModes.find((row) => spanIncludes(row, line.version))!;
      refuseConflict(
        line,
        text,
        'The options ldapprefix and ldapsuffix bind directly and exclude the options of a search. Remove the options of one of the two modes',
      );
    }
  } else if (!has('ldapbasedn')) {
    const serverText =
      'authentication method "ldap" requires argument "ldapbasedn", "ldapprefix", or "ldapsuffix" to be set';
    const message = 'Method ldap needs the option ldapbasedn, ldapprefix or ldapsuffix';
    refuse({ code: 'hba-option-missing', span: line.token, serverText, message });
  }
  if (has('ldapsearchattribute') && has('ldapsearchfilter')) {
    const serverText = 'cannot use ldapsearchattribute together with ldapsearchfilter';
    refuseConflict(
      line,
      serverText,
      'The options ldapsearchattribute and ldapsearchfilter exclude each other. Remove one of them',
    );
  }
}

const radiusLists = [
  { plural: 'secrets', label: 'RADIUS secrets' },
  { plural: 'ports', label: 'RADIUS ports' },
  { plural: 'identifiers', label: 'RADIUS identifiers' },
];

/**
 * The major versions whose view `pg_hba_file_rules` reports a RADIUS list of the wrong length. Earlier versions report
 * such a list only in the log.
 */
const tellsRadiusLength: PgMajorSpan = { since: 14 };

function checkRadius(line: Combination): void {
  for (const name of requiredOptions('radius', line.version)) {
    // The server treats an empty list as a missing option.
    const isEmptyList = name.endsWith('s') && listOf(line, name)?.length === 0;
    if (optionValue(line.options, name) === undefined || isEmptyList) refuseMissing(line, name);
  }
  const servers = listOf(line, 'radiusservers');
  if (servers === undefined) return;
  for (const { plural, label } of radiusLists) {
    const count = listOf(line, `radius${plural}`)?.length ?? 0;
    if (count <= 1 || count === servers.length) continue;
    const serverText = `the number of ${label} (${count}) must be 1 or the same as the number of RADIUS servers (${servers.length})`;
    const shown = spanIncludes(tellsRadiusLength, line.version) ? serverText : undefined;
    refuseConflict(line, shown, `The option radius${plural} must have one element, or as many as radiusservers`);
  }
}

function checkOauth(line: Combination): void {
  for (const name of requiredOptions('oauth', line.version)) {
    if (optionValue(line.options, name) === undefined) refuseMissing(line, name);
  }
  checkValidator(line);
  // The check of the validator clears the error text of a rule that never matches, so the view does not show this text
  // (`check_oauth_validator`).
  for (const [i, warning] of line.warnings.entries()) line.warnings[i] = { ...warning, serverText: undefined };
  if (optionValue(line.options, 'map') !== undefined && optionValue(line.options, 'delegate_ident_mapping') === '1') {
    const serverText = 'map cannot be used in combination with delegate_ident_mapping';
    refuseConflict(
      line,
      serverText,
      'The options map and delegate_ident_mapping exclude each other. Remove one of them',
    );
  }
}

/** The error texts about OAuth validators in the view `pg_hba_file_rules`, by major version. */
const validatorTexts: readonly (PgMajorSpan & {
  readonly unset: string;
  readonly several: string;
  readonly foreign: string;
})[] = [
  {
    until: 18,
    unset: 'oauth_validator_libraries must be set for authentication method oauth',
    several:
      'authentication method "oauth" requires argument "validator" to be set when oauth_validator_libraries contains multiple options',
    foreign: 'is not permitted by oauth_validator_libraries',
  },
  {
    since: 19,
    unset: 'parameter "oauth_validator_libraries" must be set for authentication method "oauth"',
    several:
      'authentication method "oauth" requires option "validator" to be set when "oauth_validator_libraries" contains multiple options',
    foreign: 'is not permitted by "oauth_validator_libraries"',
  },
];

function checkValidator(line: Combination): void {
  const texts = validatorTexts.find((row) => spanIncludes(row, line.version))!;
  const validator = optionValue(line.options, 'validator');
  const known = line.server.oauthValidators;
  const code = 'hba-oauth-validator';
  const { token: span } = line;
  if (known === undefined) {
    const message =
      'The server refuses the file if oauth_validator_libraries holds no validator for this rule. Give server.oauthValidators to check this';
    line.warnings.push({ code, severity: 'warning', span, message });
  } else if (known.length === 0) {
    const serverText = texts.unset;
    refuse({ code, span, serverText, message: 'Method oauth needs oauth_validator_libraries in postgresql.conf' });
  } else if (validator === undefined && known.length > 1) {
    const serverText = texts.several;
    refuse({
      code,
      span,
      serverText,
      message: `The rule names no validator, and the server has several. Name one of ${known.join(', ')} with the option validator`,
    });
  } else if (validator !== undefined && !known.includes(validator)) {
    const serverText = `validator "${validator}" ${texts.foreign}`;
    refuse({
      code,
      span,
      serverText,
      message: `The server has no validator "${validator}", only ${known.join(', ')}`,
    });
  }
}

function checkCertificateAuthority(line: Combination): void {
  const { options, method, version, token: span, warnings } = line;
  const { sslCa } = line.server;
  if (sslCa === true) return;
  const code = 'hba-clientcert-without-ca';
  const isRefused =
    spanIncludes(refusesOptionWithoutCa, version) &&
    options.some(({ name, value }) => name === 'clientcert' && clientCertEffect(value, version) !== 'off');
  if (isRefused) {
    const message =
      'The server refuses a rule with clientcert=1 while ssl_ca_file is not set. Set ssl_ca_file. The command line and postgresql.auto.conf win over postgresql.conf';
    if (sslCa === false) refuse({ code, span, serverText: noRootStore, message });
    warnings.push({ code, severity: 'warning', span, serverText: noRootStore, message });
    return;
  }
  if (sslCa === undefined) return;
  if (demandedCertificate(method, optionValue(options, 'clientcert'), version) === 'none') return;
  const message = `The server has no CA file for client certificates and refuses each connection of the rule. Set ssl_ca_file${
    spanIncludes(hasHostsFile, version) ? ', or with ssl_sni = on the CA of each record of pg_hosts.conf' : ''
  }. The command line and postgresql.auto.conf win over postgresql.conf`;
  warnings.push({ code, severity: 'warning', span, message });
}

function listOf(line: Combination, name: string): readonly string[] | undefined {
  const value = optionValue(line.options, name);
  return value === undefined ? undefined : splitGucList(value, line.version);
}

function refuseMissing({ method, token }: Combination, name: string): never {
  return refuse({
    code: 'hba-option-missing',
    span: token,
    serverText: `authentication method "${method}" requires argument "${name}" to be set`,
    message: `Method ${method} needs the option ${name}`,
  });
}

function refuseConflict({ token }: Combination, serverText: string | undefined, message: string): never {
  return refuse({ code: 'hba-option-conflict', span: token, serverText, message });
}
