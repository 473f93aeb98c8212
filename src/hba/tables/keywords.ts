/** The keywords of the database column. In quotes, they are names. */
export const databaseKeywords = ['all', 'sameuser', 'samerole', 'samegroup', 'replication'] as const;

/** A keyword of the database column. */
export type DatabaseKeyword = (typeof databaseKeywords)[number];

/** The keywords of the user column. In quotes, they are names. */
export const userKeywords = ['all'] as const;

/** The keywords of the address column. In quotes, they are host names. */
export const addressKeywords = ['all', 'samehost', 'samenet'] as const;

/** A keyword for addresses: every address, the addresses of the server's machine, or the addresses of its networks. */
export type AddressKeyword = (typeof addressKeywords)[number];

/** Returns whether a word without quotes is a keyword of the address column. */
export function isAddressKeyword(word: string): word is AddressKeyword {
  return addressKeywords.some((keyword) => keyword === word);
}
