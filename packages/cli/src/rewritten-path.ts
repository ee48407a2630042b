import { UsageError } from "./usage-error.ts";

/** Git Bash on Windows makes a file's path of an argument that begins with a slash. */
export function refuseRewrittenPath(path: string): void {
  if (!/^[A-Za-z]:[\\/]/.test(path)) return;
  throw new UsageError(
    "The path is one of a Windows file: Git Bash rewrites /api/…; set MSYS_NO_PATHCONV=1, or use another shell",
  );
}
