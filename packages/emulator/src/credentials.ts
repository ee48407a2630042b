/** What a client needs to get a token and to call the API. */
export interface Credentials {
  /** The client identifier. */
  readonly clientId: string;
  /** The client secret. */
  readonly clientSecret: string;
  /** The first tenant's id. */
  readonly tenantId: string;
  /** Space-separated. */
  readonly scope: string;
}
