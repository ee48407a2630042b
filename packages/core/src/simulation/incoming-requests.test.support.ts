import { AsyncLocalStorage } from "node:async_hooks";

/** One request of a Worker. What it started dies with it. */
interface IncomingRequest {
  isKilled: boolean;
  /** How many promises its `waitUntil` still waits for. */
  kept: number;
}

/** The requests of a Worker: whatever a killed one has set or sent, it hears no more of. */
export interface IncomingRequests {
  /** Runs what one request does. `isKept`: whether it hands a `waitUntil` on. */
  handle<T>(isKept: boolean, work: (waitUntil: WaitUntil | undefined) => T): T;
  /** For a timer that is set now: whether it is still of use later. */
  isAlive(): () => boolean;
  /** Ends all requests; without `hard`, those with a promise in `waitUntil` live on. */
  kill(hard: boolean): void;
}

type WaitUntil = (promise: Promise<unknown>) => void;

export function createIncomingRequests(): IncomingRequests {
  const current = new AsyncLocalStorage<IncomingRequest>();
  let open: IncomingRequest[] = [];
  return {
    handle(isKept, work) {
      const request: IncomingRequest = { isKilled: false, kept: 0 };
      open.push(request);
      const waitUntil: WaitUntil = (promise) => {
        request.kept += 1;
        const end = () => {
          request.kept -= 1;
        };
        promise.then(end, end);
      };
      return current.run(request, work, isKept ? waitUntil : undefined);
    },
    isAlive() {
      const request = current.getStore();
      return () => !request?.isKilled;
    },
    kill(hard) {
      for (const request of open) request.isKilled ||= hard || request.kept === 0;
      open = open.filter((request) => !request.isKilled);
    },
  };
}
