import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

/** A Chromium that runs on this machine. */
export interface Chromium {
  readonly path: string;
  /** What it runs with: where the libraries and fonts are that it brings along. */
  readonly env: { readonly [name: string]: string };
}

const packed = import.meta.resolve("@sparticuz/chromium");

/**
 * The Chromium that is in an npm package, unpacked into a folder in `cache`, now or earlier. Nothing is installed: of
 * the system it needs the C library alone.
 */
export async function unpackChromium(cache: string): Promise<Chromium> {
  if (process.platform !== "linux" || process.arch !== "x64") {
    throw new Error(
      `The Chromium to test with is for Linux on x64; this is ${process.platform}, ${process.arch}`,
    );
  }
  const { version } = JSON.parse(await readFile(new URL("../package.json", packed), "utf8"));
  const folder = join(cache, `chromium-${version}`);
  if (!existsSync(folder)) await fillFolder(folder);
  return {
    path: join(folder, "chromium"),
    env: { LD_LIBRARY_PATH: join(folder, "al2023/lib"), FONTCONFIG_FILE: join(folder, "fonts.conf") },
  };
}

async function fillFolder(folder: string): Promise<void> {
  await mkdir(dirname(folder), { recursive: true });
  // Made beside its place and moved there whole: tests of several processes may be here at once.
  const unpacked = await mkdtemp(`${folder}-`);
  try {
    const script = `import { default as chromium } from ${JSON.stringify(packed)}; await chromium.executablePath();`;
    // It unpacks into the folder for temporary files, and its libraries where Amazon's Linux lacks them alone.
    const env = { ...process.env, TMPDIR: unpacked, AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x" };
    await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", script], { env });
    await writeFile(join(unpacked, "fonts.conf"), fontsIn(folder));
    await rename(unpacked, folder).catch((error: NodeJS.ErrnoException) => {
      // Another process was faster.
      if (error.code !== "ENOTEMPTY" && error.code !== "EEXIST") throw error;
    });
  } finally {
    await rm(unpacked, { recursive: true, force: true });
  }
}

/** Text looks the same on every machine, but for fixed-width text: no font for that comes along. */
function fontsIn(folder: string): string {
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${join(folder, "fonts/fonts")}</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir>${join(folder, "fonts-cache")}</cachedir>
  ${["sans-serif", "serif", "system-ui"].map((family) => alias(family, "Open Sans")).join("\n  ")}
  ${alias("monospace", "DejaVu Sans Mono")}
</fontconfig>
`;
}

function alias(family: string, font: string): string {
  return `<alias binding="strong"><family>${family}</family><prefer><family>${font}</family></prefer></alias>`;
}
