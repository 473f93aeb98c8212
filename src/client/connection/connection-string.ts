import { readByPg } from '#read-by-pg';
import { assertText } from '../../arguments.ts';
import { skipSpaces, trimSpaces } from '../../c/ascii.ts';
import { strtol } from '../../c/numbers.ts';
import { PgHostsslError } from '../../errors.ts';
import { normalizeHost } from '../bundle/host.ts';
import { type ConnectionTarget, connectionTarget } from '../bundle/target.ts';
import { readKeyValue } from './key-value.ts';
import { invalid } from './parameters.ts';
import { isUri, readUri } from './uri.ts';

/**
 * Reads host, port, user and database from a connection string: a `postgresql://` URL, or libpq's `host=… dbname=…`.
 * The rules are those of libpq 18 and 19: an unknown parameter is an error, a repeated parameter has its last value,
 * and an empty parameter means libpq's default. Spaces around a URL are ignored, although libpq refuses them.
 *
 * A password and all `ssl…` parameters are ignored, and the files that these parameters name are not opened. Error
 * messages never show the connection string, because it may hold a password.
 *
 * This function refuses some strings that libpq accepts:
 *
 * - a string without a host or user, because libpq then uses a Unix socket or the name of the account;
 * - a Unix socket, because it has no TLS;
 * - several hosts, and a service;
 * - a host that is neither a DNS name nor an IP address, an address in brackets in `host`, and an IPv6 address with a
 *   zone;
 * - text in a URL that is not UTF-8;
 * - a URL with a bare `#`, because `pg` cuts off the rest, and a URL from which `pg` reads another host or user.
 *
 * The values of other parameters are not checked: this function accepts `sslmode=bogus`, and libpq refuses it.
 *
 * @param text the connection string
 * @returns the target, checked by {@link connectionTarget}
 * @throws PgHostsslError `connection-url-invalid` for a string that libpq refuses, that names several hosts or a
 * service, that is not UTF-8, or from which `pg` reads another host or user than libpq does;
 * `connection-parameter-unknown`, whose hint gives the most similar name; `argument-invalid`; and the codes of {@link
 * connectionTarget}.
 * @see `PQconninfoParse` in fe-connect.c
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { parseConnectionString } from 'pg-hostssl/client';
 *
 * const target = { host: 'db.example.com', port: 5432, user: 'webadmin', database: 'app' };
 * assert.deepEqual(parseConnectionString('postgresql://webadmin@db.example.com/app'), target);
 * assert.deepEqual(parseConnectionString('host=db.example.com user=webadmin dbname=app'), target);
 * ```
 */
export function parseConnectionString(text: string): ConnectionTarget {
  return parseConnection(text, {});
}

/**
 * Implements {@link parseConnectionString}, with defaults for the host and port.
 *
 * @param defaults the host and port to use if the string names none
 */
export function parseConnection(
  text: string,
  defaults: Partial<Pick<ConnectionTarget, 'host' | 'port'>>,
): ConnectionTarget {
  assertText(text, 'the connection string');
  if (text.includes('\0') || !text.isWellFormed())
    throw invalid('it holds a NUL or a lone surrogate', 'Remove these characters: libpq cannot read them.');
  const trimmed = trimSpaces(text);
  const uri = isUri(trimmed) ? trimmed : undefined;
  if (uri?.includes('#')) {
    throw invalid('it holds a bare "#"', 'Write "#" as %23: pg drops everything after a bare "#".');
  }
  if (uri === undefined && /^[a-z][a-z0-9+.:-]*:\/\//i.test(trimmed)) {
    throw invalid(
      'its scheme is neither postgresql:// nor postgres://',
      'Write postgresql:// in lower case in place of a scheme such as jdbc:postgresql:// or postgresql+asyncpg://.',
    );
  }
  const parameters = uri === undefined ? readKeyValue(text) : readUri(uri);
  if (parameters.has('service')) {
    throw invalid(
      'it names a service, and service files are not read',
      'Give the host, user and database of the service.',
    );
  }
  const given = (name: string): string | undefined => parameters.get(name) || undefined;
  const [host = defaults.host, port] = [given('host'), given('port')];
  if (uri === undefined) assertSpacesBetween(given);
  if (host?.includes(',') || port?.includes(','))
    throw invalid('it names several hosts', 'Give one string for each host.');
  const hostaddr = given('hostaddr');
  if (host === undefined) {
    throw new PgHostsslError('connection-host-invalid', 'The connection string names no host', {
      hint:
        hostaddr === undefined
          ? 'A client without a host uses a Unix socket, which has no TLS.'
          : 'Give host in addition to hostaddr: verify-full compares the certificate of the server with host.',
    });
  }
  for (const address of [host, hostaddr]) if (address?.startsWith('[')) throw inBrackets(address);
  const target = connectionTarget({
    host,
    hostaddr,
    port: port === undefined ? defaults.port : portNumber(port),
    user: given('user') ?? '',
    database: given('dbname'),
  });
  if (uri !== undefined) assertSameForPg(uri, target);
  return target;
}

