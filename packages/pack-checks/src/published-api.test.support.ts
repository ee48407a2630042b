import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import ts from "typescript6";
import { type PublishedPackage, publishedPackages } from "./published-packages.test.support.ts";

const run = promisify(execFile);

/** What users can import from a package, as it was built. */
export interface PublishedApi {
  readonly name: string;
  readonly folder: string;
  /** What can be imported by name at runtime. */
  readonly runtimeNames: readonly string[];
  /** What the types say that can be. */
  readonly typedNames: readonly string[];
  /** All types, without their comments. */
  readonly report: string;
  /** Exports, and members of exported interfaces and classes, that no docstring tells about. */
  readonly undocumented: readonly string[];
}

/**
 * Reads the API of every package that is published. API Extractor does not, since it passes over `declare module`, which
 * is half of an adapter's API, and reads TypeScript with a version of its own.
 */
export function readPublishedApis(): Promise<PublishedApi[]> {
  return Promise.all(publishedPackages.map(readApi));
}

/** Reads the API of a package as it was built in its folder. */
export async function readApi({
  folder,
  manifest: { name, exports },
}: PublishedPackage): Promise<PublishedApi> {
  const entries = Object.keys(exports).filter((entry) => entry !== "./package.json");
  if (entries.join() !== ".") throw new Error(`${name} has more than one entry point: ${entries.join()}`);
  const { checker, files, entry } = readDeclarations(join(folder, "dist/index.d.ts"));
  if (files.some(({ statements }) => statements.some(isStarOfPackage))) {
    throw new Error(`${name} re-exports all of another package`);
  }
  const symbols = checker.getExportsOfModule(entry);
  const exported = symbols.map((symbol) => originOf(checker, symbol));
  const runtimeNames = await importedNames(join(folder, "dist/index.js"));
  return {
    name,
    folder,
    runtimeNames,
    typedNames: symbols
      .filter((symbol) => !isTypeOnly(symbol) && originOf(checker, symbol).flags & ts.SymbolFlags.Value)
      .map((symbol) => symbol.name)
      .sort(),
    report: renderReport(name, runtimeNames, renderTypes(checker, files, exported)),
    undocumented: exported.flatMap((symbol) => undocumentedIn(checker, symbol)),
  };
}

/** Loads a built file as Node does, where what a Worker's runtime brings is missing. */
async function importedNames(file: string): Promise<string[]> {
  const script = `import { registerHooks } from "node:module";
const workers = { url: "data:text/javascript,export class DurableObject {}", shortCircuit: true };
registerHooks({ resolve: (name, context, next) => name === "cloudflare:workers" ? workers : next(name, context) });
console.log(JSON.stringify(Object.keys(await import(${JSON.stringify(file)}))));`;
  const { stdout } = await run("node", ["--input-type=module", "--eval", script]);
  return JSON.parse(stdout);
}

/** The declarations of one package. Nothing is read of other packages, whose types stay names. */
function readDeclarations(entryFile: string) {
  const options: ts.CompilerOptions = {
    noLib: true,
    types: [],
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
  };
  const host = ts.createCompilerHost(options);
  host.resolveModuleNameLiterals = (names, from) =>
    names.map(({ text }) =>
      text.startsWith(".") ? ts.resolveModuleName(text, from, options, host) : { resolvedModule: undefined },
    );
  const program = ts.createProgram([entryFile], options, host);
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(entryFile);
  const entry = source && checker.getSymbolAtLocation(source);
  if (entry === undefined) throw new Error(`${entryFile} is missing, or exports nothing`);
  return { checker, files: program.getSourceFiles(), entry };
}

function isStarOfPackage(statement: ts.Statement): boolean {
  if (!ts.isExportDeclaration(statement) || statement.exportClause !== undefined) return false;
  const from = statement.moduleSpecifier;
  return from !== undefined && ts.isStringLiteral(from) && !from.text.startsWith(".");
}

function isTypeOnly({ declarations = [] }: ts.Symbol): boolean {
  return declarations.some(
    (each) => ts.isExportSpecifier(each) && (each.isTypeOnly || each.parent.parent.isTypeOnly),
  );
}

/** The symbol that an export leads to. */
function originOf(checker: ts.TypeChecker, symbol: ts.Symbol): ts.Symbol {
  const origin = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  if (statementsOf(origin).length === 0 || origin.name !== symbol.name) {
    throw new Error(`${symbol.name} is re-exported from another package, or under another name`);
  }
  return origin;
}

