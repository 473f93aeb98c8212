import { isUtf8 } from 'node:buffer';
import { isIP } from 'node:net';
import { userInfo } from 'node:os';
import { domainToASCII } from 'node:url';
import { parse } from 'pg-connection-string';
import type { PgHostsslError } from '../../src/errors.ts';
import { defaultUser, knownService, type Verdict } from './libpq-judge.ts';

/** The result of libpq for a string that libpq accepts. */
export type Reading = Extract<Verdict, { readonly kind: 'read' }>;

/** A kind of connection string that libpq accepts and `parseConnectionString` refuses on purpose. */
export interface OwnLimit {
  readonly code: string;
  readonly message: RegExp;
  /** Returns whether a string is of this kind, judging by its text and by what libpq read from it. */
  holds(text: string, reading: Reading): boolean;
  readonly examples: readonly string[];
}

const isUrl = (text: string): boolean => /^postgres(?:ql)?:\/\//.test(text);

/** The limits of `parseConnectionString` by name, each with examples of strings. */
export const ownLimits: Readonly<Record<string, OwnLimit>> = {
  'no host': {
    code: 'connection-host-invalid',
    message: /names no host/,
    holds: (_, { host }) => host === undefined || host === '',
    examples: ['postgresql://a@/x', 'postgresql://a@:5432/x', 'user=a', "host='' user=a", 'postgresql://a@h/x?host='],
  },
  'a Unix socket': {
    code: 'connection-host-invalid',
    message: /is a Unix socket/,
    holds: (_, { host }) => /^[/@]/.test(host ?? ''),
    examples: ['postgresql://a@%2Ftmp/x', 'host=/tmp user=a', 'postgresql://a@/x?host=@abstract'],
  },
  'several hosts': {
    code: 'connection-url-invalid',
    message: /names several hosts/,
    holds: (_, { host = '', port }) => host.includes(',') || port.includes(','),
    examples: ['postgresql://a@h1,h2/x', 'postgresql://a@h1:5432,h2:5432/x', 'host=h1,h2 user=a', 'host=h, user=a'],
  },
  'no DNS name': {
    code: 'connection-host-invalid',
    message: /is neither a host name nor an IP address/,
    holds: (_, { host = '' }) => isIP(host) === 0 && !isDnsName(host),
    examples: [
      "host='a b' user=a",
      'postgresql://a@b@host/x',
      'host=999.1.1.1 user=a',
      'host=a..b user=a',
      'host=-h user=a',
    ],
  },
  'an IPv6 address with a zone': {
    code: 'connection-host-invalid',
    message: /is neither a host name nor an IP address/,
    holds: (_, { host = '' }) => isIP(host) === 6 && host.includes('%'),
    examples: ['host=fe80::1%eth0 user=a', 'postgresql://a@[fe80::1%25eth0]/x'],
  },
  'a host in brackets': {
    code: 'connection-host-invalid',
    message: /takes the brackets .* for a part of a host name/,
    holds: (_, { host = '' }) => host.startsWith('['),
    examples: ['host=[::1] user=a', 'postgresql://a@/x?host=[::1]'],
  },
  'no user': {
    code: 'connection-user-missing',
    message: /No database user is given/,
    holds: (_, { packet }) => [defaultUser, userInfo().username].includes(packet!.user!),
    examples: ['postgresql://h/x', 'host=h', "host=h user=''", 'postgresql://a@h/x?user='],
  },
  'a service': {
    code: 'connection-url-invalid',
    message: /names a service/,
    holds: (_, { packet }) => packet!.options === knownService.options,
    examples: ['postgresql://a@h/x?service=app', 'host=h user=a service=app'],
  },
  'text that is not UTF-8': {
    code: 'connection-url-invalid',
    message: /is not UTF-8/,
    holds: (text) => isUrl(text) && !isUtf8(percentDecoded(text)),
    examples: ['postgresql://%ff@h/x', 'postgresql://a@h/%C3', 'postgresql://a@h/x?user=%ff', 'postgresql://a:%ff@h/x'],
  },
  'an IPv6 address without brackets in a URL': {
    code: 'connection-url-invalid',
    message: /its IPv6 address has no brackets/,
    // libpq reads the host `0` and a port that it refuses, unless the query gives another port.
    holds: (text) => isUrl(text) && /[/@,][\da-f]*:[\da-f:.]*:/i.test(text),
    examples: ['postgresql://a@0:0::0:1/x?port=5432', 'postgresql://a@0::1/x?host=h&port=54321'],
  },
  'another mark than a space between two parameters': {
    code: 'connection-url-invalid',
    message: /holds a "[;,&]", which does not separate parameters/,
    holds: (text, { host = '', port, packet }) =>
      !isUrl(text) && /[;,&]/.test([host, port, packet?.user, packet?.database].join(' ')),
    examples: ["host=10.0.0.1,user='-.'", 'host=h,user=a', 'host=h dbname=x;user=a'],
  },
  'a bare "#"': {
    code: 'connection-url-invalid',
    message: /holds a bare "#"/,
    holds: (text) => isUrl(text) && text.includes('#'),
    examples: ['postgresql://a@h/x#y', 'postgresql://a:#@h/x'],
  },
  'another host or user for pg': {
    code: 'connection-url-invalid',
    message: /libpq and pg read different hosts or users/,
    holds: (text, { host, packet }) => {
      const read = parse(text);
      return isUrl(text) && (read.host !== host || read.user !== packet!.user);
    },
    examples: ['postgresql://a?b@h/x', 'postgresql://a\tb@h/x', 'postgresql://a@h/x? user=b'],
  },
};

/**
 * Returns the name of the limit that explains why `parseConnectionString` refuses a string that libpq accepts;
 * `undefined` if no limit explains the error.
 */
export function excuseFor(text: string, reading: Reading, error: PgHostsslError): string | undefined {
  const found = Object.entries(ownLimits).find(
    ([, limit]) => limit.code === error.code && limit.message.test(error.message) && limit.holds(text, reading),
  );
  return found?.[0];
}

/**
 * Returns the host that the library must make from the text that libpq reads: in lower case, without a final dot, an
 * international name as A-labels, and an IP address in canonical form.
 */
export function hostOfTarget(host: string): string {
  if (isIP(host) === 6) return new URL(`http://[${host}]/`).hostname.slice(1, -1);
  const name = host.replace(/\.$/, '');
  if (!isAscii(name)) return domainToASCII(name);
  // The URL parser is used here, because the URL standard reads 10.1 as 10.0.0.1, as inet_aton of libpq does.
  const read = URL.canParse(`http://${name}`) ? new URL(`http://${name}`).hostname : '';
  return isIP(read) === 4 ? read : name.toLowerCase();
}

function isDnsName(host: string): boolean {
  const name = host.replace(/\.$/, '');
  // domainToASCII stops at these characters, because it reads the text like the host of a URL.
  if (/[/?#\\]/.test(name)) return false;
  const labels = (isAscii(name) ? name : domainToASCII(name)).split('.');
  return (
    labels.every((label) => /^\w(?:[\w-]{0,61}\w)?$/.test(label)) &&
    labels.join('.').length <= 253 &&
    !/^\d+$/.test(labels.at(-1)!)
  );
}

function isAscii(text: string): boolean {
  return /^[\0-\x7f]*$/.test(text);
}

function percentDecoded(text: string): Buffer {
  const bytes = Buffer.from(text).toString('latin1');
  return Buffer.from(
    bytes.replace(/%([0-9a-f]{2})/gi, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16))),
    'latin1',
  );
}
