declare module "undici-oidc-interceptor" {
  import type { Dispatcher } from "undici7";

  export function createOidcInterceptor(options: {
    clientId: string;
    clientSecret: string;
    idpTokenUrl: string;
    retryOnStatusCodes: readonly number[];
    urls: readonly string[];
  }): Dispatcher.DispatcherComposeInterceptor;
}
