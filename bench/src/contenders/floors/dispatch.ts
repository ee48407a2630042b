import { getGlobalDispatcher } from "undici";
import type { Running, Target } from "../../contender.ts";
import { constantAuthorization } from "./constant-authorization.ts";

/** The least that undici can do: no stream, no limits. */
export async function setUp({ origin, apiPath, ...target }: Target): Promise<Running> {
  const headers = await constantAuthorization({ origin, apiPath, ...target });
  return {
    call: () =>
      new Promise((resolve, reject) => {
        const chunks: Buffer[] = [];
        getGlobalDispatcher().dispatch(
          { origin, path: apiPath, method: "GET", headers },
          {
            onRequestStart() {},
            onResponseStart() {},
            onResponseData: (_controller, chunk) => void chunks.push(chunk),
            onResponseEnd: () => resolve(JSON.parse(Buffer.concat(chunks).toString())),
            onResponseError: (_controller, error) => reject(error),
          },
        );
      }),
  };
}
