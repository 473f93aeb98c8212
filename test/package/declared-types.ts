import { PgHostsslError } from 'pg-hostssl';
import ts from 'typescript';
import { declarationFile, subpaths } from './manifest.ts';

const options: ts.CompilerOptions = {
  module: ts.ModuleKind.NodeNext,
  target: ts.ScriptTarget.ES2022,
  types: ['node'],
  strict: true,
  exactOptionalPropertyTypes: true,
};
const program = ts.createProgram(subpaths.map(declarationFile), options);
const checker = program.getTypeChecker();
const symbols = new Map(
  subpaths.flatMap((subpath) => {
    const module = checker.getSymbolAtLocation(program.getSourceFile(declarationFile(subpath))!)!;
    return checker.getExportsOfModule(module).map((exported) => {
      const isAlias = (exported.flags & ts.SymbolFlags.Alias) !== 0;
      return [exported.name, isAlias ? checker.getAliasedSymbol(exported) : exported] as const;
    });
  }),
);

/** Returns the declared signatures of a function, or of a static method or a method of a class (`HbaFile.parse`). */
function signaturesOf(name: string): readonly ts.Signature[] {
  const [owner = '', method] = name.split('.');
  const symbol = symbols.get(owner);
  // The class of a result may be unknown to callers, who know an interface instead.
  if (symbol === undefined) return [];
  const value = checker.getTypeOfSymbol(symbol);
  if (method === undefined) return value.getCallSignatures();
  const member = value.getProperty(method) ?? checker.getDeclaredTypeOfSymbol(symbol).getProperty(method);
  return member === undefined ? [] : checker.getTypeOfSymbol(member).getCallSignatures();
}

/**
 * Returns the places of a returned value that the declared type of a function does not allow, each with the reason. A
 * property that the type does not name is no fault.
 */
export function faultsInResult(name: string, value: unknown): readonly string[] {
  const found = signaturesOf(name).map((signature) => {
    const type = checker.getReturnTypeOfSignature(signature);
    return new Comparison().faults(value, checker.getAwaitedType(type) ?? type, name);
  });
  return found.find(({ length }) => length === 0) ?? found[0] ?? [];
}

/**
 * Returns the paths of the optional parameters, and of the optional properties of plain objects, in the arguments of a
 * call. A path begins with the index of the argument.
 */
export function optionalPaths(name: string, values: readonly unknown[]): readonly (readonly string[])[] {
  return signaturesOf(name).flatMap((signature) =>
    signature.getParameters().flatMap((parameter, index) => {
      const { dotDotDotToken, questionToken } = parameter.valueDeclaration as ts.ParameterDeclaration;
      if (dotDotDotToken !== undefined) return [];
      const path = [String(index)];
      const inside = propertiesInside(values[index], checker.getTypeOfSymbol(parameter), path);
      return questionToken === undefined ? inside : [path, ...inside];
    }),
  );
}

function propertiesInside(value: unknown, type: ts.Type, path: readonly string[]): readonly (readonly string[])[] {
  const members = type.isUnion() ? type.types : [type];
  const fitting = members.filter((member) => new Comparison().faults(value, member, '').length === 0);
  if (Array.isArray(value)) {
    return fitting.filter(isList).flatMap((member) => {
      const [element] = checker.getTypeArguments(member);
      return value.slice(0, 1).flatMap((part) => propertiesInside(part, element!, [...path, '0']));
    });
  }
  if (!isPlain(value)) return [];
  return fitting
    .flatMap((member) => member.getProperties())
    .flatMap((property) => {
      const here = [...path, property.name];
      const own = checker.getTypeOfSymbol(property);
      const isOptional = (property.flags & ts.SymbolFlags.Optional) !== 0;
      const inside = value[property.name] === undefined ? [] : propertiesInside(value[property.name], own, here);
      return isOptional ? [here, ...inside] : inside;
    });
}

/** Compares values with types. A value is compared with a type once, so that cycles end. */
class Comparison {
  readonly #seen = new Map<unknown, Set<ts.Type>>();

  /** Returns the faults of a value, each with its place. */
  faults(value: unknown, declared: ts.Type, place: string): readonly string[] {
    const type = checker.getBaseConstraintOfType(declared) ?? declared;
    if (type.flags & (ts.TypeFlags.Any | ts.TypeFlags.Unknown)) return [];
    if (type.isUnion()) return this.#ofUnion(value, type, place);
    const isObject = (typeof value === 'object' && value !== null) || typeof value === 'function';
    if (isObject && type.flags & (ts.TypeFlags.Object | ts.TypeFlags.Intersection)) {
      const seen = this.#seen.get(value) ?? new Set();
      if (seen.has(type)) return [];
      this.#seen.set(value, seen.add(type));
      const faults = this.#ofObject(value, type, place);
      if (faults.length > 0) seen.delete(type);
      return faults;
    }
    if (isObject && type.flags & ts.TypeFlags.NonPrimitive) return [];
    if (!isObject && checker.isTypeAssignableTo(typeOfPrimitive(value), type)) return [];
    return [`${place}: ${isObject ? 'an object' : String(value)} is not ${checker.typeToString(type)}`];
  }

