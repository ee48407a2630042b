import type { TaskName } from "../contender.ts";

const head = `# Performance

Measured by [\`bench\`](../bench/README.md), which writes each section of this page: \`npx -y pnpm@12 bench\`. Whoever
measures again will get other times, and should get much the same ratios. The peers have the versions of
[bench/package.json](../bench/package.json); how each is used stands in [bench/src/contenders](../bench/src/contenders).
`;

/**
 * Puts a task's section in its place in the document, and leaves the others as they are. `order` is that of all tasks;
 * a document that is not there yet is begun.
 */
export function replaceSection(
  document: string | undefined,
  task: TaskName,
  section: string,
  order: readonly TaskName[],
): string {
  const sections = new Map(order.map((name) => [name, readSection(document ?? "", name)]));
  sections.set(task, section);
  const parts = [...sections].flatMap(([name, text]) =>
    text === undefined ? [] : [`${markOf(name)}\n${text}\n${endOf(name)}\n`],
  );
  return [head, ...parts].join("\n");
}

function readSection(document: string, name: TaskName): string | undefined {
  const start = document.indexOf(markOf(name));
  const end = document.indexOf(endOf(name));
  return start < 0 || end < start ? undefined : document.slice(start + markOf(name).length, end).trim();
}

function markOf(name: TaskName): string {
  return `<!-- bench: ${name} -->`;
}

function endOf(name: TaskName): string {
  return `<!-- end of ${name} -->`;
}
