import { formatIpAddress, type IpAddress, parseIpAddress } from '../net/ip.ts';
import { isIpv4Mapped, networkOf, prefixOfMask, sameAddress } from '../net/network.ts';
import type { PgMajor } from '../version.ts';
import { addressKeywords, isPossibleHostName } from './address.ts';
import type { Reading } from './auth-line.ts';
import { clientCertMeaning } from './client-cert.ts';
import type { Finding } from './finding.ts';
import type { HbaRecord } from './record.ts';
import { databaseKeywords } from './rule.ts';
import type { ScanRules } from './scan-rules.ts';
import type { Token } from './token.ts';

/** Adds what loads but surely is not what was meant, in a rule. */
export function lintRecord(record: HbaRecord, { version, rules }: Reading, findings: Finding[]): void {
  for (const token of record.databases) lintName(token, databaseKeywords, rules, version, findings);
  for (const token of record.users) lintName(token, userKeywords, rules, version, findings);
  findings.push(...lintAddress(record));
  for (const { name, value, token } of record.options) {
    if (name === 'clientcert') findings.push(...lintClientCert(value, token, version));
  }
}

const userKeywords = ['all'];

function lintName(
  token: Token,
  keywords: readonly string[],
  rules: ScanRules,
  version: PgMajor,
  findings: Finding[],
): void {
  const { value, quoted, start, end } = token;
  // Most names are plain keywords or in no way like one.
  if (!quoted && keywords.includes(value)) return;
  findings.push(...lintKeyword(token, keywords));
  if (rules.regularExpressions || !value.startsWith('/')) return;
  const message = `PostgreSQL ${version} knows no regular expressions here: it takes ${value} for a name`;
  findings.push({ code: 'regex-as-name', severity: 'warning', message, start, end });
}

function lintKeyword(token: Token, keywords: readonly string[]): Finding[] {
  const { value, quoted, start, end } = token;
  const keyword = keywords.find((word) => word === value.toLowerCase());
  if (keyword === undefined || (!quoted && value === keyword)) return [];
  const fix = { title: `write ${keyword}`, start, end, text: keyword };
  if (quoted && value === keyword) {
    const message = `in quotes, ${keyword} is a name like any other`;
    return [{ code: 'keyword-quoted', severity: 'warning', message, start, end, fix }];
  }
  if (quoted) return [];
  const message = `${value} is a name like any other; the keyword is ${keyword}, in lower case`;
  return [{ code: 'keyword-case', severity: 'warning', message, start, end, fix }];
}

function lintClientCert(value: string, { start, end }: Token, version: PgMajor): Finding[] {
  const saysOff = value === '0' || value === 'no-verify';
  if (saysOff || clientCertMeaning(value, version) !== 'off') return [];
  const message = `PostgreSQL ${version} takes clientcert=${value} for "no certificate needed"; it knows clientcert=1 only`;
  const fix = { title: 'write clientcert=1', start, end, text: 'clientcert=1' };
  return [{ code: 'hba-clientcert-off', severity: 'warning', message, start, end, fix }];
}

function lintAddress({ address, addressTokens }: HbaRecord): Finding[] {
  const [token, maskToken] = addressTokens;
  if (address === undefined || token === undefined || address.kind === 'keyword') return [];
  if (address.kind === 'host-name') {
    const findings = lintKeyword(token, addressKeywords);
    return findings.length > 0 ? findings : lintHostName(token);
  }
  const { start } = token;
  const end = maskToken?.end ?? token.end;
  const ip = address.address;
  const prefix = prefixOfMask(address.mask);
  const rewrite = (network: IpAddress, length: number): Finding['fix'] => {
    const text = `${formatIpAddress(network)}/${length}`;
    return { title: `write ${text}`, start, end, text };
  };
  const findings: Finding[] = [];
  const put = (code: Finding['code'], message: string, fix?: Finding['fix']): void => {
    findings.push({ code, severity: 'warning', message, start, end, fix });
  };
  const odd = [token, maskToken].find((each) => each !== undefined && isOddIpv4(each.value.split('/')[0]!));
  if (odd !== undefined) {
    const meant = formatIpAddress(parseIpAddress(odd.value.split('/')[0]!)!);
    put(
      'address-numeric',
      `${odd.value} is the address ${meant} to the server`,
      prefix === undefined ? undefined : rewrite(ip, prefix),
    );
  }
  if (prefix === undefined)
    put('mask-with-holes', `the mask ${maskToken!.value} has zero bits before one bits; it is honoured as it is`);
  else if (isIpv4Mapped(ip)) {
    const ipv4 = { family: 'ipv4', bytes: ip.bytes.slice(12) } as const;
    const message = 'an IPv4-mapped address matches no IPv4 client: PostgreSQL sees those as IPv4';
    put('address-ipv4-mapped', message, prefix >= 96 ? rewrite(ipv4, prefix - 96) : undefined);
  } else {
    const network = networkOf(ip, address.mask);
    if (odd === undefined && !sameAddress(network, ip)) {
      const message = `the address has bits outside its mask, which are ignored: the rule is for ${formatIpAddress(network)}/${prefix}`;
      put('address-host-bits', message, rewrite(network, prefix));
    }
  }
  return findings;
}

/** An IPv4 address in another form than four plain decimal numbers. */
function isOddIpv4(text: string): boolean {
  const address = parseIpAddress(text);
  return address?.family === 'ipv4' && formatIpAddress(address) !== text;
}

function lintHostName({ value, start, end }: Token): Finding[] {
  if (isPossibleHostName(value)) return [];
  const message = `"${value}" is no IP address, so the server takes it for a host name, and no client will have it`;
  return [{ code: 'address-host-name', severity: 'warning', message, start, end }];
}
