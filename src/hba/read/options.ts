import type { LineDiagnostic } from '../../auth-file/read/line-diagnostic.ts';
import { readUnlessRefused, refuse } from '../../auth-file/read/refusal.ts';
import type { Token } from '../../auth-file/scan/token.ts';
import { capitalized } from '../../c/ascii.ts';
import { splitGucList } from '../../c/lists.ts';
import { atoi } from '../../c/numbers.ts';
import { findSecrets } from '../../find-secrets.ts';
import { parseIpAddress } from '../../net/ip.ts';
import type { LineFix } from '../../text/span.ts';
import type { PgMajor } from '../../version.ts';
import { clientCertEffect, clientCertOption, clientCertValues, refusedWithCert } from '../tables/client-cert.ts';
import { secretOptions } from '../tables/secret-names.ts';
import {
  type AuthMethod,
  type AuthOptionRow,
  authMethodRow,
  authMethodsOf,
  authOptionRow,
  type ConnectionType,
  isSecretOption,
} from '../tables/tables.ts';
import { checkLdapUrl } from './ldap.ts';
import { englishList, invalidValue, type OptionToken, refuseValue } from './option.ts';
import { beginsComment, commentFix } from './unknown-word.ts';

/** The parts of a line that decide which options it can have. */
interface OptionLine {
  readonly type: ConnectionType;
  readonly method: AuthMethod;
  /** The server's major version. */
  readonly version: PgMajor;
  /** Receives warnings about options that the server accepts, or may refuse. */
  readonly warnings: LineDiagnostic[];
}

/** Reads the options of a line one by one (`parse_hba_auth_opt`). */
export function readOptions(tokens: readonly Token[], line: OptionLine): readonly OptionToken[] {
  const { version } = line;
  if (tokens.length === 0) return noOptions;
  return tokens.map((token, index) => {
    const equals = token.value.indexOf('=');
    if (equals === -1) {
      if (beginsComment(token.value) && !mayBeSecret(tokens, index)) refuseComment(token);
      return refuse({
        code: 'hba-option-syntax',
        span: token,
        serverText: `authentication option not in name=value format: ${token.value}`,
        message: `${mayBeSecret(tokens, index) ? 'A word after the method' : `"${token.value}"`} is not an option. Write name=value, without blanks around the "="`,
        fix: joiningFix(tokens, index, (joined) => readOptions(joined, { ...line, warnings: [] })),
      });
    }
    const option = { name: token.value.slice(0, equals), value: token.value.slice(equals + 1), token };
    const shownName = (): string =>
      isBehindSecret(tokens, index) || hasSecret(option.name) ? 'of this name' : `"${option.name}"`;
    const row = authOptionRow(option.name, version);
    if (row === undefined) {
      return refuse({
        code: 'hba-option-unknown',
        span: token,
        serverText: `unrecognized authentication option name: "${option.name}"`,
        message: `PostgreSQL ${version} knows no option ${shownName()}. Correct the name, or remove the option`,
      });
    }
    checkPlace(option, row, line);
    // The server reports this error only in the log (`valid_oauth_hba_option_name`).
    if (option.name.startsWith('validator.') && !/^validator\.[A-Za-z0-9_-]+$/.test(option.name)) {
      return refuse({
        code: 'hba-option-unknown',
        span: token,
        message: `A validator has no option ${shownName()}. Write validator. and a name of ASCII letters, digits, "_" and "-"`,
      });
    }
    checkValue(option, line);
    return option;
  });
}

function refuseComment(token: Token): never {
  return refuse({
    code: 'hba-option-syntax',
    span: token,
    serverText: `authentication option not in name=value format: ${token.value}`,
    message: `"${token.value}" is not an option, and does not begin a comment. A comment begins with #`,
    fix: commentFix(token, 'make the rest of the line a comment'),
  });
}

/**
 * Returns the fix for an option with blanks around its `=`, such as `clientcert = verify-full`, if the server accepts
 * the option without these blanks.
 *
 * @param index the index of the first token without `=`
 * @param read reads the options of the corrected line, and refuses them as the server does
 */
function joiningFix(
  tokens: readonly Token[],
  index: number,
  read: (tokens: readonly Token[]) => void,
): LineFix | undefined {
  const [before, after] = [tokens[index - 1], tokens[index + 1]];
  // The name can be this token (`map = x`, `map =x`) or the token before it (`map= x`).
  const first = before !== undefined && /^[^=]*=$/.test(before.value) ? index - 1 : index;
  const count = first === index && after?.value === '=' ? 3 : 2;
  const parts = tokens.slice(first, first + count);
  const [name, value] = [parts[0]!, parts.at(-1)!];
  const isSpaced = first < index || after?.value.startsWith('=') === true;
  const arePlain = parts.every(({ quoted, start, end, value }) => !quoted && end - start === value.length);
  if (!isSpaced || parts.length < count || !arePlain) return undefined;
  const joined = { ...name, value: parts.map((part) => part.value).join('') };
  const rest = [...tokens.slice(0, first), ...tokens.slice(first + count)];
  // A second option of this kind would need a fix of its own.
  if (!/^[^=]+=[^=]+$/.test(joined.value) || rest.some((part) => !part.value.includes('='))) return undefined;
  if (readUnlessRefused(() => read([...rest, joined])).error !== undefined) return undefined;
  return { title: 'remove the blanks around the =', start: name.end, end: value.start, text: count === 3 ? '=' : '' };
}

const noOptions: readonly OptionToken[] = [];

/** Returns whether a word that is not an option may be a secret or contain one. */
function mayBeSecret(tokens: readonly Token[], index: number): boolean {
  return isBehindSecret(tokens, index) || hasSecret(tokens[index]!.value);
}

