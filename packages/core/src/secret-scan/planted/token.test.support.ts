import { expect } from "vitest";
import { emulated } from "../../client.test.support.ts";

/** A token of an emulator that closes with the test, and the secret that it was granted for. */
export async function obtainToken(): Promise<{ token: string; clientSecret: string; apiBaseUrl: string }> {
  const { emulator, client } = await emulated();
  const { value } = await client().getAccessToken();
  expect(value.length).toBeGreaterThan(100);
  return { token: value, clientSecret: emulator.credentials.clientSecret, apiBaseUrl: emulator.apiBaseUrl };
}
