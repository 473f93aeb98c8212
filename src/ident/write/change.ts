import type { AuthLine } from '../../auth-file/read/line.ts';
import type { Token } from '../../auth-file/scan/token.ts';
import { toFileText } from '../../text/bytes.ts';
import type { TextChange } from '../../text/span.ts';
import type { IdentMapping, IdentMappingInput } from '../mapping.ts';
import type { IdentRecord } from '../read/mapping.ts';
import { serializeMap, serializePgUser, serializeSystemUser } from './serialize.ts';

/** New values for some columns of a mapping, or for its comment. A column without a new value keeps its bytes. */
export interface IdentMappingChange extends Partial<Omit<IdentMappingInput, 'comment'>> {
  /** The text after the `#`; `null` removes the comment. */
  readonly comment?: string | null | undefined;
}

/** Returns the text changes of a mapping's line that give some columns new values. */
export function changesOfMapping(
  line: AuthLine<IdentRecord, IdentMapping>,
  change: IdentMappingChange,
  changed: IdentMappingInput,
): TextChange[] {
  const { context } = line;
  const { map, systemUser, pgUser } = line.read().record!;
  const changes: TextChange[] = [];
  const put = ({ start, end }: Token, text: string): void => {
    changes.push({ start, end, text: toFileText(text, context.encoding) });
  };
  if (change.map !== undefined) put(map, serializeMap(change.map));
  if (change.systemUser !== undefined) put(systemUser, serializeSystemUser(change.systemUser));
  if (change.pgUser !== undefined) put(pgUser, serializePgUser(changed, context));
  return changes;
}
