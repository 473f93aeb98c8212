/** The words that mean more than a name in the database column, unless they are quoted. */
export const databaseKeywords = ['all', 'sameuser', 'samerole', 'samegroup', 'replication'] as const;

/** A word that means more than a name in the database column. */
export type DatabaseKeyword = (typeof databaseKeywords)[number];

/** The words that mean more than a name in the user column, unless they are quoted. */
export const userKeywords = ['all'] as const;

/** The words that mean addresses, unless they are quoted. */
export const addressKeywords = ['all', 'samehost', 'samenet'] as const;

/** A word that stands for addresses: every address, those of the server's machine, those of its networks. */
export type AddressKeyword = (typeof addressKeywords)[number];
