import { type PgMajor, type PgMajorSpan, spanIncludes } from '../../version.ts';

interface Words extends PgMajorSpan {
  readonly words: string;
}

/** The key words that SQL reserves (`kwlist.h`; all except those with category `U` in `pg_get_keywords()`). */
const rows: readonly Words[] = [
  {
    words:
      'all analyse analyze and any array as asc asymmetric authorization between bigint binary bit boolean both case ' +
      'cast char character check coalesce collate collation column concurrently constraint create cross ' +
      'current_catalog current_date current_role current_schema current_time current_timestamp current_user dec ' +
      'decimal default deferrable desc distinct do else end except exists extract false fetch float for foreign ' +
      'freeze from full grant greatest group grouping having ilike in initially inner inout int integer intersect ' +
      'interval into is isnull join lateral leading least left like limit localtime localtimestamp national natural ' +
      'nchar none not notnull null nullif numeric offset on only or order out outer overlaps overlay placing ' +
      'position precision primary real references returning right row select session_user setof similar smallint ' +
      'some substring symmetric table tablesample then time timestamp to trailing treat trim true union unique user ' +
      'using values varchar variadic verbose when where window with xmlattributes xmlconcat xmlelement xmlexists ' +
      'xmlforest xmlparse xmlpi xmlroot xmlserialize',
  },
  { words: 'xmlnamespaces xmltable', since: 10 },
  { words: 'normalize', since: 13 },
  { words: 'json_array json_arrayagg json_object json_objectagg system_user', since: 16 },
  {
    words: 'json json_exists json_query json_scalar json_serialize json_table json_value merge_action',
    since: 17,
  },
  { words: 'graph_table', since: 19 },
];

/** Quotes a name as `quote_identifier` does: in double quotes, unless it is a plain word that SQL does not reserve. */
export function quoteIdentifier(name: string, version: PgMajor): string {
  const isPlain = /^[a-z_][a-z0-9_]*$/.test(name) && !isReserved(name, version);
  return isPlain ? name : `"${name.replaceAll('"', '""')}"`;
}

function isReserved(word: string, version: PgMajor): boolean {
  return rows.some((row) => spanIncludes(row, version) && row.words.split(' ').includes(word));
}
