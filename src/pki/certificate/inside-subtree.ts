import type { Bytes } from '../../asn1/bytes.ts';
import { pgAsciiToLower } from '../../c/ascii.ts';
import { equalBytes } from '../../c/compare.ts';
import type { ConstrainedName } from './constrained-name.ts';
import { nameTag } from './general-name.ts';
import type { OpensslRules } from './openssl-rules.ts';

/**
 * Whether a subtree contains a name of the same kind. The result is `undefined` if OpenSSL cannot compare the name with
 * the subtree. OpenSSL then refuses the name.
 */
export function isInside(
  { tag, content, levels, text }: ConstrainedName,
  base: ConstrainedName,
  { parsesUrls }: OpensslRules,
): boolean | undefined {
  switch (tag) {
    case nameTag.other:
      return base.tag === nameTag.email ? mailboxInside(text, base.text) : undefined;
    case nameTag.email:
      return emailInside(text, base.text);
    case nameTag.dns:
      return dnsInside(text, base.text);
    case nameTag.directory:
      return directoryInside(levels, base.levels);
    case nameTag.uri:
      return uriInside(parsesUrls ? hostOfUrl(text) : hostOfUri(text), base.text);
    case nameTag.ip:
      return addressInside(content, base.content);
    default:
      return undefined;
  }
}

/** Whether a DNS name is equal to the base of a name constraint, or is below the base: `nc_dns` of OpenSSL. */
function dnsInside(name: string, base: string): boolean {
  return base === '' || name === base || name.endsWith(base.startsWith('.') ? base : `.${base}`);
}

/**
 * Whether an e-mail address is inside a name constraint: `nc_email` of OpenSSL. The base is an address, or a host for
 * all addresses at this host, or (with a leading dot) a domain for all addresses at hosts below it.
 */
function emailInside(address: string, base: string): boolean | undefined {
  if (!address.includes('@')) return undefined;
  const local = (text: string) => text.slice(0, Math.max(text.lastIndexOf('@'), 0));
  const host = (text: string) => pgAsciiToLower(text.slice(text.lastIndexOf('@') + 1));
  if (base.startsWith('.') && !base.includes('@')) return isBelow(pgAsciiToLower(address), pgAsciiToLower(base));
  return host(address) === host(base) && (local(base) === '' || local(base) === local(address));
}

/**
 * Whether an e-mail address in an otherName is inside a name constraint for e-mail addresses: `nc_email_eai` of
 * OpenSSL. The base is a host. OpenSSL takes a base with a leading dot for one with two dots. A base with letters
 * beyond ASCII (`xn--`) is not compared, although OpenSSL compares it.
 */
function mailboxInside(address: string, base: string): boolean | undefined {
  if (!address.includes('@') || /\0|(?:^|\.)xn--/i.test(base)) return undefined;
  const host = pgAsciiToLower(address.slice(address.lastIndexOf('@') + 1));
  if (base.startsWith('.')) return isBelow(pgAsciiToLower(address), pgAsciiToLower(`.${base}`));
  return host === pgAsciiToLower(base);
}

/**
 * Whether the host of a URI is inside a name constraint: `nc_uri` of OpenSSL. The base is a host, or (with a leading
 * dot) a domain for all hosts below it. Without a host, the result is `undefined`.
 */
function uriInside(host: string | undefined, base: string): boolean | undefined {
  if (host === undefined) return undefined;
  return base.startsWith('.') ? isBelow(host, pgAsciiToLower(base)) : host === pgAsciiToLower(base);
}

/**
 * The host of a URI as OpenSSL before 3.5 finds it, in lower case: it ends at the first colon, or at the first slash if
 * there is no colon. The result is `undefined` for a URI without a host.
 */
function hostOfUri(uri: string): string | undefined {
  const rest = /^[^:]*:\/\/(.*)$/s.exec(pgAsciiToLower(uri))?.[1];
  const host = rest?.split(rest.includes(':') ? ':' : '/')[0];
  return host === '' ? undefined : host;
}

/**
 * The host of a URI as OpenSSL finds it from 3.5 on, in lower case: `OSSL_parse_url`. The host can be empty. The result
 * is `undefined` for a text that OpenSSL refuses, such as one without a scheme or with an unusual port.
 */
function hostOfUrl(text: string): string | undefined {
  // As a C string, the text ends at a NUL.
  const url = pgAsciiToLower(text).split('\0')[0]!;
  const authority = /^(?!:\/\/).+?:\/\/(?:[^@/?#]*@)?(.*)$/s.exec(url)?.[1];
  if (authority === undefined) return undefined;
  const parts = /^(\[[^\]]*\]|(?!\[)[^:/?#]*)(?::([0-9]+))?(?:[/?#]|$)/.exec(authority);
  return Number(parts?.[2] ?? 0) <= 65_535 ? parts?.[1] : undefined;
}

function isBelow(name: string, domain: string): boolean {
  return name.length > domain.length && name.endsWith(domain);
}

/** Whether an IP address is inside a name constraint: `nc_ip` of OpenSSL. The base is an address followed by a mask. */
function addressInside(address: Uint8Array, subtree: Uint8Array): boolean | undefined {
  const size = address.length;
  if (![4, 16].includes(size) || ![8, 32].includes(subtree.length)) return undefined;
  return subtree.length === 2 * size && address.every((octet, i) => ((octet ^ subtree[i]!) & subtree[size + i]!) === 0);
}

function directoryInside(name: readonly Bytes[], base: readonly Bytes[]): boolean {
  return base.length <= name.length && base.every((level, i) => equalBytes(level, name[i]!));
}
