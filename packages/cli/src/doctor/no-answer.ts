import { isPersonifyError } from "@personify-auth/core";
import { certificateFault } from "./certificate-fault.ts";
import { type Finding, fault } from "./finding.ts";

/** The finding where no answer came from `url`, by what the runtime threw. */
export function noAnswer(error: unknown, url: URL): Finding & { status: "fault" } {
  const { host, hostname } = url;
  const code = codeOf(error);
  switch (code) {
    case "ECONNREFUSED":
      return fault(
        "connection_refused",
        `nothing listens at ${host} (${code})`,
        "check host and port of the URL; ask whether the server is up",
      );
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return fault("dns_failed", `no address for ${hostname} (${code})`, "check the host name of the URL");
    case "ECONNRESET":
    case "EPIPE":
    case "UND_ERR_SOCKET":
      return fault(
        "connection_broken",
        `${host} closed the connection in the middle of an answer (${code})`,
        "try again; if it stays, look for a firewall, proxy or load balancer in between",
      );
    case "response_too_large":
      return fault(
        "answer_too_large",
        `${host} answers far more than was asked for`,
        "check the URL: it may be that of a page or a download",
      );
  }
  if (/CERT|UNABLE_TO|SELF_SIGNED|SSL|TLS|^EPROTO$/.test(code))
    return certificateFault(code, host, undefined);
  if (code.startsWith("HPE_")) {
    return fault("connection_broken", `${host} does not speak HTTP (${code})`, "check the port of the URL");
  }
  return fault(
    "no_answer",
    `no whole answer came from ${host} in time (${code})`,
    "look for a firewall that drops connections, or a server that hangs; try from another network",
  );
}

function codeOf(error: unknown): string {
  // Core's errors name the code in the message, and nothing else of what was thrown.
  if (isPersonifyError(error)) return /\(([A-Z][A-Z0-9_]+)\)/.exec(error.message)?.[1] ?? error.code;
  let current = error as { code?: unknown; name?: string; cause?: unknown; errors?: unknown[] } | undefined;
  for (let depth = 0; depth < 5 && current !== undefined; depth++) {
    if (typeof current.code === "string") return current.code;
    const next = current.cause ?? current.errors?.[0];
    if (next === undefined) return current.name ?? "unknown";
    current = next as typeof current;
  }
  return "unknown";
}
