import type { Bytes } from '../../asn1/der.ts';
import { PgHostsslError } from '../../errors.ts';
import type { DistinguishedName } from '../../names/distinguished-name.ts';
import { commonName, nameValues, parseName } from '../../names/name.ts';
import { extendedKeyUsage, keyUsage, subjectAltName } from '../certificate/extensions.ts';
import { type Host, parseHost } from '../certificate/host.ts';
import { checkRoleName } from '../certificate/role.ts';
import { type KeyKind, rsaBits } from '../keys/key-algorithms.ts';
import type { ClientProfile, ServerProfile } from './authority-options.ts';

/** What makes a certificate one for a server or one for a client. */
export interface Profile {
  readonly subject: DistinguishedName;
  /** Key usage, extended key usage, alternative names. */
  readonly extensions: (kind: KeyKind) => readonly Bytes[];
  /** The role that the common name must be. */
  readonly user?: string;
}

/**
 * A certificate for a server.
 *
 * @param isNameAllowed whether a DNS name may stand below this authority
 */
export function serverProfile(options: ServerProfile, isNameAllowed: (dnsName: string) => boolean): Profile {
  const hosts = parseHosts(options.hosts).map((host) =>
    // The address as text is there for libpq up to 14 alone; under an authority limited to DNS names it would spoil all.
    host.kind === 'ip' ? { ...host, texts: host.texts.filter(isNameAllowed) } : host,
  );
  return {
    subject: options.subject === undefined ? hostSubject(hosts[0]!) : parseName(options.subject),
    extensions: (kind) => [keyUsage(serverKeyUsage(kind)), extendedKeyUsage(['serverAuth']), subjectAltName(hosts)],
  };
}

/** A certificate for a client that logs in as a role. */
export function clientProfile({ user, subject = [] }: ClientProfile): Profile {
  return {
    user,
    subject: clientSubject(checkRoleName(user), parseName(subject)),
    extensions: () => [keyUsage(['digitalSignature']), extendedKeyUsage(['clientAuth'])],
  };
}

/** An RSA key may also decrypt the premaster secret, which TLS 1.2 without forward secrecy asks of it. */
export function serverKeyUsage(kind: KeyKind): readonly ('digitalSignature' | 'keyEncipherment')[] {
  return rsaBits(kind) === undefined ? ['digitalSignature'] : ['digitalSignature', 'keyEncipherment'];
}

/**
 * The hosts of a server certificate.
 *
 * @throws PgHostsslError `host-invalid`, also where there is none.
 */
export function parseHosts(hosts: readonly string[]): readonly Host[] {
  if (hosts.length === 0) {
    throw new PgHostsslError('host-invalid', 'A server certificate needs at least one host', {
      hint: 'Give every name and address under which clients will connect.',
    });
  }
  return hosts.map(parseHost);
}

/** A long host name does not fit into a common name (64 characters), and need not be there. */
function hostSubject(host: Host): DistinguishedName {
  const value = host.kind === 'dns' ? host.name : (host.texts[0] ?? '');
  return [[{ type: 'CN', value: value !== '' && value.length <= 64 ? value : 'PostgreSQL server' }]];
}

/** The common name is added as the last level, where DNs have it, unless it is there. */
function clientSubject(user: string, name: DistinguishedName): DistinguishedName {
  const names = nameValues(name, 'CN');
  if (names.length === 0) return [...name, [{ type: 'CN', value: user }]];
  if (names.length === 1 && commonName(name) === user) return name;
  throw new PgHostsslError(
    'name-invalid',
    `The subject has the common name ${JSON.stringify(names.at(-1))}, but the role is ${JSON.stringify(user)}`,
    { hint: 'Leave the common name out of the subject: the role becomes it.' },
  );
}
