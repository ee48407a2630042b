import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { listConsumers } from "./consumer.test.support.ts";
import { fencesOf, installedBy } from "./fences.test.support.ts";
import { listPages, trialsOf } from "./snippets.test.support.ts";

const here = join(import.meta.dirname, "..");
const consumers = listConsumers();

describe.each(listPages())("%s", (page) => {
  it("has the fences of code that snippets.test.support.ts tells how to try, and no others", () => {
    expect(fencesOf(page).map(({ language }) => language)).toEqual(
      trialsOf(page).map(([language]) => language),
    );
  });

  it("quotes, installs and hands on what is tried", () => {
    for (const [index, [, trial]] of trialsOf(page).entries()) {
      const code = fencesOf(page)[index]?.code ?? "";
      if ("of" in trial) expect(consumers.map(({ name }) => name)).toContain(trial.of);
      if (trial.as === "quotation") {
        const lines = readFileSync(join(here, trial.file), "utf8")
          .split("\n")
          .map((line) => line.trim());
        expect(lines).toEqual(expect.arrayContaining(code.trim().split("\n")));
      }
      if (trial.as === "repetition") {
        expect(commandsOf(fencesOf(trial.page))).toEqual(expect.arrayContaining(commandsOf([{ code }])));
      }
      if (trial.as === "input") expect(existsSync(join(here, "../..", trial.to))).toBe(true);
      if (trial.as === "install") {
        const consumer = consumers.find(({ name }) => name === trial.of);
        const names = [...(consumer?.ours ?? []), ...(consumer?.others ?? [])].map((each) =>
          each.replace(/(?<!^)@.*/, ""),
        );
        expect(names).toEqual(expect.arrayContaining(installedBy(page)));
      }
    }
  });
});

/** Lines of a shell, without comments. */
function commandsOf(fences: readonly { readonly code: string }[]): string[] {
  return fences
    .flatMap(({ code }) => code.trim().split("\n"))
    .map((line) => line.replace(/\s+#.*|^\s+/g, "").trim());
}
