/** What a client needs to get a token and to call the API. */
export interface Credentials {
  readonly clientId: string;
  readonly clientSecret: string;
  /** The first tenant's id. */
  readonly tenantId: string;
  /** Space-separated. */
  readonly scope: string;
}
