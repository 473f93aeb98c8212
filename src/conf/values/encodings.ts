import { pgAsciiToLower } from '../../c/ascii.ts';

/**
 * Returns the server's name of a client encoding, or `undefined` if the server does not know the encoding
 * (`pg_char_to_encoding`). Only letters and digits are compared, without regard to letter case.
 */
export function encodingName(text: string): string | undefined {
  const key = keyOf(text);
  names ??= new Map([
    ...serverNames.map((name) => [keyOf(name), name] as const),
    ...Object.entries(aliases).flatMap(([name, list]) => list.split(' ').map((alias) => [alias, name] as const)),
  ]);
  return names.get(key);
}

let names: ReadonlyMap<string, string> | undefined;

function keyOf(text: string): string {
  return pgAsciiToLower(text.replace(/[^a-zA-Z0-9]/g, ''));
}

const serverNames = [
  ...['SQL_ASCII', 'EUC_JP', 'EUC_CN', 'EUC_KR', 'EUC_TW', 'EUC_JIS_2004', 'UTF8', 'MULE_INTERNAL', 'LATIN1', 'LATIN2'],
  ...['LATIN3', 'LATIN4', 'LATIN5', 'LATIN6', 'LATIN7', 'LATIN8', 'LATIN9', 'LATIN10', 'WIN1256', 'WIN1258', 'WIN866'],
  ...['WIN874', 'KOI8R', 'WIN1251', 'WIN1252', 'ISO_8859_5', 'ISO_8859_6', 'ISO_8859_7', 'ISO_8859_8', 'WIN1250'],
  ...['WIN1253', 'WIN1254', 'WIN1255', 'WIN1257', 'KOI8U', 'SJIS', 'BIG5', 'GBK', 'UHC', 'GB18030', 'JOHAB'],
  'SHIFT_JIS_2004',
];

/** Other names of the encodings. They are written as names are compared: only lower-case letters and digits. */
const aliases: Readonly<Record<string, string>> = {
  UTF8: 'unicode',
  LATIN1: 'iso88591',
  LATIN2: 'iso88592',
  LATIN3: 'iso88593',
  LATIN4: 'iso88594',
  LATIN5: 'iso88599',
  LATIN6: 'iso885910',
  LATIN7: 'iso885913',
  LATIN8: 'iso885914',
  LATIN9: 'iso885915',
  LATIN10: 'iso885916',
  KOI8R: 'koi8',
  SJIS: 'mskanji shiftjis win932 windows932',
  BIG5: 'win950 windows950',
  GBK: 'win936 windows936',
  UHC: 'win949 windows949',
  WIN866: 'alt windows866',
  WIN874: 'windows874',
  WIN1250: 'windows1250',
  WIN1251: 'win windows1251',
  WIN1252: 'windows1252',
  WIN1253: 'windows1253',
  WIN1254: 'windows1254',
  WIN1255: 'windows1255',
  WIN1256: 'windows1256',
  WIN1257: 'windows1257',
  WIN1258: 'abc tcvn tcvn5712 vscii windows1258',
};
