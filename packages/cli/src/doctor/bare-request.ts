/** What a server answered to a request that carries nothing secret. */
export interface BareAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
  /** When it was sent and when its head came, epoch ms. */
  readonly sentAt: number;
  readonly answeredAt: number;
}

/** Enough to tell what it is. */
const readBytes = 65_536;

/** GET, or POST where there is a form. Follows no redirect, and reads no more than the beginning of the answer. */
export async function bareRequest(
  url: URL,
  given: { form?: string; headers?: Record<string, string>; timeout: number; signal: AbortSignal },
): Promise<BareAnswer> {
  const { form, headers: further, timeout, signal } = given;
  const sentAt = Date.now();
  const response = await fetch(url, {
    ...(form === undefined ? {} : { method: "POST", body: new URLSearchParams(form) }),
    headers: { ...further, accept: "application/json" },
    redirect: "manual",
    signal: AbortSignal.any([signal, AbortSignal.timeout(timeout)]),
  });
  const answeredAt = Date.now();
  const { status, headers } = response;
  return { status, headers, body: await beginningOf(response), sentAt, answeredAt };
}

async function beginningOf({ body }: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const bytes of body ?? []) {
    text += decoder.decode(bytes, { stream: true });
    if (text.length >= readBytes) break;
  }
  return text;
}

export function isHtml({ headers, body }: Pick<BareAnswer, "headers" | "body">): boolean {
  return /text\/html/i.test(headers.get("content-type") ?? "") || /^\s*<(!doctype|html)/i.test(body);
}
