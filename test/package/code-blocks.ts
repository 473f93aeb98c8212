/** A fenced block of code in a Markdown file. */
interface CodeBlock {
  /** The language after the fence: `ts`. */
  readonly language: string;
  /** The code, with the line end of its last line. */
  readonly code: string;
  /** 1-based line of the fence that opens it. */
  readonly line: number;
  /** Whether `<!-- run -->` stands in the line before it: a program that is to be run. */
  readonly run: boolean;
  /** Whether `<!-- continued -->` stands in the line before it: it goes on where the block of code before it ended. */
  readonly continued: boolean;
}

/** The fenced blocks of a Markdown text. */
function readCodeBlocks(markdown: string): readonly CodeBlock[] {
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

/** A program that the blocks make up, and what it is to print where a `text` block follows it. */
export interface Example {
  /** 1-based line of the first of its blocks. */
  readonly line: number;
  /** Its source, TypeScript. */
  readonly code: string;
  /** Whether it is to be run. */
  readonly run: boolean;
  /** What it prints. */
  readonly output?: string;
}

/** The programs in a Markdown text: each `ts` or `js` block with those that continue it. */
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
