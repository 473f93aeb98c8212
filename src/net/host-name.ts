import { pgAsciiToLower } from '../c/ascii.ts';
import { lazily } from '../lazily.ts';

/** A DNS name, or the reason why a text is not a DNS name. */
export type HostName =
  | {
      /** The name in lower case. An international name is converted to its A-labels. */
      readonly name: string;
    }
  | {
      /** The problem, as the end of a sentence: `is not a host name`. */
      readonly fault: string;
    };

/**
 * Parses a DNS name and returns the form that clients compare byte by byte: in lower case, with the A-labels of an
 * international name (libpq does not convert names), without a final dot and without a wildcard.
 *
 * RFC 1123 does not allow underscores in host names, but container networks use them, and clients accept them.
 */
export function parseHostName(text: string): HostName {
  const name = /^[\x21-\x7e]+$/.test(text) && !/(?:^|\.)[Xx][Nn]--/.test(text) ? pgAsciiToLower(text) : toALabels(text);
  if (name === undefined) return { fault: 'is not a host name' };
  if (name.length > 253) return { fault: 'is longer than 253 characters' };
  const labels = name.split('.');
  for (const label of labels) {
    if (label.length > 63) return { fault: 'has a label of more than 63 characters' };
    if (!/^[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?$/.test(label)) return { fault: 'is not a host name' };
  }
  // A name whose last label is a number is refused, because the URL standard reads such a name as an IPv4 address.
  if (/^\d+$/.test(labels.at(-1)!)) return { fault: 'is not an IPv4 address, and no DNS name ends in a number' };
  return { name };
}

/**
 * Characters that are not allowed in a host name, although the URL parser drops them or treats them as the end of the
 * host.
 */
const foreign = lazily(
  // biome-ignore lint/complexity/useRegexLiterals: the check of a literal with these classes delays the import
  () => new RegExp('[\\0-\\x2c/:-@[-^`{-\\x7f]|(?![\\u200c\\u200d])[\\p{White_Space}\\p{Cf}]', 'u'),
);

/**
 * Returns an international name with A-labels: `xn--` and ASCII letters. The conversion follows UTS #46, as in the URL
 * standard. Returns `undefined` if the name cannot be converted, or if it has characters that are not allowed in a host
 * name.
 */
function toALabels(name: string): string | undefined {
  if (foreign().test(name)) return undefined;
  try {
    return new URL(`http://${uLabel}.${name}/`).hostname.slice(aLabel.length + 1);
  } catch {
    return undefined;
  }
}

/**
 * A label in front of the name, as a U-label and as an A-label. Without a U-label, Node.js 24 does not check the
 * A-labels of a name, so that it would accept `xn--a`. Names that the URL standard reads as IP addresses are also
 * refused.
 */
const [uLabel, aLabel] = ['\u00e4', 'xn--4ca'];
