import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import ts from "typescript6";

/** A place in the source where an error is made. */
export interface RaisingPlace {
  /** As a stack names it below the repository's folder: `packages/core/src/check.ts:12`. */
  readonly at: string;
  /** Its message, with "…" for what is filled in; undefined where another place writes it. */
  readonly message: string | undefined;
}

/** The repository's folder, ending in a slash. */
export const repository = fileURLToPath(new URL("../../../../", import.meta.url));

/** Every `new …Error(…)` of a package, and every call of one of its functions that return such an error. */
export function findRaisingPlaces(packageFolder: string): RaisingPlace[] {
  const files = globSync(`${packageFolder}/src/**/*.ts`, { cwd: repository })
    .filter((file) => !file.includes(".test."))
    .map((file) => ({ file, source: parse(file) }));
  const makers = new Set(files.flatMap(({ source }) => nodesOf(source).filter(isMaker).map(nameOf)));
  return files.flatMap(({ file, source }) =>
    nodesOf(source).flatMap((node) => {
      if (!isRaising(node, makers)) return [];
      const { line } = source.getLineAndCharacterOfPosition(node.getStart(source));
      const message = ts.isNewExpression(node) ? textOf(node.arguments?.[0]) : undefined;
      return [{ at: `${file}:${line + 1}`, message }];
    }),
  );
}

/** The places that an error's stack names. */
export function placesIn({ stack = "" }: Error): string[] {
  const places = stack.matchAll(/([^\s(]+\.ts):(\d+):\d+/g);
  return [...places].map(([, file = "", line]) => `${file.slice(file.indexOf("packages/core/src"))}:${line}`);
}

function parse(file: string): ts.SourceFile {
  return ts.createSourceFile(file, readFileSync(repository + file, "utf8"), ts.ScriptTarget.Latest);
}

function nodesOf(node: ts.Node): ts.Node[] {
  const nodes: ts.Node[] = [node];
  node.forEachChild((child) => void nodes.push(...nodesOf(child)));
  return nodes;
}

function isMaker(node: ts.Node): node is ts.FunctionDeclaration {
  return ts.isFunctionDeclaration(node) && node.type !== undefined && endsInError(node.type);
}

function nameOf(node: ts.FunctionDeclaration): string | undefined {
  return node.name?.text;
}

function isRaising(
  node: ts.Node,
  makers: ReadonlySet<string | undefined>,
): node is ts.NewExpression | ts.CallExpression {
  if (ts.isNewExpression(node)) return endsInError(node.expression);
  return ts.isCallExpression(node) && ts.isIdentifier(node.expression) && makers.has(node.expression.text);
}

function endsInError(node: ts.Node): boolean {
  const name = ts.isTypeReferenceNode(node) ? node.typeName : node;
  return ts.isIdentifier(name) && name.text.endsWith("Error");
}

function textOf(node: ts.Expression | undefined): string | undefined {
  if (node === undefined) return undefined;
  if (ts.isStringLiteralLike(node)) return node.text;
  if (!ts.isTemplateExpression(node)) return undefined;
  return node.templateSpans.reduce((text, { literal }) => `${text}…${literal.text}`, node.head.text);
}
