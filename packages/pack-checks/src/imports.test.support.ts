import { readFile } from "node:fs/promises";
import { isBuiltin } from "node:module";
import { join } from "node:path";
import ts from "typescript6";
import type { Packed } from "./packed.test.support.ts";

/** The imports of a package, those of its types included, that its users may not be able to resolve. */
export async function undeclaredImports({ unpacked, files, manifest }: Packed): Promise<string[]> {
  const undeclared = await Promise.all(
    files
      .filter((file) => /\.(js|d\.ts)$/.test(file))
      .map(async (file) => {
        const names = importsOf(file, await readFile(join(unpacked, file), "utf8"));
        return names.filter((name) => !isDeclared(name, file)).map((name) => `${file}: ${name}`);
      }),
  );
  return undeclared.flat();

  function isDeclared(name: string, file: string): boolean {
    if (name.startsWith(".")) {
      const target = join(file, "..", name);
      return files.includes(file.endsWith(".d.ts") ? target.replace(/\.[jt]s$/, ".d.ts") : target);
    }
    if (name.startsWith("#")) {
      const targets = targetsOf((manifest["imports"] as Record<string, unknown> | undefined)?.[name]);
      return targets.length > 0 && targets.every((target) => files.includes(join(target)));
    }
    // What a runtime brings itself is in no package.
    if (name.startsWith("cloudflare:") || (name.startsWith("node:") && isBuiltin(name))) return true;
    const dependency = /^(@[^/]+\/)?[^/]+/.exec(name)?.[0] ?? name;
    return ["dependencies", "peerDependencies", "optionalDependencies"].some((field) =>
      Object.hasOwn(manifest[field] ?? {}, dependency),
    );
  }
}

/** Where the conditions of an entry of "imports" lead to. */
function targetsOf(conditions: unknown): string[] {
  if (typeof conditions === "string") return [conditions];
  return Object.values(conditions ?? {}).flatMap(targetsOf);
}

function importsOf(file: string, text: string): string[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const names = source.typeReferenceDirectives.map(({ fileName }) => fileName);
  visit(source);
  return names;

  function visit(node: ts.Node): void {
    const name = importedBy(node);
    if (name !== undefined) names.push(ts.isStringLiteralLike(name) ? name.text : name.getText(source));
    ts.forEachChild(node, visit);
  }
}

/** What names the module that a node imports, where it is one that imports. */
function importedBy(node: ts.Node): ts.Node | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return node.moduleSpecifier;
  if (ts.isExternalModuleReference(node)) return node.expression;
  if (ts.isImportTypeNode(node))
    return ts.isLiteralTypeNode(node.argument) ? node.argument.literal : node.argument;
  if (ts.isModuleDeclaration(node)) return ts.isStringLiteral(node.name) ? node.name : undefined;
  if (!ts.isCallExpression(node)) return undefined;
  const isImport = node.expression.kind === ts.SyntaxKind.ImportKeyword;
  return isImport || resolves.test(node.expression.getText()) ? node.arguments[0] : undefined;
}

/** What is called to load a module, or to find it. */
const resolves = /^((module\.)?require|createRequire\(.*\)|import\.meta)(\.resolve)?$/;
