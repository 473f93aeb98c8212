/** A part of a text, given by offsets. */
export interface Span {
  /** The offset of the first character. */
  readonly start: number;
  /** The offset after the last character. */
  readonly end: number;
}

/** A replacement of a part of a text. */
export interface TextChange extends Span {
  /** The text that replaces the old text. */
  readonly text: string;
}

/** A change of a line's text that corrects the problem of a diagnostic. The offsets count in the text of the line. */
export interface LineFix extends TextChange {
  /** The effect of the change, as an imperative. */
  readonly title: string;
}
