/** The system user of a mapping. A string is one name, with any characters. */
export type IdentSystemUser =
  | string
  | {
      /** A PostgreSQL regular expression, without its leading slash. */
      readonly regex: string;
    };

/** The database user of a mapping. A string is the name of one role, with any characters. */
export type IdentPgUser =
  | string
  | {
      /**
       * The name of a role with a `\1` in it. The server puts the text that matched the first parenthesis of the system
       * user's regular expression in its place.
       */
      readonly substitute: string;
    }
  | {
      /** Every role (16+). */
      readonly keyword: 'all';
    }
  | {
      /** A role: its direct and indirect members match (16+). Written as `+role`. */
      readonly memberOf: string;
    }
  | {
      /** A PostgreSQL regular expression, without its leading slash (16+). */
      readonly regex: string;
    };

/** A mapping to be written. It is plain data and survives JSON. */
export interface IdentMappingInput {
  /** The name of the map. The option `map` in pg_hba.conf refers to it. */
  readonly map: string;
  /** The name that the authentication method establishes: a certificate's common name, a Kerberos principal. */
  readonly systemUser: IdentSystemUser;
  /** The role that this user may log in as. */
  readonly pgUser: IdentPgUser;
  /** The text behind the `#` of the mapping's own line. */
  readonly comment?: string;
}

/** A mapping of a file. It is plain data and survives JSON. */
export interface IdentMapping extends IdentMappingInput {
  /** Kind of the entry. */
  readonly kind: 'mapping';
  /** The exact text of the line, line end included. It is ignored when the mapping is serialized. */
  readonly text: string;
}
