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
       * A role name that contains `\1`. The server replaces `\1` by the text that matched the first parenthesis of the
       * system user's regular expression.
       */
      readonly substitute: string;
    }
  | {
      /** Every role (16+). */
      readonly keyword: 'all';
    }
  | {
      /** A role, written as `+role`. The direct and indirect members of the role match (16+). */
      readonly memberOf: string;
    }
  | {
      /** A PostgreSQL regular expression, without its leading slash (16+). */
      readonly regex: string;
    };

/** A mapping to write. It is plain data and survives JSON. */
export interface IdentMappingInput {
  /** The name of the map. The option `map` in pg_hba.conf refers to it. */
  readonly map: string;
  /** The user name from the authentication method, such as a certificate's common name or a Kerberos principal. */
  readonly systemUser: IdentSystemUser;
  /** The role as which the system user may log in. */
  readonly pgUser: IdentPgUser;
  /** The text after the `#` on the mapping's line. */
  readonly comment?: string | undefined;
}

/** A mapping of a file. It is plain data and survives JSON. */
export interface IdentMapping extends IdentMappingInput {
  /** The kind of the entry. */
  readonly kind: 'mapping';
  /** The exact text of the line, line end included. It is ignored when the mapping is serialized. */
  readonly text: string;
}
