import type { DiagnosticCode } from '../../codes.ts';
import type { Token } from '../scan/token.ts';
import type { AuthLine } from './line.ts';

/** A change of a line's text that mends a problem; offsets count in the line's text. */
export interface LineFix {
  /** What it does, as an imperative. */
  readonly title: string;
  /** Offset of the first character that is replaced. */
  readonly start: number;
  /** Offset after the last character that is replaced. */
  readonly end: number;
  /** The replacement. */
  readonly text: string;
}

/** What the server says of a line. */
export interface LineProblem {
  /** The diagnostic's code. */
  readonly code: DiagnosticCode;
  /** What is wrong and what to do, in our words. */
  readonly message: string;
  /** The token that it is about; the whole line where there is none. */
  readonly token: Token | undefined;
  /** The text of the error column of PostgreSQL's view; null where the view leaves it empty and only the log has one. */
  readonly serverText: string | null;
  /** A change that mends it, where there is one. */
  readonly fix?: LineFix | undefined;
}

/** The message of a problem of a line, without what in its word may be a secret. */
export function shownMessage(
  { message, token }: LineProblem,
  { text, shownText }: Pick<AuthLine, 'text' | 'shownText'>,
): string {
  if (token === undefined || shownText === text) return message;
  const shown = shownText.slice(token.start, token.end);
  if (shown === text.slice(token.start, token.end)) return message;
  return message.replaceAll(`"${token.value}"`, `"${shown.replaceAll('"', '')}"`);
}

/** What is thrown at the first thing of a line that the server refuses. It is caught where the reading began. */
class LineRefused {
  readonly problem: LineProblem;

  constructor(problem: LineProblem) {
    this.problem = problem;
  }
}

/** Refuses the line that is being read. */
export function refuse(problem: LineProblem): never {
  throw new LineRefused(problem);
}

/** A line's reading: the record, or why the server refuses the line. */
export type LineReading<R> =
  | {
      /** The record. */
      readonly record: R;
      readonly problem?: undefined;
    }
  | {
      /** Why the line is refused. */
      readonly problem: LineProblem;
      readonly record?: undefined;
    };

/** What a reading gives, or why it was refused. */
export function unlessRefused<R>(read: () => R): LineReading<R> {
  try {
    return { record: read() };
  } catch (refusal) {
    if (refusal instanceof LineRefused) return { problem: refusal.problem };
    throw refusal;
  }
}

/** An English list as PostgreSQL's messages write it: `a`, `a and b`, `a, b, and c`. */
export function englishList(words: readonly string[]): string {
  return words.length < 3 ? words.join(' and ') : `${words.slice(0, -1).join(', ')}, and ${words.at(-1)}`;
}
