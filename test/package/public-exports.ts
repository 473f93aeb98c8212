import ts from 'typescript';
import { declarationFile, specifierOf, subpaths } from './manifest.ts';

/** A name that the package exports, once however many subpaths export it. */
export interface PublicExport {
  /** The name: `HbaFile`. */
  readonly name: string;
  /** What a user imports it from: `pg-hostssl/hba` and, for some, `pg-hostssl`. */
  readonly specifiers: readonly string[];
  /** Whether it exists when a program runs: a function, a class or a constant. */
  readonly isValue: boolean;
  /** The `ts` code blocks below the `@example` tags of its doc comment. */
  readonly examples: readonly string[];
}

/** All exports of all subpaths, as a user's compiler sees them: read from the built declarations. */
export function readPublicExports(): readonly PublicExport[] {
  const options = { module: ts.ModuleKind.NodeNext, target: ts.ScriptTarget.ES2022, types: [] };
  const program = ts.createProgram(subpaths.map(declarationFile), options);
  const checker = program.getTypeChecker();
  const found = new Map<ts.Symbol, PublicExport>();
  for (const subpath of subpaths) {
    const module = checker.getSymbolAtLocation(program.getSourceFile(declarationFile(subpath))!)!;
    for (const exported of checker.getExportsOfModule(module)) {
      const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
      const known = found.get(symbol);
      found.set(symbol, {
        name: exported.name,
        specifiers: [...(known?.specifiers ?? []), specifierOf(subpath)],
        isValue: (symbol.flags & ts.SymbolFlags.Value) !== 0,
        examples: known?.examples ?? (symbol.declarations ?? []).flatMap((node) => readTagExamples(docComment(node))),
      });
    }
  }
  return [...found.values()];
}

/** The `ts` code blocks below the `@example` tags of a doc comment, which may have several. */
export function readTagExamples(comment: string): readonly string[] {
  const text = comment.replace(/^[ \t]*\*(?: |$)/gm, '');
  return text
    .split(/^@example\b/m)
    .slice(1)
    .flatMap((part) => Array.from(part.split(/^@\w/m)[0]!.matchAll(/^```ts\n(.*?)^```$/gms), ([, code]) => code!));
}

/** The text of the doc comment of a declaration, empty if it has none. */
function docComment(declaration: ts.Node): string {
  let statement = declaration;
  while (!ts.isSourceFile(statement.parent)) statement = statement.parent;
  const { text } = statement.getSourceFile();
  const range = ts.getLeadingCommentRanges(text, statement.pos)?.at(-1);
  return range === undefined ? '' : text.slice(range.pos + '/**'.length, range.end - '*/'.length);
}