/** The statements at the top of a file that declare a symbol; none where it is no such thing. */
function statementsOf(symbol: ts.Symbol): ts.Statement[] {
  return (symbol.declarations ?? []).flatMap((declaration) => {
    const node = ts.isVariableDeclaration(declaration) ? declaration.parent.parent : declaration;
    return ts.isStatement(node) && ts.isSourceFile(node.parent) && !isAddition(node) ? [node] : [];
  });
}

/** Whether it adds to the types of another package, or to the global ones. */
function isAddition(statement: ts.Statement): boolean {
  if (!ts.isModuleDeclaration(statement)) return false;
  return ts.isStringLiteral(statement.name) || (statement.flags & ts.NodeFlags.GlobalAugmentation) !== 0;
}

/** The exported types in order of their names, what they are made of, and what they add to other packages' types. */
function renderTypes(
  checker: ts.TypeChecker,
  files: readonly ts.SourceFile[],
  exported: readonly ts.Symbol[],
): string {
  const additions = files.flatMap((file) => file.statements.filter(isAddition));
  /** Package → the names that are used of it. */
  const imports = new Map<string, Set<string>>();
  const found = new Set(exported);
  for (const symbol of found) {
    for (const statement of statementsOf(symbol)) follow(statement);
  }
  additions.forEach(follow);
  return [
    [...imports].map(([from, names]) => `import { ${[...names].sort().join(", ")} } from "${from}";`).sort(),
    ...[...exported].sort(byName).map(render),
    ...[...found]
      .filter((symbol) => !exported.includes(symbol))
      .sort(byName)
      .map(render),
    additions.map(withoutComments),
  ]
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n");

  function follow(node: ts.Node): void {
    if (ts.isIdentifier(node)) {
      const symbol = checker.getSymbolAtLocation(node);
      const imported = symbol?.declarations?.find((declaration) => importedName(declaration) !== undefined);
      const from = ts.findAncestor(imported, ts.isImportDeclaration)?.moduleSpecifier;
      if (imported && from && ts.isStringLiteral(from) && !from.text.startsWith(".")) {
        const names = imports.get(from.text) ?? new Set();
        imports.set(from.text, names.add(importedName(imported) ?? ""));
      } else if (symbol) {
        const origin = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
        if (statementsOf(origin).length > 0) found.add(origin);
      }
    }
    ts.forEachChild(node, follow);
  }

  function render(symbol: ts.Symbol): string[] {
    const prefix = exported.includes(symbol) ? "export " : "";
    return statementsOf(symbol).map(
      (statement) => prefix + withoutComments(statement).replace(/^(export )?(declare )?/, ""),
    );
  }
}

/** What a declaration imports, in the words of an import of names; undefined where it does not import. */
function importedName(declaration: ts.Declaration): string | undefined {
  if (ts.isImportSpecifier(declaration)) return declaration.getText().replace(/^type /, "");
  if (ts.isNamespaceImport(declaration)) return declaration.getText();
  return ts.isImportClause(declaration) ? `default as ${declaration.name?.text}` : undefined;
}

function byName(a: ts.Symbol, b: ts.Symbol): number {
  return a.name < b.name ? -1 : 1;
}

function withoutComments(statement: ts.Statement): string {
  const printer = ts.createPrinter({ removeComments: true });
  return printer.printNode(ts.EmitHint.Unspecified, statement, statement.getSourceFile());
}

function undocumentedIn(checker: ts.TypeChecker, symbol: ts.Symbol): string[] {
  const members = statementsOf(symbol)
    .flatMap((statement) => membersOf(statement))
    .filter((member) => !(ts.getCombinedModifierFlags(member) & ts.ModifierFlags.Private))
    .flatMap(
      ({ name }) => (name && !ts.isPrivateIdentifier(name) && checker.getSymbolAtLocation(name)) || [],
    );
  return [symbol, ...members]
    .filter((each) => each.getDocumentationComment(checker).length === 0)
    .map((each) => (each === symbol ? symbol.name : `${symbol.name}.${each.name}`));
}

function membersOf(statement: ts.Statement): readonly (ts.TypeElement | ts.ClassElement)[] {
  if (ts.isInterfaceDeclaration(statement) || ts.isClassDeclaration(statement)) return [...statement.members];
  if (ts.isTypeAliasDeclaration(statement) && ts.isTypeLiteralNode(statement.type)) {
    return [...statement.type.members];
  }
  return [];
}

function renderReport(name: string, runtimeNames: readonly string[], types: string): string {
  return `# API of ${name}

What a change does to users shows here, for its review. Made by \`npx -y pnpm@12 api\`; not published.

At runtime it exports

${runtimeNames.map((each) => `- \`${each}\``).join("\n")}

and these are its types:

\`\`\`ts
${types}
\`\`\`
`;
}
