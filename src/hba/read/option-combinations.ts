import { type LineProblem, refuse } from '../../auth-file/read/line-diagnostic.ts';
import type { Token } from '../../auth-file/scan/token.ts';
import type { ServerFacts } from '../../parse-options.ts';
import { type PgMajor, type PgMajorSpan, spanIncludes } from '../../version.ts';
import { type AuthMethod, requiredOptions } from '../tables/tables.ts';
import type { HeldOption } from './ldap.ts';
import { splitGucList } from './lists.ts';

/** What the checks over all options of a line look at. */
export interface Combination {
  /** The options as the server holds them; of a repeated one the last counts. */
  readonly options: readonly HeldOption[];
  /** The authentication method. */
  readonly method: AuthMethod;
  /** The token of the method. */
  readonly token: Token;
  /** The server's major. */
  readonly version: PgMajor;
  /** Facts of the server. */
  readonly server: ServerFacts;
  /** Takes what is not refused. */
  readonly notes: LineProblem[];
}

/** The checks of `parse_hba_line` over all options of a line, after the last. */
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

/** The majors in which LDAP cannot do without `ldapserver`; later ones find it by DNS. */
const ldapNeedsServer: PgMajorSpan = { until: 11 };

const searchOptions = ['ldapbasedn', 'ldapbinddn', 'ldapbindpasswd', 'ldapsearchattribute', 'ldapsearchfilter'];

function checkLdap(line: Combination): void {
  const has = (name: string): boolean => lastValue(line, name) !== undefined;
  if (spanIncludes(ldapNeedsServer, line.version) && !has('ldapserver')) refuseMissing(line, 'ldapserver');
  if (has('ldapprefix') || has('ldapsuffix')) {
    if (searchOptions.some(has)) {
      const { text } = mixedLdapModes.find((row) => spanIncludes(row, line.version))!;
      refuseConflict(
        line,
        text,
        'ldapprefix and ldapsuffix bind directly, and cannot stand beside options of a search',
      );
    }
  } else if (!has('ldapbasedn')) {
    const serverText =
      'authentication method "ldap" requires argument "ldapbasedn", "ldapprefix", or "ldapsuffix" to be set';
    const message = 'method ldap needs ldapbasedn, ldapprefix or ldapsuffix';
    refuse({ code: 'hba-option-missing', token: line.token, serverText, message });
  }
  if (has('ldapsearchattribute') && has('ldapsearchfilter')) {
    const serverText = 'cannot use ldapsearchattribute together with ldapsearchfilter';
    refuseConflict(line, serverText, 'ldapsearchattribute and ldapsearchfilter exclude each other');
  }
}

const radiusLists = [
  { plural: 'secrets', label: 'RADIUS secrets' },
  { plural: 'ports', label: 'RADIUS ports' },
  { plural: 'identifiers', label: 'RADIUS identifiers' },
];

/** The majors whose view tells which RADIUS list has the wrong length; before, only the log does. */
const tellsRadiusLength: PgMajorSpan = { since: 14 };

function checkRadius(line: Combination): void {
  for (const name of requiredOptions('radius', line.version)) {
    // An empty list is none to the server.
    const isEmptyList = name.endsWith('s') && listOf(line, name)?.length === 0;
    if (lastValue(line, name) === undefined || isEmptyList) refuseMissing(line, name);
  }
  const servers = listOf(line, 'radiusservers');
  if (servers === undefined) return;
  for (const { plural, label } of radiusLists) {
    const count = listOf(line, `radius${plural}`)?.length ?? 0;
    if (count <= 1 || count === servers.length) continue;
    const serverText = `the number of ${label} (${count}) must be 1 or the same as the number of RADIUS servers (${servers.length})`;
    const shown = spanIncludes(tellsRadiusLength, line.version) ? serverText : null;
    refuseConflict(line, shown, `radius${plural} must have one element, or as many as radiusservers`);
  }
}

function checkOauth(line: Combination): void {
  for (const name of requiredOptions('oauth', line.version)) {
    if (lastValue(line, name) === undefined) refuseMissing(line, name);
  }
  checkValidator(line);
  if (lastValue(line, 'map') !== undefined && lastValue(line, 'delegate_ident_mapping') === '1') {
    const serverText = 'map cannot be used in combination with delegate_ident_mapping';
    refuseConflict(line, serverText, 'map and delegate_ident_mapping exclude each other');
  }
}

function checkValidator(line: Combination): void {
  const validator = lastValue(line, 'validator');
  const known = line.server.oauthValidators;
  const code = 'hba-oauth-validator';
  const { token } = line;
  if (known === undefined) {
    const message = 'whether the server has a validator for this rule hangs on oauth_validator_libraries';
    line.notes.push({ code, token, serverText: null, message });
  } else if (known.length === 0) {
    const serverText = 'oauth_validator_libraries must be set for authentication method oauth';
    refuse({ code, token, serverText, message: 'method oauth needs oauth_validator_libraries in postgresql.conf' });
  } else if (validator === undefined && known.length > 1) {
    const serverText =
      'authentication method "oauth" requires argument "validator" to be set when oauth_validator_libraries contains multiple options';
    refuse({
      code,
      token,
      serverText,
      message: `name one of the validators ${known.join(', ')} by the option validator`,
    });
  } else if (validator !== undefined && !known.includes(validator)) {
    const serverText = `validator "${validator}" is not permitted by oauth_validator_libraries`;
    refuse({
      code,
      token,
      serverText,
      message: `the server has no validator "${validator}", only ${known.join(', ')}`,
    });
  }
}

/** The majors that refuse a line which asks for certificates while no `ssl_ca_file` is loaded. */
const needsCertificateAuthority: PgMajorSpan = { until: 9.6 };

function checkCertificateAuthority(line: Combination): void {
  const asks = line.method === 'cert' || lastValue(line, 'clientcert') === '1';
  if (!asks || !spanIncludes(needsCertificateAuthority, line.version) || line.server.sslCa === true) return;
  const problem: LineProblem = {
    code: 'hba-clientcert-without-ca',
    token: line.token,
    serverText: 'client certificates can only be checked if a root certificate store is available',
    message: 'a rule that asks for client certificates is refused while ssl_ca_file is not set',
  };
  if (line.server.sslCa === false) refuse(problem);
  line.notes.push(problem);
}

function lastValue({ options }: Combination, name: string): string | undefined {
  return options.findLast((option) => option.name === name)?.value;
}

function listOf(line: Combination, name: string): string[] | undefined {
  const value = lastValue(line, name);
  return value === undefined ? undefined : splitGucList(value);
}

function refuseMissing({ method, token }: Combination, name: string): never {
  return refuse({
    code: 'hba-option-missing',
    token,
    serverText: `authentication method "${method}" requires argument "${name}" to be set`,
    message: `method ${method} needs the option ${name}`,
  });
}

function refuseConflict({ token }: Combination, serverText: string | null, message: string): never {
  return refuse({ code: 'hba-option-conflict', token, serverText, message });
}
