import { assertKnownValue, kindOf, shownValue } from '../../arguments.ts';
import type { Bytes } from '../../asn1/bytes.ts';
import { maxNameBytes } from '../../c/names.ts';
import { PgHostsslError } from '../../errors.ts';
import type { DistinguishedName } from '../../names/distinguished-name.ts';
import { commonName, nameValues, parseName } from '../../names/name.ts';
import { type DnsTextOfAddresses, subjectAltName } from '../certificate/alternative-names.ts';
import { type Host, parseHost } from '../certificate/host.ts';
import { extendedKeyUsage, keyUsage } from '../certificate/key-usage.ts';
import { type KeyKind, rsaBits } from '../keys/key-algorithms.ts';
import type { ClientProfile, ServerProfile } from './authority-options.ts';

/** The parts of a certificate that differ between servers and clients. */
export interface Profile {
  readonly subject: DistinguishedName;
  /** Returns the extensions for a kind of key, in DER: key usage, extended key usage and subject alternative names. */
  readonly extensions: (kind: KeyKind) => readonly Bytes[];
  /** The role that must be the common name. */
  readonly user?: string;
}

/**
 * The subject and the extensions of a certificate for a server.
 *
 * @param isNameAllowed whether the name constraints of the CA allow a DNS name
 */
export function serverProfile(options: ServerProfile, isNameAllowed: (dnsName: string) => boolean): Profile {
  const dnsText = chooseDnsText(options.dnsTextOfAddresses);
  const hosts = parseHosts(options.hosts).map((host) =>
    // Only libpq up to 14 needs an IP address as dNSName. If the name constraints of the CA do not allow this entry, it
    // is left out.
    host.kind === 'ip' ? { ...host, texts: host.texts.filter(isNameAllowed) } : host,
  );
  return {
    subject: options.subject === undefined ? hostSubject(hosts[0]!) : parseName(options.subject),
    extensions: (kind) => [
      keyUsage(serverKeyUsage(kind)),
      extendedKeyUsage(['serverAuth']),
      subjectAltName(hosts, dnsText),
    ],
  };
}

/**
 * Checks the option that says which IP addresses also become DNS names.
 *
 * @throws PgHostsslError `argument-invalid`
 */
export function chooseDnsText(dnsText: DnsTextOfAddresses = 'ipv4'): DnsTextOfAddresses {
  assertKnownValue(dnsText, ['ipv4', 'all', 'none'], 'dnsTextOfAddresses');
  return dnsText;
}

/** The subject and the extensions of a certificate with which a client logs in as a role. */
export function clientProfile({ user, subject = [] }: ClientProfile): Profile {
  return {
    user,
    subject: clientSubject(checkRoleName(user), parseName(subject)),
    extensions: () => [keyUsage(['digitalSignature']), extendedKeyUsage(['clientAuth'])],
  };
}

/**
 * The key usages of a server certificate. An RSA key also gets keyEncipherment, because cipher suites of TLS 1.2
 * without forward secrecy encrypt the premaster secret with it.
 */
export function serverKeyUsage(kind: KeyKind): readonly ('digitalSignature' | 'keyEncipherment')[] {
  return rsaBits(kind) === undefined ? ['digitalSignature'] : ['digitalSignature', 'keyEncipherment'];
}

/**
 * Parses the hosts of a server certificate.
 *
 * @throws PgHostsslError `host-invalid`, also for an empty array; `argument-invalid` for anything but an array
 */
export function parseHosts(hosts: readonly string[]): readonly Host[] {
  if (!Array.isArray(hosts)) {
    throw new PgHostsslError(
      'argument-invalid',
      `hosts must be an array of host names and addresses; got ${kindOf(hosts)}`,
    );
  }
  if (hosts.length === 0) {
    throw new PgHostsslError('host-invalid', 'A server certificate needs at least one host', {
      hint: 'Give every name and address that clients connect to.',
    });
  }
  return Array.from(hosts, parseHost);
}

/**
 * The subject of a server certificate: the host as common name. A common name has at most 64 characters. For a longer
 * host name, the common name is `PostgreSQL server`, because clients do not need the host in the subject.
 */
export function hostSubject(host: Host): DistinguishedName {
  const value = host.kind === 'dns' ? host.name : (host.texts[0] ?? '');
  return [[{ type: 'CN', value: value !== '' && value.length <= 64 ? value : 'PostgreSQL server' }]];
}

/**
 * The subject of a client certificate. If the given name has no common name, the role is added as the common name at
 * the end.
 */
function clientSubject(user: string, name: DistinguishedName): DistinguishedName {
  const names = nameValues(name, 'CN');
  if (names.length === 0) return [...name, [{ type: 'CN', value: user }]];
  if (names.length === 1 && commonName(name) === user) return name;
  throw new PgHostsslError(
    'name-invalid',
    `The common name of the subject is ${JSON.stringify(names.at(-1))}, but the role is ${JSON.stringify(user)}`,
    { hint: 'Leave the common name out of the subject: the role becomes the common name.' },
  );
}

/**
 * Checks that a common name can match a role name. PostgreSQL compares the bytes of the common name with those of the
 * role name. It truncates role names to {@link maxNameBytes} bytes, so a longer common name matches no role.
 *
 * @throws PgHostsslError `role-name-invalid`
 */
function checkRoleName(user: string): string {
  const fail = (what: string, hint?: string) =>
    new PgHostsslError('role-name-invalid', `The role name ${shownValue(user)} ${what}`, { hint });
  if (typeof user !== 'string') throw fail('is not a string');
  if (user === '') throw fail('is empty');
  if (user.includes('\0')) throw fail('holds a NUL, which no PostgreSQL name can hold');
  if (!user.isWellFormed()) throw fail('holds a lone surrogate, which is not a character');
  const bytes = new TextEncoder().encode(user).length;
  if (bytes > maxNameBytes) {
    throw fail(
      `is ${bytes} bytes long in UTF-8`,
      `The server cuts role names to ${maxNameBytes} bytes, so this certificate would match no role.`,
    );
  }
  return user;
}
