import type { Bytes } from '../asn1/bytes.ts';
import { derOid } from '../asn1/der.ts';
import { pgAsciiToLower } from '../c/ascii.ts';
import { lazily } from '../lazily.ts';

/** The properties of an attribute type. */
export interface NameAttributeType {
  /** The short name in OpenSSL, which PostgreSQL also shows. */
  readonly name: string;
  /** The object identifier, as dotted numbers. */
  readonly oid: string;
  /** The string type in which the value is encoded. */
  readonly string: 'utf8' | 'printable' | 'ia5';
  /** Other names of the attribute type. Names are compared without regard to letter case. */
  readonly aliases?: readonly string[];
  /**
   * The largest number of characters: RFC 5280 Appendix A.1. For types that it leaves out, X.520, RFC 4524 and PKCS #9.
   */
  readonly atMost?: number;
  /** `true` if the value is the two-letter code of a country (RFC 5280 Appendix A.1, ISO 3166). */
  readonly isCountry?: boolean;
  /** Advice for the caller if the value is invalid. */
  readonly hint?: string;
}

/**
 * The other attribute types for which OpenSSL 1.1.1 and later have a short name: by arc, the last number and the short
 * name of each type. {@link opensslName} has one more type.
 */
const furtherTypes: Readonly<Record<string, readonly string[]>> = {
  '2.5.4': [
    '14 searchGuide, 16 postalAddress, 18 postOfficeBox, 19 physicalDeliveryOfficeName, 21 telexNumber',
    '22 teletexTerminalIdentifier, 23 facsimileTelephoneNumber, 24 x121Address, 25 internationaliSDNNumber',
    '26 registeredAddress, 27 destinationIndicator, 28 preferredDeliveryMethod, 29 presentationAddress',
    '30 supportedApplicationContext, 31 member, 32 owner, 33 roleOccupant, 34 seeAlso, 35 userPassword',
    '36 userCertificate, 37 cACertificate, 38 authorityRevocationList, 39 certificateRevocationList',
    '40 crossCertificatePair, 45 x500UniqueIdentifier, 47 enhancedSearchGuide, 48 protocolInformation',
    '49 distinguishedName, 50 uniqueMember, 51 houseIdentifier, 52 supportedAlgorithms, 53 deltaRevocationList',
    '54 dmdName, 72 role, 98 c3, 99 n3, 100 dnsName',
  ],
  '0.9.2342.19200300.100.1': [
    '2 textEncodedORAddress, 4 info, 5 favouriteDrink, 6 roomNumber, 7 photo, 8 userClass, 9 host, 10 manager',
    '11 documentIdentifier, 12 documentTitle, 13 documentVersion, 14 documentAuthor, 15 documentLocation',
    '20 homeTelephoneNumber, 21 secretary, 22 otherMailbox, 23 lastModifiedTime, 24 lastModifiedBy, 26 aRecord',
    '27 pilotAttributeType27, 28 mXRecord, 29 nSRecord, 30 sOARecord, 31 cNAMERecord, 37 associatedDomain',
    '38 associatedName, 39 homePostalAddress, 40 personalTitle, 41 mobileTelephoneNumber, 42 pagerTelephoneNumber',
    '43 friendlyCountryName, 45 organizationalStatus, 46 janetMailbox, 47 mailPreferenceOption, 48 buildingName',
    '49 dSAQuality, 50 singleLevelQuality, 51 subtreeMinimumQuality, 52 subtreeMaximumQuality',
    '53 personalSignature, 54 dITRedirect, 55 audio, 56 documentPublisher',
  ],
  '1.2.840.113549.1.9': [
    '3 contentType, 4 messageDigest, 5 signingTime, 6 countersignature, 7 challengePassword',
    '8 unstructuredAddress, 9 extendedCertificateAttributes, 14 extReq, 15 SMIME-CAPS, 16 SMIME, 20 friendlyName',
    '21 localKeyID',
  ],
  '1.2.643.3.131.1': ['1 INN'],
  '1.3.6.1.5.5.7.9': [
    '1 id-pda-dateOfBirth, 2 id-pda-placeOfBirth, 3 id-pda-gender, 4 id-pda-countryOfCitizenship',
    '5 id-pda-countryOfResidence',
  ],
  '1.2.643.100': ['1 OGRN, 3 SNILS, 111 subjectSignTool, 112 issuerSignTool'],
};

