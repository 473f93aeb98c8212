import { formatName } from '../../names/format-name.ts';
import { inspectCertificate } from './inspect.ts';

/**
 * A certificate (the first one in a PEM text, or DER) as a few lines of text for a person. May change between releases.
 *
 * @throws PgHostsslError `certificate-invalid`
 */
export function describeCertificate(source: string | Uint8Array): string {
  const info = inspectCertificate(source);
  const { isCa, isSelfIssued, pathLength, dnsNames, ipAddresses, keyUsage, extendedKeyUsage } = info;
  const rows: readonly (readonly [string, string])[] = [
    ['subject', formatName(info.subject, 'rfc4514')],
    ['issuer', isSelfIssued ? 'itself' : formatName(info.issuer, 'rfc4514')],
    ['serial number', `${info.serialNumber} (${decimal(info.serialNumber)})`],
    ['valid', `${info.notBefore.toISOString()} to ${info.notAfter.toISOString()}`],
    ['authority', isCa ? `yes${pathLength === undefined ? '' : `, with ${pathLength} below it at most`}` : 'no'],
    ['DNS names', dnsNames.join(', ')],
    ['IP addresses', ipAddresses.join(', ')],
    ['key', info.keyAlgorithm ?? 'of a kind not known here'],
    ['key usage', keyUsage?.join(', ') ?? 'any'],
    ['purposes', extendedKeyUsage?.join(', ') ?? 'any'],
  ];
  const width = Math.max(...rows.map(([title]) => title.length));
  return rows
    .filter(([, text]) => text !== '')
    .map(([title, text]) => `${title.padEnd(width)}  ${text}\n`)
    .join('');
}

function decimal(serialNumber: string): string {
  const sign = serialNumber.startsWith('-') ? '-' : '';
  return sign + BigInt(`0x${serialNumber.slice(sign.length)}`);
}
