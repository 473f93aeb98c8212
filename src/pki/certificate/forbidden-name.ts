import { type DerElement, readChildren, readInteger, SequenceReader } from '../../asn1/reader.ts';
import { groupBy } from '../../group-by.ts';
import { readLevels } from '../../names/name-value.ts';
import { readAlternativeNames } from './alternative-names.ts';
import { type ConstrainedName, constrainedName, nameInWords, noName } from './constrained-name.ts';
import { type Extensions, extensionOid, extensionValue } from './extensions.ts';
import { readGeneralName } from './general-name.ts';
import { isInside } from './inside-subtree.ts';
import { type OpensslRules, opensslRules } from './openssl-rules.ts';

/**
 * The limit of OpenSSL for the comparisons of names with name constraints. OpenSSL refuses a certificate that needs
 * more comparisons: `NAME_CHECK_MAX`.
 */
const maxComparisons = 2 ** 20;

/**
 * Whether a certificate has more names than OpenSSL compares with the name constraints of a CA
 * (`NAME_CONSTRAINTS_check`).
 */
export function hasTooManyNames(
  authority: Extensions,
  { subject, extensions }: { readonly subject: DerElement; readonly extensions: Extensions },
): boolean {
  const constraints = readNameConstraints(authority);
  if (constraints === undefined) return false;
  const names = readLevels(subject).flat().length + readAlternativeNames(extensions).length;
  return names * (constraints.permitted.length + constraints.excluded.length) > maxComparisons;
}

/**
 * A description of the first name that the name constraints of these CA certificates forbid, or `undefined` if they
 * allow all names: `nc_match` in crypto/x509/v3_ncons.c.
 */
export function forbiddenName(
  authorities: readonly { readonly extensions: Extensions }[],
  names: readonly ConstrainedName[],
  rules: OpensslRules = opensslRules['3'],
): string | undefined {
  // OpenSSL 1.1.1 has only one kind of otherName, and cannot compare any.
  const kindOf = ({ kind, tag }: ConstrainedName) => (rules.knowsOtherNames ? kind : tag);
  for (const { extensions } of authorities) {
    const constraints = readNameConstraints(extensions);
    if (constraints === undefined) continue;
    const permitted = groupBy(constraints.permitted, ({ base }) => kindOf(base));
    const excluded = groupBy(constraints.excluded, ({ base }) => kindOf(base));
    const forbidden = names.find((name) => {
      const kind = kindOf(name);
      return !isAllowed(name, permitted.get(kind) ?? [], excluded.get(kind) ?? [], rules);
    });
    if (forbidden !== undefined) return nameInWords(forbidden);
  }
  return undefined;
}

/**
 * Whether the subtrees for a kind of name allow a name of this kind. No excluded subtree may contain the name. If there
 * are permitted subtrees, one of them must contain the name.
 */
function isAllowed(
  name: ConstrainedName,
  permitted: readonly Subtree[],
  excluded: readonly Subtree[],
  rules: OpensslRules,
): boolean {
  // OpenSSL refuses the name if one of the subtrees has a minimum or maximum that it does not accept.
  const isLimited = (tree: Subtree) => tree.isLimited || (!rules.allowsMinimum && tree.hasMinimum);
  if (name.tag === noName || permitted.some(isLimited) || excluded.some(isLimited)) return false;
  // OpenSSL stops at the first subtree that contains the name. If OpenSSL cannot compare the name with a subtree, it
  // refuses the name.
  const first = permitted.find(({ base }) => isInside(name, base, rules) !== false);
  const isPermitted = permitted.length === 0 || (first !== undefined && isInside(name, first.base, rules) === true);
  return isPermitted && excluded.every(({ base }) => isInside(name, base, rules) === false);
}

/** A subtree of names (GeneralSubtree, RFC 5280 §4.2.1.10). */
interface Subtree {
  readonly base: ConstrainedName;
  /** Whether the subtree has a minimum, even if that is zero. */
  readonly hasMinimum: boolean;
  /**
   * Whether the subtree has a maximum or a minimum other than zero. RFC 5280 forbids them, and OpenSSL does not
   * evaluate them.
   */
  readonly isLimited: boolean;
}

/** The name constraints of a CA certificate. */
interface Constraints {
  readonly permitted: readonly Subtree[];
  readonly excluded: readonly Subtree[];
}

/**
 * The name constraints of a CA certificate, or `undefined` if the certificate has no name constraints.
 *
 * @throws DerError if the name constraints are malformed
 */
export function readNameConstraints(extensions: Extensions): Constraints | undefined {
  const value = extensionValue(extensions, extensionOid.nameConstraints);
  if (value === undefined) return undefined;
  const reader = new SequenceReader(value);
  const permitted = readSubtrees(reader.optional(0xa0));
  const excluded = readSubtrees(reader.optional(0xa1));
  reader.end();
  return { permitted, excluded };
}

function readSubtrees(element: DerElement | undefined): readonly Subtree[] {
  const trees = element === undefined ? [] : readChildren(element);
  return trees.map((tree) => {
    const reader = new SequenceReader(tree);
    const base = readGeneralName(reader.next());
    const minimum = reader.optional(0x80);
    const maximum = reader.optional(0x81);
    reader.end();
    const isZero = minimum === undefined || readInteger(minimum, 0x80).every((octet) => octet === 0);
    if (maximum !== undefined) readInteger(maximum, 0x81);
    return {
      base: constrainedName(base),
      hasMinimum: minimum !== undefined,
      isLimited: !isZero || maximum !== undefined,
    };
  });
}