/** The attribute types of RFC 5280, RFC 4519 and PKCS #9 that occur in subjects, with their names in OpenSSL. */
const usualTypes: readonly NameAttributeType[] = [
  {
    name: 'C',
    oid: '2.5.4.6',
    string: 'printable',
    aliases: ['countryName'],
    isCountry: true,
    hint: 'A country is its two letters of ISO 3166, such as US.',
  },
  { name: 'ST', oid: '2.5.4.8', string: 'utf8', aliases: ['S', 'stateOrProvinceName'], atMost: 128 },
  { name: 'L', oid: '2.5.4.7', string: 'utf8', aliases: ['localityName'], atMost: 128 },
  { name: 'street', oid: '2.5.4.9', string: 'utf8', aliases: ['streetAddress'], atMost: 128 },
  { name: 'O', oid: '2.5.4.10', string: 'utf8', aliases: ['organizationName'], atMost: 64 },
  { name: 'OU', oid: '2.5.4.11', string: 'utf8', aliases: ['organizationalUnitName'], atMost: 64 },
  { name: 'CN', oid: '2.5.4.3', string: 'utf8', aliases: ['commonName'], atMost: 64 },
  {
    name: 'emailAddress',
    oid: '1.2.840.113549.1.9.1',
    string: 'ia5',
    aliases: ['E', 'email'],
    atMost: 255,
    hint: 'The domain of an e-mail address is written as its A-label (xn--…).',
  },
  { name: 'DC', oid: '0.9.2342.19200300.100.1.25', string: 'ia5', aliases: ['domainComponent'] },
  { name: 'UID', oid: '0.9.2342.19200300.100.1.1', string: 'utf8', aliases: ['userId'], atMost: 256 },
  { name: 'SN', oid: '2.5.4.4', string: 'utf8', aliases: ['surname'], atMost: 32768 },
  { name: 'GN', oid: '2.5.4.42', string: 'utf8', aliases: ['givenName', 'G'], atMost: 32768 },
  { name: 'initials', oid: '2.5.4.43', string: 'utf8', atMost: 32768 },
  { name: 'title', oid: '2.5.4.12', string: 'utf8', aliases: ['T'], atMost: 64 },
  { name: 'description', oid: '2.5.4.13', string: 'utf8', atMost: 1024 },
  { name: 'serialNumber', oid: '2.5.4.5', string: 'printable', atMost: 64 },
  { name: 'dnQualifier', oid: '2.5.4.46', string: 'printable' },
  { name: 'pseudonym', oid: '2.5.4.65', string: 'utf8', atMost: 128 },
  { name: 'postalCode', oid: '2.5.4.17', string: 'utf8', atMost: 40 },
  { name: 'businessCategory', oid: '2.5.4.15', string: 'utf8', atMost: 128 },
  { name: 'name', oid: '2.5.4.41', string: 'utf8', atMost: 32768 },
  { name: 'generationQualifier', oid: '2.5.4.44', string: 'utf8', atMost: 32768 },
  { name: 'telephoneNumber', oid: '2.5.4.20', string: 'printable', atMost: 32 },
  { name: 'organizationIdentifier', oid: '2.5.4.97', string: 'utf8' },
  { name: 'mail', oid: '0.9.2342.19200300.100.1.3', string: 'ia5', aliases: ['rfc822Mailbox'], atMost: 256 },
  { name: 'unstructuredName', oid: '1.2.840.113549.1.9.2', string: 'utf8', atMost: 255 },
  { name: 'jurisdictionL', oid: '1.3.6.1.4.1.311.60.2.1.1', string: 'utf8', aliases: ['jurisdictionLocalityName'] },
  {
    name: 'jurisdictionST',
    oid: '1.3.6.1.4.1.311.60.2.1.2',
    string: 'utf8',
    aliases: ['jurisdictionStateOrProvinceName'],
  },
  {
    name: 'jurisdictionC',
    oid: '1.3.6.1.4.1.311.60.2.1.3',
    string: 'printable',
    aliases: ['jurisdictionCountryName'],
    isCountry: true,
  },
];

const byName = lazily(() => {
  const types = Object.entries(furtherTypes).flatMap(([arc, lines]) =>
    lines
      .flatMap((line) => line.split(', '))
      .map((each): NameAttributeType => {
        const [last, name] = each.split(' ');
        return { name: name!, oid: `${arc}.${last}`, string: 'utf8' };
      }),
  );
  return new Map(
    [...usualTypes, ...types].flatMap((type) =>
      [type.name, type.oid, ...(type.aliases ?? [])].map((name) => [pgAsciiToLower(name), type] as const),
    ),
  );
});

/**
 * The object identifiers in DER, by dotted numbers. They are computed once, because every name contains some of them.
 */
const oidDer = lazily((): ReadonlyMap<string, Bytes> => new Map(usualTypes.map(({ oid }) => [oid, derOid(oid)])));

/** Returns the DER of the object identifier of an attribute type, by name, alias or dotted numbers. */
export function attributeOid(nameOrOid: string): Bytes {
  const oid = findAttributeType(nameOrOid)?.oid ?? nameOrOid;
  return oidDer().get(oid) ?? derOid(oid);
}

/** Returns the attribute type with this short name, alias (case-insensitive) or object identifier. */
export function findAttributeType(nameOrOid: string): NameAttributeType | undefined {
  return byName().get(pgAsciiToLower(nameOrOid));
}

/**
 * Returns the short name that OpenSSL shows for an attribute type; `undefined` if it knows none. The type `uid` is not
 * in the table, because `uid` is also a spelling of `UID`.
 */
export function opensslName(type: string): string | undefined {
  return type === '0.9.2342.19200300.100.1.44' ? 'uid' : findAttributeType(type)?.name;
}
