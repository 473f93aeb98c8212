import type { ExpandedRecord } from '../../auth-file/expanded-records.ts';
import type { IdentFile, IdentMapping } from '../../ident/index.ts';

const kept = new WeakMap<IdentFile, readonly ExpandedRecord<IdentMapping>[]>();

/** The mappings of a file and of those that it includes, in the order in which the server tries them; read once. */
export function readMappings(file: IdentFile): readonly ExpandedRecord<IdentMapping>[] {
  let records = kept.get(file);
  if (records === undefined) {
    records = file.expandedRecords();
    kept.set(file, records);
  }
  return records;
}
