/** A fenced block of code in a Markdown file. */
export interface CodeBlock {
  /** The language in the line of the fence, such as `ts`. */
  readonly language: string;
  /** The code, with the line end of its last line. */
  readonly code: string;
  /** The 1-based line of the opening fence. */
  readonly line: number;
  /** True if the line before the fence is `<!-- run -->`, which makes the tests run the program. */
  readonly run: boolean;
  /**
   * True if the line before the fence is `<!-- continued -->`: the block continues the program of the previous block.
   */
  readonly continued: boolean;
}

/** Returns the fenced blocks of a Markdown text. */
export function readCodeBlocks(markdown: string): readonly CodeBlock[] {
  const pattern = /(?:^<!-- (run|continued) -->\n)?^```(\w+)\n(.*?)^```$/gms;
  return Array.from(markdown.matchAll(pattern), (match) => {
    const [whole, mark, language, code] = match;
    const before = markdown.slice(0, match.index + whole.indexOf('```'));
    return {
      language: language!,
      code: code!,
      line: before.split('\n').length,
      run: mark === 'run',
      continued: mark === 'continued',
    };
  });
}

/** A program in a Markdown file, made of one or more blocks, and its expected output, if a `text` block follows. */
export interface Example {
  /** The 1-based line of the example's first block. */
  readonly line: number;
  /** The source in TypeScript. */
  readonly code: string;
  /** True if the tests run the program. */
  readonly run: boolean;
  /** The expected output. */
  readonly output?: string;
}

/** Returns the programs in a Markdown text: each `ts` or `js` block with the blocks that continue it. */
export function readExamples(markdown: string): readonly Example[] {
  const examples: Example[] = [];
  let afterCode = false;
  for (const block of readCodeBlocks(markdown)) {
    const isCode = block.language === 'ts' || block.language === 'js';
    const last = examples.at(-1);
    if (isCode && (!block.continued || last === undefined)) {
      examples.push({ line: block.line, code: block.code, run: block.run });
    } else if (isCode && last !== undefined) {
      examples[examples.length - 1] = { ...last, code: last.code + block.code };
    } else if (block.language === 'text' && afterCode && last?.run === true) {
      examples[examples.length - 1] = { ...last, output: block.code };
    }
    afterCode = isCode;
  }
  return examples;
}
