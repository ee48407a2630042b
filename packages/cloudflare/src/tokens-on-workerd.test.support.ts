import { DurableObject } from "cloudflare:workers";
import { PersonifyTokenStore as Published } from "./index.ts";

/** Also tells what it has stored, and has its alarm go off when told to. */
export class PersonifyTokenStore extends Published {
  stored(): string[] {
    const kv = this.ctx.storage.kv as unknown as { list(): Iterable<[string, unknown]> };
    return Array.from(kv.list(), ([name]) => name);
  }

  goOff(): Promise<void> {
    return this.alarm();
  }
}

/** Classes of an app's own, bound by mistake. */
export class Counter extends DurableObject {}
export class Legacy {
  fetch(): Response {
    return new Response("0");
  }
}

export default { fetch: (): Response => new Response("Durable Objects only") };
