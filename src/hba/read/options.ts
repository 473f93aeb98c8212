import { englishList, type LineFix, type LineProblem, refuse } from '../../auth-file/read/line-diagnostic.ts';
import type { Token } from '../../auth-file/scan/token.ts';
import { parseIpAddress } from '../../net/ip.ts';
import type { PgMajor } from '../../version.ts';
import { clientCertMeaning, clientCertOption, clientCertValues, refusedWithCert } from '../tables/client-cert.ts';
import {
  type AuthMethod,
  type AuthOptionRow,
  authMethodRow,
  authMethodsOf,
  authOptionRow,
  type ConnectionType,
  isSecretOption,
} from '../tables/tables.ts';
import { leadingInteger } from './integer.ts';
import { checkLdapUrl } from './ldap.ts';
import { splitGucList } from './lists.ts';
import { type OptionToken, refuseValue, valueProblem } from './option.ts';

/** Reads the options of a line one after the other, as `parse_hba_auth_opt` does. */
export function readOptions(
  tokens: readonly Token[],
  type: ConnectionType,
  method: AuthMethod,
  version: PgMajor,
  notes: LineProblem[],
): OptionToken[] {
  return tokens.map((token, index) => {
    const equals = token.value.indexOf('=');
    if (equals === -1) {
      return refuse({
        code: 'hba-option-syntax',
        token,
        serverText: `authentication option not in name=value format: ${token.value}`,
        message: `${isBehindSecret(tokens, index) ? 'a word' : `"${token.value}"`} is no option: write name=value without blanks round the "="`,
      });
    }
    const option = { name: token.value.slice(0, equals), value: token.value.slice(equals + 1), token };
    const row = authOptionRow(option.name, version);
    if (row === undefined) {
      return refuse({
        code: 'hba-option-unknown',
        token,
        serverText: `unrecognized authentication option name: "${option.name}"`,
        message: `PostgreSQL ${version} knows no option ${isBehindSecret(tokens, index) ? 'of this name' : `"${option.name}"`}`,
      });
    }
    checkPlace(option, row, type, method, version);
    checkValue(option, method, version, notes);
    return option;
  });
}

/** Whether a word stands behind an option that holds a secret, of which it may be a part that lacks its quotes. */
function isBehindSecret(tokens: readonly Token[], index: number): boolean {
  return tokens.slice(0, index).some(({ value }) => isSecretOption(value.split('=', 1)[0]!));
}

function checkPlace(
  { name, token }: OptionToken,
  row: AuthOptionRow,
  type: ConnectionType,
  method: AuthMethod,
  version: PgMajor,
): void {
  if (row.hostsslOnly === true && type !== 'hostssl') {
    refuse({
      code: 'hba-option-misplaced',
      token,
      serverText: `${name} can only be configured for "hostssl" rows`,
      message: `option ${name} can only stand on a hostssl line, which a ${type} line is not`,
    });
  }
  if (row.methods === undefined || row.methods.includes(method)) return;
  const methods = row.methods.filter((word) => authMethodsOf(version).has(word));
  const labels = englishList(methods.map((word) => authMethodRow(word).label ?? word));
  refuse({
    code: 'hba-option-misplaced',
    token,
    serverText: `authentication option "${name}" is only valid for authentication methods ${labels}`,
    message: `option ${name} goes with method ${englishList(methods)} only, not with ${method}`,
  });
}

/** The checks of a single value. A value that is not checked here is taken as it is. */
function checkValue(option: OptionToken, method: AuthMethod, version: PgMajor, notes: LineProblem[]): void {
  switch (option.name) {
    case 'clientcert':
      checkClientCert(option, method, version);
      return;
    case 'clientname':
      if (option.value !== 'CN' && option.value !== 'DN') refuseValue(option, null, 'write CN or DN');
      return;
    case 'radiusservers':
    case 'radiussecrets':
    case 'radiusports':
    case 'radiusidentifiers':
      checkRadiusList(option, notes);
      return;
    case 'radiusserver':
      checkRadiusServers(option, [option.value], notes);
      return;
    case 'ldapurl':
      checkLdapUrl(option, version);
      return;
    case 'ldapport':
    case 'radiusport':
      if (leadingInteger(option.value) === 0) {
        const protocol = option.name === 'ldapport' ? 'LDAP' : 'RADIUS';
        refuseValue(option, `invalid ${protocol} port number: "${option.value}"`, 'give a port number');
      }
      return;
    case 'ldapscheme':
      if (option.value !== 'ldap' && option.value !== 'ldaps') {
        notes.push({ ...valueProblem(option, null, 'write ldap or ldaps'), code: 'hba-option-ignored' });
      }
      return;
    default:
  }
}

function checkRadiusList(option: OptionToken, notes: LineProblem[]): void {
  const elements = splitGucList(option.value);
  if (elements === undefined) {
    const serverText = option.name === 'radiusports' ? `invalid RADIUS port number: "${option.value}"` : null;
    refuseValue(
      option,
      serverText,
      'it is no list: separate its elements by commas, and put odd ones in double quotes',
    );
  }
  if (option.name === 'radiusports' && elements.some((port) => leadingInteger(port) === 0)) {
    refuseValue(option, null, 'give port numbers');
  }
  if (option.name === 'radiusservers') checkRadiusServers(option, elements, notes);
}

/** The server asks `getaddrinfo` for each while it loads the file, and refuses the line where there is no answer. */
function checkRadiusServers(option: OptionToken, servers: readonly string[], notes: LineProblem[]): void {
  if (servers.includes('')) refuseValue(option, null, 'the name of a server is empty');
  // Whether a machine has the interface that a zone names is not known either.
  const name = servers.find((server) => parseIpAddress(server, []) === undefined);
  if (name === undefined) return;
  const message = `the server refuses the file if it cannot find the address of "${name}" while it loads it; give addresses`;
  notes.push({ code: 'hba-radius-server-unchecked', token: option.token, serverText: null, message });
}

function checkClientCert(option: OptionToken, method: AuthMethod, version: PgMajor): void {
  const meaning = clientCertMeaning(option.value, version);
  const fix = clientCertFix(option, method, version);
  if (meaning === 'error') {
    refuseValue(option, null, `PostgreSQL ${version} knows ${englishList(clientCertValues(version))}`, fix);
  }
  const serverText = method === 'cert' ? refusedWithCert(meaning, version) : undefined;
  if (serverText !== undefined) {
    refuseValue(option, serverText, 'method cert asks for a certificate in any case: leave the option out', fix);
  }
}

/** How this major has written what the value means to other majors. */
function clientCertFix({ value, token }: OptionToken, method: AuthMethod, version: PgMajor): LineFix | undefined {
  const level = value === '1' ? 'verify-ca' : value;
  if (level !== 'verify-ca' && level !== 'verify-full') return undefined;
  const option = clientCertOption(version, method === 'cert' ? 'verify-full' : level);
  const text = `${option.name}=${option.value}`;
  return { title: `write ${text}`, start: token.start, end: token.end, text };
}
