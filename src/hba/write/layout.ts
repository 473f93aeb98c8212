/** The widths of a rule's columns in characters, including the blanks between the columns. */
export interface ColumnWidths {
  /** From the connection type to the database. */
  readonly type: number;
  /** From the database to the user. */
  readonly database: number;
  /** From the user to the address. */
  readonly user: number;
  /** From the address to the method. */
  readonly address: number;
}

/** The widths in the file that `initdb` writes. */
export const stockWidths: ColumnWidths = { type: 8, database: 16, user: 16, address: 24 };

/** The layout of a new rule: columns of these widths, or this text between the columns. */
export type ColumnStyle =
  | ColumnWidths
  | {
      /** Blanks or tabs. */
      readonly separator: string;
    };
