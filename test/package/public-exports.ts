import { readFileSync } from 'node:fs';
import ts from 'typescript';
import { declarationFile, sourceFile, specifierOf, subpaths } from './manifest.ts';

/** A name that the package exports. Several subpaths may export it. */
export interface PublicExport {
  /** The exported name, such as `HbaFile`. */
  readonly name: string;
  /** The module names from which the name can be imported: `pg-hostssl/hba` and, for some names, `pg-hostssl`. */
  readonly specifiers: readonly string[];
  /** True for a function, a class or a constant, and false for a type. */
  readonly isValue: boolean;
  /** The `ts` code blocks below the `@example` tags in the doc comment of the export. */
  readonly examples: readonly string[];
  /** The doc comments by name: of the export itself, and of the members of a class, such as `HbaFile.parse`. */
  readonly comments: ReadonlyMap<string, string>;
}

/** Reads all exports of all subpaths from the built declarations, as a user's compiler sees them. */
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
        comments: known?.comments ?? commentsOf(exported.name, symbol, checker),
        examples: known?.examples ?? (symbol.declarations ?? []).flatMap((node) => readTagExamples(docComment(node))),
      });
    }
  }
  return [...found.values()];
}

function commentsOf(name: string, symbol: ts.Symbol, checker: ts.TypeChecker): ReadonlyMap<string, string> {
  const isClass = (symbol.flags & ts.SymbolFlags.Class) !== 0;
  const types = isClass ? [checker.getDeclaredTypeOfSymbol(symbol), checker.getTypeOfSymbol(symbol)] : [];
  const members = types.flatMap((type) => type.getProperties());
  return new Map([
    ...members.map((member) => [`${name}.${member.name}`, textOf(member, leadingComment)] as const),
    [name, textOf(symbol, docComment)] as const,
  ]);
}

/** Returns the first doc comment among the declarations of a symbol. */
function textOf({ declarations = [] }: ts.Symbol, commentOf: (node: ts.Node) => string): string {
  return withoutStars(declarations.map(commentOf).find((comment) => comment !== '') ?? '');
}

/** The doc comment with `@module` at the start of a subpath's index. */
export interface ModuleComment {
  /** The module name that a user imports, such as `pg-hostssl/hba`. */
  readonly specifier: string;
  /** The name in the `@module` tag; empty if there is no such tag. */
  readonly name: string;
  /** The text before the first tag, with which the page of the module in the API reference begins. */
  readonly opening: string;
  readonly examples: readonly string[];
}

/** Reads the module comment of each subpath. */
export function readModuleComments(): readonly ModuleComment[] {
  return subpaths.map((subpath) => {
    const comment = /^\/\*\*(.*?)\*\/\n\n/s.exec(readFileSync(sourceFile(subpath), 'utf8'))?.[1] ?? '';
    const text = withoutStars(comment);
    return {
      specifier: specifierOf(subpath),
      name: /^@module (.*)$/m.exec(text)?.[1] ?? '',
      opening: text.split(/^@\w/m)[0]!.trim(),
      examples: readTagExamples(comment),
    };
  });
}

/** Returns the `ts` code blocks below the `@example` tags of a doc comment. */
export function readTagExamples(comment: string): readonly string[] {
  return withoutStars(comment)
    .split(/^@example\b/m)
    .slice(1)
    .flatMap((part) => Array.from(part.split(/^@\w/m)[0]!.matchAll(/^```ts\n(.*?)^```$/gms), ([, code]) => code!));
}

function withoutStars(comment: string): string {
  return comment.replace(/^[ \t]*\*(?: |$)/gm, '');
}

/** Returns the text of the doc comment of a declaration; an empty text if it has no doc comment. */
function docComment(declaration: ts.Node): string {
  let statement = declaration;
  while (!ts.isSourceFile(statement.parent)) statement = statement.parent;
  return leadingComment(statement);
}

function leadingComment(node: ts.Node): string {
  if (ts.isSourceFile(node)) return '';
  const { text } = node.getSourceFile();
  const range = ts.getLeadingCommentRanges(text, node.pos)?.at(-1);
  return range === undefined ? '' : text.slice(range.pos + '/**'.length, range.end - '*/'.length);
}