  #ofUnion(value: unknown, type: ts.UnionType, place: string): readonly string[] {
    let fewest: readonly string[] | undefined;
    for (const member of type.types) {
      const faults = this.faults(value, member, place);
      if (faults.length === 0) return [];
      // The faults inside the closest member say more than that the value is not of the union.
      const isInside = faults.every((fault) => !fault.startsWith(`${place}: `));
      if (isInside && (fewest === undefined || faults.length < fewest.length)) fewest = faults;
    }
    const shown = typeof value === 'object' ? 'an object' : String(value);
    return fewest ?? [`${place}: ${shown} is not ${checker.typeToString(type)}`];
  }

  #ofObject(value: unknown, type: ts.Type, place: string): readonly string[] {
    const name = type.getSymbol()?.name;
    const isGlobal = type.getSymbol()?.declarations?.some((each) => !isOwn(each)) === true && name !== '__type';
    if (checker.isTupleType(type)) {
      const { minLength } = (type as ts.TupleTypeReference).target;
      if (!Array.isArray(value) || value.length < minLength) return [`${place}: not ${checker.typeToString(type)}`];
      const elements = checker.getTypeArguments(type as ts.TypeReference);
      return value.flatMap((part, i) =>
        this.faults(part, elements[Math.min(i, elements.length - 1)]!, `${place}[${i}]`),
      );
    }
    if (checker.isArrayType(type)) {
      if (!Array.isArray(value)) return [`${place}: not an array`];
      const [element] = checker.getTypeArguments(type as ts.TypeReference);
      return value.flatMap((part, i) => this.faults(part, element!, `${place}[${i}]`));
    }
    if (name === 'ReadonlyMap') {
      if (!(value instanceof Map)) return [`${place}: not a Map`];
      const [, content] = checker.getTypeArguments(type as ts.TypeReference);
      return [...value].flatMap(([key, part]) => this.faults(part, content!, `${place}.${String(key)}`));
    }
    if (isGlobal) {
      const known = (globalThis as Readonly<Record<string, unknown>>)[name!];
      return typeof known !== 'function' || value instanceof known ? [] : [`${place}: not a ${name}`];
    }
    if (type.getCallSignatures().length > 0) return typeof value === 'function' ? [] : [`${place}: not a function`];
    const record = value as Readonly<Record<string, unknown>>;
    const properties = type.getProperties().filter((property) => isPublic(property));
    const faults = properties.flatMap((property) => this.#ofProperty(record, property, `${place}.${property.name}`));
    const [index] = checker.getIndexInfosOfType(type);
    if (index === undefined) return faults;
    const others = Object.entries(record).filter(([key]) => type.getProperty(key) === undefined);
    return [...faults, ...others.flatMap(([key, part]) => this.faults(part, index.type, `${place}.${key}`))];
  }

  #ofProperty(value: Readonly<Record<string, unknown>>, property: ts.Symbol, place: string): readonly string[] {
    const isOptional = (property.flags & ts.SymbolFlags.Optional) !== 0;
    if (!(property.name in value)) return isOptional ? [] : [`${place}: missing`];
    const type = checker.getTypeOfSymbol(property);
    let content: unknown;
    try {
      content = value[property.name];
    } catch (error) {
      // A getter may throw, as `Configuration.hba` does if the file was not read.
      if (error instanceof PgHostsslError) return [];
      throw error;
    }
    if (content !== undefined) return this.faults(content, type, place);
    return allowsUndefined(type) ? [] : [`${place}: undefined, but not missing`];
  }
}

/** Whether a type names `undefined`. With `exactOptionalPropertyTypes`, the `?` of a property does not. */
function allowsUndefined(type: ts.Type): boolean {
  const members = type.isUnion() ? type.types : [type];
  return members.some((member) => member === checker.getUndefinedType() || (member.flags & allowing) !== 0);
}

const allowing = ts.TypeFlags.Any | ts.TypeFlags.Unknown | ts.TypeFlags.Void;

function typeOfPrimitive(value: unknown): ts.Type {
  if (typeof value === 'string') return checker.getStringLiteralType(value);
  if (typeof value === 'number') return checker.getNumberLiteralType(value);
  if (typeof value === 'boolean') return value ? checker.getTrueType() : checker.getFalseType();
  if (typeof value === 'bigint') return checker.getBigIntType();
  if (value === null) return checker.getNullType();
  return value === undefined ? checker.getUndefinedType() : checker.getESSymbolType();
}

function isPublic(property: ts.Symbol): boolean {
  const [declaration] = property.declarations ?? [];
  if (/^(?:__[@#]|#)/.test(property.name) || declaration === undefined) return false;
  return (ts.getCombinedModifierFlags(declaration) & (ts.ModifierFlags.Private | ts.ModifierFlags.Protected)) === 0;
}

function isOwn(declaration: ts.Declaration): boolean {
  return !declaration.getSourceFile().fileName.includes('/node_modules/');
}

function isList(type: ts.Type): type is ts.TypeReference {
  return checker.isArrayType(type) || checker.isTupleType(type);
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
