import type { ExpandedRecord } from '../../auth-file/expanded-records.ts';
import type { IdentFile } from '../../ident/file.ts';
import type { IdentMapping } from '../../ident/mapping.ts';

const kept = new WeakMap<IdentFile, readonly ExpandedRecord<IdentMapping>[]>();

/**
 * Returns the mappings of a file and its included files in the order in which the server tries them. The result is
 * cached.
 */
export function readMappings(file: IdentFile): readonly ExpandedRecord<IdentMapping>[] {
  let records = kept.get(file);
  if (records === undefined) {
    records = file.expandedRecords();
    kept.set(file, records);
  }
  return records;
}
