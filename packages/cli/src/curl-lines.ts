import { type Settings, scopeOf, tokenUrlOf } from "./settings.ts";

/** A token request and a call for a POSIX shell; secret and token go through pipes, where no process list shows them. */
export function curlLines(
  settings: Settings,
  tenant: string | false | undefined,
  token: string | undefined,
): string[] {
  const base = (settings["PERSONIFY_API_BASE_URL"] ?? "").replace(/\/$/, "");
  const tenantId = tenant === false ? undefined : settings["PERSONIFY_TENANT_ID"];
  return [
    [
      `printf %s "$PERSONIFY_CLIENT_SECRET" | curl -sS ${quoted(tokenUrlOf(settings))}`,
      "-d grant_type=client_credentials",
      `--data-urlencode ${quoted(`client_id=${settings["PERSONIFY_CLIENT_ID"]}`)}`,
      "--data-urlencode client_secret@-",
      `--data-urlencode ${quoted(`scope=${scopeOf(settings)}`)}`,
    ].join(" "),
    [
      `printf 'Authorization: Bearer %s' ${token ?? '"$(personify token --show)"'} | curl -sS -H @-`,
      quoted(`${base}/api/v1/exhibitor/event/EVENT_ID?Page=1&ItemsPerPage=20`),
      ...(tenantId === undefined ? [] : [`-H ${quoted(`X-Tenant-Id: ${tenantId}`)}`]),
    ].join(" "),
  ];
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
