import type { AddressKeyword, DatabaseKeyword } from './tables/keywords.ts';
import type { AuthMethodFor, AuthOptionName, ConnectionType, HostConnectionType } from './tables/tables.ts';

/** A list that has at least one element. */
export type NonEmptyList<T> = readonly [T, ...T[]];

/**
 * The keyword `all`: every database, every user or every address. The string `'all'` is instead the name of a single
 * database or role.
 *
 * @example
 * ```ts
 * import assert from 'node:assert/strict';
 * import { all, HbaFile } from 'pg-hostssl/hba';
 *
 * const rule = { type: 'local', databases: [all], users: ['alice'], method: 'peer' } as const;
 * const file = HbaFile.parse('').insert(rule, 'end', { columns: { separator: ' ' } });
 * assert.equal(file.toString(), 'local all alice peer\n');
 * ```
 */
export const all: {
  /** The keyword itself. */
  readonly keyword: 'all';
} = { keyword: 'all' };
Object.freeze(all);

/** An element of a database column that is not a plain name. */
export type HbaDatabasePattern =
  | {
      /**
       * A keyword. `replication` matches the physical replication connections of standbys; `all` does not match them.
       */
      readonly keyword: DatabaseKeyword;
    }
  | NamePattern;

/** An element of a database or user column that means several names. */
export type NamePattern =
  | {
      /** A PostgreSQL regular expression, without its leading slash (16+). */
      readonly regex: string;
    }
  | {
      /** The path after an `@`: a file with further elements. */
      readonly file: string;
    };

/**
 * An element of the database column. A string is the name of one database, with any characters: `'all'` is the database
 * of this name, and the file contains it in quotes. For every database, use the export `all`.
 */
export type HbaDatabase = string | HbaDatabasePattern;

/** An element of a user column that is not a plain name. */
export type HbaUserPattern =
  | {
      /** Every user. */
      readonly keyword: 'all';
    }
  | {
      /** A role, written as `+role`. The direct and indirect members of the role match. */
      readonly memberOf: string;
    }
  | NamePattern;

/**
 * An element of the user column. A string is the name of one role, with any characters: `'all'` is the role of this
 * name. For every role, use the export `all`.
 */
export type HbaUser = string | HbaUserPattern;

/** The address of a rule. The texts are as the file writes them. */
export type HbaAddress =
  | {
      /** Every address, or the addresses of the server's machine or of its networks. */
      readonly keyword: AddressKeyword;
    }
  | {
      /** The IPv4 or IPv6 address, as the file writes it. */
      readonly ip: string;
      /** The number of leading bits that are compared. */
      readonly prefix: number;
    }
  | {
      /** The IPv4 or IPv6 address, as the file writes it. */
      readonly ip: string;
      /** The netmask, in the form of an address. */
      readonly mask: string;
    }
  | {
      /** A host name. With a leading dot, all names that end with it match. */
      readonly hostName: string;
    };

/** An option of a rule, which follows the method. */
export interface HbaOption {
  /** The name of the option: the text before the `=`. */
  readonly name: AuthOptionName;
  /** The value of the option, without quotes. */
  readonly value: string;
}

/** The fields of a rule with this connection type. */
export interface HbaRuleBase<T extends ConnectionType> {
  /** The connection type. */
  readonly type: T;
  /** The databases for which the rule applies. */
  readonly databases: NonEmptyList<HbaDatabase>;
  /** The users for whom the rule applies. */
  readonly users: NonEmptyList<HbaUser>;
  /** The authentication method as written. */
  readonly method: AuthMethodFor<T>;
  /** The options in file order. If an option is repeated, the server uses the last value. */
  readonly options?: readonly HbaOption[] | undefined;
  /** The text after the `#` on the rule's line. */
  readonly comment?: string | undefined;
}

/** A `local` rule to write. */
export type LocalRuleInput = HbaRuleBase<'local'>;

/** A rule to write for connections over TCP. */
export type HostRuleInput = {
  [T in HostConnectionType]: HbaRuleBase<T> & {
    /** The address of the client. As text: `10.0.0.0/8`, `::1`, `db.example.com`, `.example.com`. */
    readonly address: HbaAddress | string;
  };
}[HostConnectionType];

/** A rule to write. It is plain data and survives JSON. */
export type HbaRuleInput = LocalRuleInput | HostRuleInput;

/** The properties that a rule of a file has in addition to those of a rule to write. */
export interface HbaRuleText {
  /** The kind of the entry. */
  readonly kind: 'rule';
  /** The exact text of the line, line end included. It is ignored when the rule is serialized. */
  readonly text: string;
  /** The options in file order. If an option is repeated, the server uses the last value. */
  readonly options: readonly HbaOption[];
}

/** A `local` rule of a file. */
export type LocalRule = LocalRuleInput & HbaRuleText;

/** A rule of a file for connections over TCP. */
export type HostRule = {
  [T in HostConnectionType]: HbaRuleBase<T> &
    HbaRuleText & {
      /** The address of the client. */
      readonly address: HbaAddress;
    };
}[HostConnectionType];

/** A rule of a file. It is plain data and survives JSON. */
export type HbaRule = LocalRule | HostRule;
