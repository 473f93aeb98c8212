import type { Finding } from '../../auth-file/check/diagnostics.ts';
import type { Reading } from '../../auth-file/read/line.ts';
import type { ScanRules } from '../../auth-file/scan/scan-rules.ts';
import type { Token } from '../../auth-file/scan/token.ts';
import { formatIpAddress, type IpAddress, type IpFamily } from '../../net/ip.ts';
import { hasBitsOutside, isIpv4Mapped, networkOf, prefixOfMask } from '../../net/network.ts';
import type { PgMajor } from '../../version.ts';
import { addressKeywords, isPossibleHostName } from '../read/address.ts';
import type { HbaRecord } from '../read/record.ts';
import { databaseKeywords } from '../rule.ts';
import { clientCertMeaning } from '../tables/client-cert.ts';

/** Adds what loads but surely is not what was meant, in a rule. */
export function lintRecord(record: HbaRecord, { version, rules }: Reading, findings: Finding[]): void {
  for (const token of record.databases) lintName(token, databaseKeywords, rules, version, findings);
  for (const token of record.users) lintName(token, userKeywords, rules, version, findings);
  for (const finding of lintAddress(record)) findings.push(finding);
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
  for (const finding of lintKeyword(token, keywords)) findings.push(finding);
  if (rules.regularExpressions || !value.startsWith('/')) return;
  const message = `PostgreSQL ${version} knows no regular expressions here: it takes ${value} for a name`;
  findings.push({ code: 'regex-as-name', severity: 'warning', message, start, end });
}

function lintKeyword(token: Token, keywords: readonly string[]): readonly Finding[] {
  const { value, quoted, start, end } = token;
  const keyword = keywords.find((word) => word.length === value.length && word === value.toLowerCase());
  if (keyword === undefined || (!quoted && value === keyword)) return noFindings;
  const fix = { title: `write ${keyword}`, start, end, text: keyword };
  if (quoted && value === keyword) {
    const message = `in quotes, ${keyword} is a name like any other`;
    return [{ code: 'keyword-quoted', severity: 'warning', message, start, end, fix }];
  }
  if (quoted) return noFindings;
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

function lintAddress({ address, addressTokens }: HbaRecord): readonly Finding[] {
  const [token, maskToken] = addressTokens;
  if (address === undefined || token === undefined || address.kind === 'keyword') return noFindings;
  if (address.kind === 'host-name') {
    const findings = lintKeyword(token, addressKeywords);
    return findings.length > 0 ? findings : lintHostName(token);
  }
  const { address: ip, mask } = address;
  const isOdd = isOddIpv4(token, ip.family) || (maskToken !== undefined && isOddIpv4(maskToken, ip.family));
  if (!isOdd && prefixOfMask(mask) !== undefined && !isIpv4Mapped(ip) && !hasBitsOutside(ip, mask)) return noFindings;
  return lintNetwork(ip, mask, token, maskToken);
}

/** Tells what is wrong with a network, of which it is known already that something is. */
function lintNetwork(ip: IpAddress, mask: IpAddress, token: Token, maskToken: Token | undefined): readonly Finding[] {
  const prefix = prefixOfMask(mask);
  const odd = [token, maskToken].find((each) => each !== undefined && isOddIpv4(each, ip.family));
  const { start } = token;
  const end = maskToken?.end ?? token.end;
  const rewrite = (network: IpAddress, length: number): Finding['fix'] => {
    const text = `${formatIpAddress(network)}/${length}`;
    return { title: `write ${text}`, start, end, text };
  };
  const findings: Finding[] = [];
  const put = (code: Finding['code'], message: string, fix?: Finding['fix']): void => {
    findings.push({ code, severity: 'warning', message, start, end, fix });
  };
  if (odd !== undefined) {
    const meant = formatIpAddress(odd === token ? ip : mask);
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
  } else if (odd === undefined && hasBitsOutside(ip, mask)) {
    const network = networkOf(ip, mask);
    const message = `the address has bits outside its mask, which are ignored: the rule is for ${formatIpAddress(network)}/${prefix}`;
    put('address-host-bits', message, rewrite(network, prefix));
  }
  return findings;
}

const noFindings: readonly Finding[] = [];

/** An IPv4 address, or one with its prefix length, in another form than four plain decimal numbers. */
function isOddIpv4({ value }: Token, family: IpFamily): boolean {
  return family === 'ipv4' && !/^(?:0|[1-9]\d*)(?:\.(?:0|[1-9]\d*)){3}(?:\/|$)/.test(value);
}

function lintHostName({ value, start, end }: Token): Finding[] {
  if (isPossibleHostName(value)) return [];
  const message = `"${value}" is no IP address, so the server takes it for a host name, and no client will have it`;
  return [{ code: 'address-host-name', severity: 'warning', message, start, end }];
}