function hasSecret(text: string): boolean {
  return findSecrets(text, secretOptions).length > 0;
}

/** Returns whether a word follows an option with a secret. Without quotes, the word may be part of the secret. */
function isBehindSecret(tokens: readonly Token[], index: number): boolean {
  return tokens.slice(0, index).some(({ value }) => isSecretOption(value.split('=', 1)[0]!));
}

function checkPlace({ name, token }: OptionToken, row: AuthOptionRow, { type, method, version }: OptionLine): void {
  if (row.hostsslOnly === true && type !== 'hostssl') {
    refuse({
      code: 'hba-option-misplaced',
      span: token,
      serverText: `${name} can only be configured for "hostssl" rows`,
      message: `The option ${name} is allowed on a hostssl line only, not on a ${type} line`,
    });
  }
  if (row.methods === undefined || row.methods.includes(method)) return;
  const methods = row.methods.filter((word) => authMethodsOf(version).has(word));
  const labels = englishList(methods.map((word) => authMethodRow(word).label ?? word));
  refuse({
    code: 'hba-option-misplaced',
    span: token,
    serverText: `authentication option "${name}" is only valid for authentication methods ${labels}`,
    message: `The option ${name} is allowed with method ${englishList(methods)} only, not with ${method}. Remove the option`,
  });
}

/** Checks the value of one option. For options that do not appear in this function, the server accepts any value. */
function checkValue(option: OptionToken, { method, version, warnings }: OptionLine): void {
  switch (option.name) {
    case 'clientcert':
      checkClientCert(option, method, version);
      return;
    case 'clientname':
      if (option.value !== 'CN' && option.value !== 'DN') refuseValue(option, undefined, 'write CN or DN');
      return;
    case 'radiusservers':
    case 'radiussecrets':
    case 'radiusports':
    case 'radiusidentifiers':
      checkRadiusList(option, version, warnings);
      return;
    case 'radiusserver':
      checkRadiusServers(option, [option.value], warnings);
      return;
    case 'ldapurl':
      checkLdapUrl(option, version);
      return;
    case 'ldapport':
    case 'radiusport':
      if (atoi(option.value) === 0) {
        const protocol = option.name === 'ldapport' ? 'LDAP' : 'RADIUS';
        refuseValue(option, `invalid ${protocol} port number: "${option.value}"`, 'give a port number');
      }
      return;
    case 'ldapscheme':
      if (option.value !== 'ldap' && option.value !== 'ldaps') {
        const invalid = invalidValue(option, 'the server ignores it. Write ldap or ldaps');
        warnings.push({ ...invalid, code: 'hba-option-ignored', severity: 'warning' });
      }
      return;
    default:
  }
}

function checkRadiusList(option: OptionToken, version: PgMajor, warnings: LineDiagnostic[]): void {
  const elements = splitGucList(option.value, version);
  if (elements === undefined) {
    const serverText = option.name === 'radiusports' ? `invalid RADIUS port number: "${option.value}"` : undefined;
    refuseValue(
      option,
      serverText,
      'separate the elements of the list by commas, and put elements with blanks or commas in double quotes',
    );
  }
  if (option.name === 'radiusports' && elements.some((port) => atoi(port) === 0)) {
    refuseValue(option, undefined, 'give port numbers');
  }
  if (option.name === 'radiusservers') checkRadiusServers(option, elements, warnings);
}

/**
 * Checks the names of RADIUS servers. The server looks up each name with `getaddrinfo` while it loads the file, and
 * refuses the line if a lookup fails.
 */
function checkRadiusServers(option: OptionToken, servers: readonly string[], warnings: LineDiagnostic[]): void {
  if (servers.includes('')) refuseValue(option, undefined, 'the name of a server is empty');
  // An address with a zone also needs a lookup, because only the server knows the network interfaces of its machine.
  const name = servers.find((server) => parseIpAddress(server, []) === undefined);
  if (name === undefined) return;
  const message = `The server refuses the file if it cannot look up "${name}" while it loads the file. Give IP addresses`;
  warnings.push({ code: 'hba-radius-server-unchecked', severity: 'warning', span: option.token, message });
}

function checkClientCert(option: OptionToken, method: AuthMethod, version: PgMajor): void {
  const effect = clientCertEffect(option.value, version);
  const serverText = method === 'cert' ? refusedWithCert(effect, version) : undefined;
  if (effect !== 'error' && serverText === undefined) return;
  const fix = clientCertFix(option, method, version);
  const values = clientCertValues(version, method);
  const what = method === 'cert' ? 'method cert compares the name in the certificate, and ' : '';
  const only = values.length === 1 ? `write clientcert=${values[0]}` : 'write one of these values';
  const way = fix === undefined ? only : fix.title;
  const advice = `${what}PostgreSQL ${version} accepts ${englishList(values)}${method === 'cert' ? ' beside it' : ''}. ${capitalized(way)}, or remove the option`;
  refuseValue(option, serverText, advice, fix);
}

/**
 * Returns the fix for a `clientcert` value that only other major versions know: the value that demands the same check
 * in this version.
 */
function clientCertFix({ value, token }: OptionToken, method: AuthMethod, version: PgMajor): LineFix | undefined {
  const level = value === '1' ? 'verify-ca' : value;
  if (level !== 'verify-ca' && level !== 'verify-full') return undefined;
  const option = clientCertOption(method === 'cert' ? 'verify-full' : level, version);
  const text = `${option.name}=${option.value}`;
  return { title: `write ${text}`, start: token.start, end: token.end, text };
}
