/** What a server answered to a request that carries nothing secret. */
export interface BareAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
  /** When it was sent and when its head came, epoch ms. */
  readonly sentAt: number;
  readonly answeredAt: number;
}

/** GET, or POST where there is a form. Follows no redirect. */
export async function bareRequest(
  url: URL,
  { form, timeout, signal }: { form?: string; timeout: number; signal: AbortSignal },
): Promise<BareAnswer> {
  const sentAt = Date.now();
  const response = await fetch(url, {
    ...(form === undefined ? {} : { method: "POST", body: new URLSearchParams(form) }),
    headers: { accept: "application/json" },
    redirect: "manual",
    signal: AbortSignal.any([signal, AbortSignal.timeout(timeout)]),
  });
  const answeredAt = Date.now();
  const { status, headers } = response;
  return { status, headers, body: await response.text(), sentAt, answeredAt };
}

export function isHtml({ headers, body }: Pick<BareAnswer, "headers" | "body">): boolean {
  return /text\/html/i.test(headers.get("content-type") ?? "") || /^\s*<(!doctype|html)/i.test(body);
}
