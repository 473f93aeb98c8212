import { namedJoiningBlank, withPlainBlanks } from '../../text/look-alikes.ts';
import { applyChanges } from '../../text/pieces.ts';
import type { RecordEntry } from '../read/entry.ts';
import type { AuthLine } from '../read/line.ts';
import type { LineDiagnostic } from '../read/line-diagnostic.ts';
import type { Token } from '../scan/token.ts';
import { isAccepted } from './lint-line.ts';

/**
 * Adds an explanation to the error of a line whose columns are joined by a character that looks like a blank, such as a
 * no-break space. The server separates columns only at blanks and tabs (`pg_isblank`). If the server accepts the line
 * with ASCII blanks instead, the diagnostic has a fix that writes these blanks.
 */
export function explainJoinedColumns<R, E extends RecordEntry>(
  error: LineDiagnostic,
  line: AuthLine<R, E>,
  tokens: readonly Token[],
): LineDiagnostic {
  const { text, context } = line;
  const changes = tokens.flatMap(({ quoted, start, end }) => {
    const token = text.slice(start, end);
    const plain = quoted || token.includes('"') ? token : withPlainBlanks(token);
    return plain === token ? [] : [{ start, end, text: plain }];
  });
  const [first] = changes;
  if (first === undefined) return error;
  const named = namedJoiningBlank(text.slice(first.start, first.end))!;
  const message = error.message.includes(named)
    ? error.message
    : `${error.message}. The line holds ${named}, which does not separate columns: write a blank`;
  const [start, end] = [first.start, changes.at(-1)!.end];
  const shifted = changes.map((change) => ({ ...change, start: change.start - start, end: change.end - start }));
  const fixed = applyChanges(text.slice(start, end), shifted);
  const isMended = isAccepted(text.slice(0, start) + fixed + text.slice(end), context);
  return { ...error, message, ...(isMended ? { fix: { title: 'write blanks', start, end, text: fixed } } : {}) };
}
