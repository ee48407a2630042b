import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  Application,
  type Context,
  Converter,
  DeclarationReflection,
  ReflectionKind,
  type TypeDocOptions,
} from "typedoc";
import type { PluginOptions } from "typedoc-plugin-markdown";
import { importedPackages } from "./imported-packages.ts";
import { repository } from "./site-paths.ts";

const folder = join(repository, "docs/reference");

/** Writes a page for each package that users import, of its exports and their docstrings. */
export async function writeReference(): Promise<void> {
  const options: Partial<TypeDocOptions & PluginOptions> = {
    plugin: [fileURLToPath(import.meta.resolve("typedoc-plugin-markdown"))],
    entryPoints: importedPackages.map((name) => join(repository, "packages", name, "src/index.ts")),
    tsconfig: join(repository, "docs/tsconfig.reference.json"),
    // The build has checked them, each with the types of its own runtime.
    skipErrorChecking: true,
    out: folder,
    readme: "none",
    disableSources: true,
    excludeExternals: true,
    excludeInternal: true,
    logLevel: "Warn",
    router: "module",
    entryFileName: "index",
    hidePageHeader: true,
    hideBreadcrumbs: true,
    hideGroupHeadings: true,
    groupOrder: ["Functions", "Interfaces", "Type Aliases", "Classes"],
    useCodeBlocks: true,
    // With a prefix, since "Parameters" is a heading and a name.
    useCustomAnchors: true,
    anchorPrefix: "api-",
    parametersFormat: "table",
    typeDeclarationFormat: "table",
    pageTitleTemplates: { index: "Reference", module: ({ name }) => `@personify-auth/${name}` },
  };
  const application = await Application.bootstrapWithPlugins(options);
  application.converter.on(Converter.EVENT_RESOLVE_END, removeNoise, -50);
  const project = await application.convert();
  if (project === undefined) throw new Error("The packages cannot be read");
  for (const module of project.children ?? []) module.name = module.name.replace("/src", "");
  application.validate(project);
  if (application.logger.hasErrors() || application.logger.hasWarnings())
    throw new Error("The docstrings are at fault");
  await application.generateOutputs(project);
}

/** A member is told of where it is declared, and not with each descendant. No user calls a constructor of ours. */
function removeNoise({ project }: Context): void {
  for (const reflection of project.getReflectionsByKind(
    ReflectionKind.ClassOrInterface | ReflectionKind.ClassMember,
  )) {
    if (!(reflection instanceof DeclarationReflection)) continue;
    const isNoise = reflection.inheritedFrom !== undefined || reflection.kindOf(ReflectionKind.Constructor);
    if (isNoise) project.removeReflection(reflection);
  }
}
