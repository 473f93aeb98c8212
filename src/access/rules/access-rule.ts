import type { HbaEntry } from '../../hba/file.ts';
import { optionValue } from '../../hba/read/option.ts';
import type { HbaDatabase, HbaOption, HbaRule, HbaUser } from '../../hba/rule.ts';
import type { AuthMethod } from '../../hba/tables/tables.ts';
import type { CertificateLevel, Outcome } from './outcome.ts';
import type { RuleAddress } from './rule-address.ts';
import type { TransportSet } from './transport.ts';

/** A rule of pg_hba.conf or of an included file, and its place. */
export interface PlacedRule {
  /**
   * The rule, with the contents of the `@file`s in its columns; `undefined` for the lines of a file that was not read.
   */
  readonly rule: HbaRule | undefined;
  /** The path of the rule's file, if it is known. */
  readonly file?: string;
  /** The line number of the rule in its file. */
  readonly line: number;
}

/** A rule with its columns converted for the computations of `pg-hostssl/access`. */
export interface AccessRule {
  /** The rule and its place, as results contain them. */
  readonly placed: PlacedRule;
  /** The rule of `placed`; `undefined` for the lines of a file that was not read. */
  readonly rule: HbaRule | undefined;
  /** The exact text of the line. */
  readonly text: string;
  /** The index of the rule among all rules of the main file and its included files, from 0. */
  readonly index: number;
  /** The entry of the main file: the rule itself, or the line that includes the rule's file. */
  readonly entry: HbaEntry;
  /** The transports that the connection type matches and the server offers. */
  readonly transports: TransportSet;
  /** The database column. A regular expression that is a choice of names is replaced by these names. */
  readonly databases: readonly HbaDatabase[];
  /** The user column. A regular expression that is a choice of names is replaced by these names. */
  readonly users: readonly HbaUser[];
  /** The addresses of the rule's address column; `undefined` for `local`. */
  readonly address: RuleAddress | undefined;
  /** The authentication method that the server uses. */
  readonly method: AuthMethod;
  /** The options. If an option is repeated, the server uses the last value. */
  readonly options: readonly HbaOption[];
  /** The certificate that the rule demands, also if its method is `reject` or the server has no CA file. */
  readonly certificate: CertificateLevel;
  /** What the server does with a connection that the rule decides. */
  readonly outcome: Outcome;
  /**
   * The options other than `clientcert` that decide who gets in, without options that have no effect. The value of
   * `map` is a key of the map's mappings if pg_ident.conf is given.
   */
  readonly heldOptions: ReadonlyMap<string, string>;
  /** A text that is equal for rules with the same effect on a connection, including map names and options. */
  readonly outcomeKey: string;
}

/** Returns the name of the map of a rule; empty if the rule has no map. */
export function mapOf({ options }: Pick<AccessRule, 'options'>): string {
  return optionValue(options, 'map') ?? '';
}

/** Returns the place of a rule for a message: `pg_hba.conf line 4`, or the file's own path if it is known. */
export function shownPlace({ file, line }: { readonly file?: string | undefined; readonly line: number }): string {
  return `${file ?? 'pg_hba.conf'} line ${line}`;
}
