import type { AuthMethod, HbaDatabase, HbaEntry, HbaOption, HbaRule, HbaUser } from '../../hba/index.ts';
import type { Outcome } from './outcome.ts';
import type { RuleAddress } from './rule-address.ts';
import type { TransportSet } from './transport.ts';

/** A rule of a pg_hba.conf or of a file that it includes, and where the rule is. */
export interface PlacedRule {
  /** The rule, with the words of `@file`s in its columns; `undefined` for the lines of a file that was not read. */
  readonly rule: HbaRule | undefined;
  /** The path of the rule's file, if it is known. */
  readonly file?: string;
  /** The line number in that file. */
  readonly line: number;
}

/** A placed rule with everything that the analysis asks of it, read once. */
export interface AccessRule {
  /** The rule and its place, as answers name them. */
  readonly placed: PlacedRule;
  /** The rule; `undefined` for the lines of a file that was not read. */
  readonly rule: HbaRule | undefined;
  /** The path of the rule's file, if it is known. */
  readonly file: string | undefined;
  /** The line number in that file. */
  readonly line: number;
  /** Its position among the rules. */
  readonly index: number;
  /** The entry of the main file that the rule is, or that includes it. */
  readonly entry: HbaEntry;
  /** The transports that its type matches and the server offers. */
  readonly transports: TransportSet;
  /** The database column, with the names of a regular expression that is a choice of names. */
  readonly databases: readonly HbaDatabase[];
  /** The user column, with the names of a regular expression that is a choice of names. */
  readonly users: readonly HbaUser[];
  /** The address column; `undefined` for `local`. */
  readonly address: RuleAddress | undefined;
  /** The method as the server holds it. */
  readonly method: AuthMethod;
  /** The options. If an option is repeated, the server uses the last value. */
  readonly options: readonly HbaOption[];
  /** What it does with the connections that it decides. */
  readonly outcome: Outcome;
  /** A text that is equal for rules that do the same with a connection, map names and options included. */
  readonly outcomeKey: string;
}

/** The value of an option. If the option is repeated, the server uses the last value. */
export function optionValue(options: readonly HbaOption[], name: string): string | undefined {
  return options.findLast((option) => option.name === name)?.value;
}

/** The rule and its place alone. */
export function placedRule({ placed }: AccessRule): PlacedRule {
  return placed;
}

/** The place of a rule for a message: `pg_hba.conf line 4`, with the path of the file if it is known. */
export function shownPlace({ file, line }: { readonly file?: string | undefined; readonly line: number }): string {
  return `${file ?? 'pg_hba.conf'} line ${line}`;
}
