import type { AddressKeyword, DatabaseKeyword } from './tables/keywords.ts';
import type { AuthMethodFor, AuthOptionName, ConnectionType, HostConnectionType } from './tables/tables.ts';

/** A list that holds at least one element. */
export type NonEmptyList<T> = readonly [T, ...T[]];

/**
 * The keyword `all`: every database, every user or every address. A string `'all'` is the name of one object instead.
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
  /** The word. */
  readonly keyword: 'all';
} = Object.freeze({ keyword: 'all' });

/** An element of a database column that is more than a name. */
export type HbaDatabasePattern =
  | {
      /** A keyword. `replication` matches the physical replication connections of standbys, which `all` does not. */
      readonly keyword: DatabaseKeyword;
    }
  | NamePattern;

/** An element of a database or user column that stands for several names. */
export type NamePattern =
  | {
      /** A PostgreSQL regular expression, without its leading slash (16+). */
      readonly regex: string;
    }
  | {
      /** The path behind an `@`: a file that holds further elements. */
      readonly file: string;
    };

/**
 * An element of the database column. A string is the name of one database, with any characters: `'all'` is the
 * database of this name, which the file holds in quotes. Every database is the export `all`.
 */
export type HbaDatabase = string | HbaDatabasePattern;

/** An element of a user column that is more than a name. */
export type HbaUserPattern =
  | {
      /** Every user. */
      readonly keyword: 'all';
    }
  | {
      /** A role: its direct and indirect members match. Written as `+role`. */
      readonly memberOf: string;
    }
  | NamePattern;

/**
 * An element of the user column. A string is the name of one role, with any characters: `'all'` is the role of
 * this name. Every role is the export `all`.
 */
export type HbaUser = string | HbaUserPattern;

/** The address of a rule. Texts are as the file has them. */
export type HbaAddress =
  | {
      /** Every address, or the addresses of the server's machine or of its networks. */
      readonly keyword: AddressKeyword;
    }
  | {
      /** An IPv4 or IPv6 address. */
      readonly ip: string;
      /** The number of leading bits that count. */
      readonly prefix: number;
    }
  | {
      /** An IPv4 or IPv6 address. */
      readonly ip: string;
      /** The netmask, in the form of an address. */
      readonly mask: string;
    }
  | {
      /** A host name. With a leading dot, all names below it match. */
      readonly hostName: string;
    };

/** An option behind the method. */
export interface HbaOption {
  /** The option's name. */
  readonly name: AuthOptionName;
  /** The option's value, without quotes. */
  readonly value: string;
}

/** The fields of a rule with this connection type. */
export interface HbaRuleBase<T extends ConnectionType> {
  /** The connection type. */
  readonly type: T;
  /** The databases. */
  readonly databases: NonEmptyList<HbaDatabase>;
  /** The users. */
  readonly users: NonEmptyList<HbaUser>;
  /** The authentication method as written. */
  readonly method: AuthMethodFor<T>;
  /** The options in their order. If an option is repeated, the server uses the last value. */
  readonly options?: readonly HbaOption[];
  /** The text behind the `#` of the rule's own line. */
  readonly comment?: string;
}

/** A `local` rule to be written. */
export type LocalRuleInput = HbaRuleBase<'local'>;

/** A rule for connections over TCP to be written. */
export type HostRuleInput = {
  [T in HostConnectionType]: HbaRuleBase<T> & {
    /** Where the client is. As text: `10.0.0.0/8`, `::1`, `db.example.com`, `.example.com`. */
    readonly address: HbaAddress | string;
  };
}[HostConnectionType];

/** A rule to be written. It is plain data and survives JSON. */
export type HbaRuleInput = LocalRuleInput | HostRuleInput;

/** What a rule of a file has in addition to the fields of a rule to be written. */
export interface HbaRuleText {
  /** Kind of the entry. */
  readonly kind: 'rule';
  /** The exact text of the line, line end included. It is ignored when the rule is serialized. */
  readonly text: string;
  /** The options in their order. If an option is repeated, the server uses the last value. */
  readonly options: readonly HbaOption[];
}

/** A `local` rule of a file. */
export type LocalRule = LocalRuleInput & HbaRuleText;

/** A rule of a file for connections over TCP. */
export type HostRule = {
  [T in HostConnectionType]: HbaRuleBase<T> &
    HbaRuleText & {
      /** Where the client is. */
      readonly address: HbaAddress;
    };
}[HostConnectionType];

/** A rule of a file. It is plain data and survives JSON. */
export type HbaRule = LocalRule | HostRule;
