/** The widths of a rule's columns in characters, including the blanks between the columns. */
export interface ColumnWidths {
  /** The number of characters from the start of the connection type to the start of the databases. */
  readonly type: number;
  /** The number of characters from the start of the databases to the start of the users. */
  readonly database: number;
  /** The number of characters from the start of the users to the start of the address. */
  readonly user: number;
  /** The number of characters from the start of the address to the start of the method. */
  readonly address: number;
}

/** The widths in the file that `initdb` writes. */
export const stockWidths: ColumnWidths = { type: 8, database: 16, user: 16, address: 24 };

/** The layout of a new rule: the widths of its columns, or the text between its columns. */
export type ColumnStyle =
  | ColumnWidths
  | {
      /** The text between the columns: blanks or tabs. */
      readonly separator: string;
    };