/**
 * Refuses pairs with a separator other than a space: libpq reads `host=db;user=bob` as one pair, with the host
 * `db;user=bob`. If host and user are given, other values can contain such a text.
 */
function assertSpacesBetween(given: (name: string) => string | undefined): void {
  const isComplete = given('host') !== undefined && given('user') !== undefined;
  const names = isComplete ? ['host', 'port'] : ['host', 'port', 'user', 'dbname', 'sslmode'];
  for (const name of names) {
    const value = given(name) ?? '';
    const mark = /([;,&])[ \t]*(?:host|hostaddr|port|user|dbname|password|ssl[a-z]*)[ \t]*=/i.exec(value)?.[1];
    // The path of a socket directory can contain a semicolon, but a host name and a port cannot.
    const end = name === 'port' || (name === 'host' && !/^[/@]/.test(value)) ? /;/.exec(value)?.[0] : undefined;
    const found = mark ?? end;
    if (found === undefined) continue;
    throw invalid(
      `the value of ${name} holds a "${found}", which does not separate parameters`,
      'Write a space between two parameters: host=db user=bob.',
    );
  }
}

/**
 * The error for a host in brackets outside the authority part of a URL, the only place where libpq removes brackets.
 */
function inBrackets(text: string): PgHostsslError {
  return new PgHostsslError(
    'connection-host-invalid',
    `libpq takes the brackets of ${JSON.stringify(text)} for a part of a host name`,
    { hint: 'Write the address without brackets.' },
  );
}

/** Reads a port as `parse_int_param` in fe-connect.c does. Its range is checked later, by `connectionTarget`. */
function portNumber(text: string): number {
  const { value, end, outOfRange } = strtol(text, 10);
  if (end > 0 && !outOfRange && skipSpaces(text, end) === text.length) return value;
  // The message does not show the text, because it may be the beginning of a password with a slash.
  throw new PgHostsslError('connection-value-invalid', 'The port of the connection string is not a TCP port', {
    hint: 'Give a number. In a URL, write "/" in a password as %2F.',
  });
}

/**
 * Refuses a URL from which `pg` reads another host or user than libpq does, because the certificate would be for the
 * wrong name. Known differences are allowed: `pg` ignores `dbname` in the query, does not decode %2F, %3F, %23 and some
 * other sequences in the name of the database, and resolves `.` and `..` in this name. It reads "+" in the query as a
 * space. It cannot read every URL that libpq reads.
 */
function assertSameForPg(uri: string, target: ConnectionTarget): void {
  const [, base, query = ''] = /^([^?]*)\??(.*)$/s.exec(uri)!;
  // `pg` gets the URL without all other parameters, because pg-connection-string reads the files that ssl… parameters
  // name.
  const kept = query.split('&').filter((parameter) => {
    const name = decodeURIComponent(parameter.split('=', 1)[0]!);
    return /^ *(?:host|port|user) *$/.test(name);
  });
  const read = readByPg(`${base}?${kept.join('&').replaceAll('+', '%2B')}`);
  if (read === undefined) return;
  const { host, user } = { host: read.host || target.host, user: read.user || target.user };
  if (user !== target.user || !isSameHost(host, target.host)) {
    throw invalid(
      'libpq and pg read different hosts or users from it',
      'Percent-encode the special characters in host and user.',
    );
  }
}

/**
 * Whether the host that `pg` reads is this host. The result is true if `pg` reads an invalid host, because
 * `pg` itself then refuses to connect.
 */
function isSameHost(text: string, host: string): boolean {
  try {
    return normalizeHost(text) === host;
  } catch {
    return true;
  }
}
