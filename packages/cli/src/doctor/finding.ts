/** What a check found. */
export type Finding =
  | { readonly status: "ok"; readonly detail: string }
  | {
      readonly status: "fault";
      /** A stable name to branch on. */
      readonly fault: Fault;
      readonly cause: string;
      /** What to do about it. */
      readonly mend: string;
    }
  /** Nothing to find out, as things stand. */
  | { readonly status: "skipped"; readonly detail: string };

export type Fault =
  | "settings_missing"
  | "settings_spaces"
  | "settings_quotes"
  | "settings_invisible"
  | "settings_placeholder"
  | "settings_malformed"
  | "dns_failed"
  | "proxy_unreachable"
  | "proxy_auth_needed"
  | "proxy_refused"
  | "tls_expired"
  | "tls_not_yet_valid"
  | "tls_wrong_host"
  | "tls_untrusted"
  | "tls_not_spoken"
  | "connection_refused"
  | "connection_broken"
  | "no_answer"
  | "answer_too_large"
  | "clock_skew"
  | "token_endpoint_html"
  | "token_endpoint_redirect"
  | "token_endpoint_not_found"
  | "token_endpoint_unavailable"
  | "token_endpoint_not_oauth"
  | "token_answer_invalid"
  | "credentials_refused"
  | "credentials_swapped"
  | "credentials_too_long"
  | "secret_wrong"
  | "client_auth_method"
  | "grant_not_allowed"
  | "token_request_refused"
  | "scope_not_allowed"
  | "scope_narrowed"
  | "scope_insufficient"
  | "api_html"
  | "api_redirect"
  | "api_not_found"
  | "api_unavailable"
  | "api_not_json"
  | "tenant_missing"
  | "tenant_refused"
  | "call_refused"
  | "token_rejected";

export function ok(detail: string): Finding {
  return { status: "ok", detail };
}

export function fault(name: Fault, cause: string, mend: string): Finding & { status: "fault" } {
  return { status: "fault", fault: name, cause, mend };
}

export function skipped(detail: string): Finding {
  return { status: "skipped", detail };
}
